import type { Operation } from '../../src/domain/environment.ts';
import type { PollJob } from '../../src/poller/schedule/poll-job.ts';
import { newScanState } from '../../src/scan/memory/scan-state.ts';
import { environment } from './environments.ts';

let order = 0;

/** A poll job that is due at once, was never read and does not fail. Each comes after the one made before. */
export function newPollJob(id: string, operation: Operation, change: Partial<PollJob> = {}): PollJob {
  const intervalMs = operation === 'stats' ? 15_000 : 30_000;
  return {
    environment: environment(id),
    operation,
    order: order++,
    configuredMs: intervalMs,
    intervalMs,
    changedAt: 0,
    dueAt: 0,
    running: false,
    waiting: false,
    readAgain: false,
    neverRead: true,
    requestsPerRead: null,
    failing: null,
    slow: false,
    provenAt: null,
    scanState: newScanState(),
    ...change,
  };
}

/** Begins a full scan of the job's list. */
export function beginFullScan({ scanState }: PollJob): void {
  scanState.fullScans.begin({ startedAt: 0, startedMonotonic: 0, startedInScan: 1, urgent: false, leftOutBefore: 0 });
}
