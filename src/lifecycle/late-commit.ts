/**
 * How late a row may become visible after its stamps and still be seen by the next scan: it then stands among older rows
 * (docs/design/list-scan.md#incremental-scan).
 */
export const LATE_COMMIT_MS = 60_000;

/**
 * How late it may become visible and still be counted. Only a full scan finds what is later than the incremental scan
 * looks for, so W stays this far behind the start of a full scan: docs/design/counting.md#the-watermark-w.
 */
export const LATEST_COMMIT_MS = 10 * LATE_COMMIT_MS;
