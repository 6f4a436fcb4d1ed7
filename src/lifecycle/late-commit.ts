/**
 * How long after its stamps a row may become visible and still be seen by the next incremental scan: by then it stands
 * among older rows (docs/design/list-scan.md#incremental-scan).
 */
export const LATE_COMMIT_MS = 60_000;

/**
 * How long after its stamps a row may become visible and still be counted. Beyond the limit above only a full scan
 * finds it, so W stays this far behind the start of a full scan: docs/design/counting.md#the-watermark-w.
 */
export const LATEST_COMMIT_MS = 10 * LATE_COMMIT_MS;
