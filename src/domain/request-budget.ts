/** Share of a budget that scheduled reads may use; the rest is for retries, discovery and probes. algorithms.md, 3. */
export const SCHEDULED_SHARE = 0.9;
