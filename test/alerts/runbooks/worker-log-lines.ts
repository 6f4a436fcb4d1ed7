/** What the official workers log, in the versions that package.json, test/tools/sdk and test/tools/python pin. */
export interface WorkerLogLine {
  readonly javascript: string;
  /** Without what is filled in. */
  readonly python: string;
  readonly go: string;
}

/** One event a row: who searches for it in one language must find it in all. */
export const WORKER_LOG_LINES: readonly WorkerLogLine[] = [
  {
    javascript: 'poll failed permanently',
    python: 'poll failed permanently error=',
    go: 'poll hit permanent 4xx; stopping',
  },
  { javascript: 'poll failed, backing off', python: 'poll failed, backing off', go: 'poll failed, backing off' },
  { javascript: 'idle; polling for work', python: 'idle; polling environment_id=', go: 'idle; polling for work' },
  {
    javascript: 'ack failed',
    python: 'ack failed work_id=',
    go: 'ack failed, discarding work item',
  },
  {
    javascript: 'lease lost: heartbeat precondition failed',
    python: 'lease lost: heartbeat precondition failed',
    go: 'lease lost: heartbeat precondition failed',
  },
  {
    javascript: 'lease assumed lost: no heartbeat succeeded in time',
    python: 'lease assumed lost: no heartbeat succeeded in time',
    go: 'heartbeat staleness ceiling exceeded; lease presumed expired',
  },
  {
    javascript: 'permanent heartbeat failure',
    python: 'permanent heartbeat failure',
    go: 'permanent heartbeat failure',
  },
  {
    javascript: 'heartbeat signals shutdown',
    python: 'heartbeat signals shutdown',
    go: 'heartbeat reports shutdown',
  },
  {
    javascript: 'work item failed',
    python: 'work item failed',
    go: 'session tool runner exited with error',
  },
  // The others say it as a `work item failed`.
  { javascript: 'work item failed', python: 'work item failed', go: 'session lookup failed' },
  { javascript: 'work item failed', python: 'work item failed', go: 'memory store download failed' },
  { javascript: 'work item failed', python: 'work item failed', go: 'memory stores cannot be mounted' },
  {
    javascript: 'not executing tool',
    python: 'not executing tool',
    go: 'tool not owned by this runner',
  },
];
