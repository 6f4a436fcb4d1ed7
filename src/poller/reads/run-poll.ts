import type { FailureReason } from '../../domain/failure.ts';
import type { Rescans } from '../../scan/memory/rescans.ts';
import type { EnvironmentState } from '../../state/environment-state.ts';
import type { PollJob } from '../schedule/poll-job.ts';
import { type ReadContext, type ReadEnd, readStats } from './poll-read.ts';
import { readList } from './read-list.ts';

/** How a poll ended, and the state when it began. */
export interface EndedPoll {
  /** Monotonic. */
  readonly startedAt: number;
  readonly end: ReadEnd;
  readonly before: EnvironmentState | undefined;
  readonly wasFailing: FailureReason | null;
  readonly lastRescan: Rescans['last'];
  /** Requests of the read, without those of full scans, which have their own quota. */
  readonly requestsPerRead: number;
  /** The mean time of a request; null for a read with a full scan, which also waits for permits, without a slot. */
  readonly msPerRequest: number | null;
}

/** One poll, from its first request to the new state. Its token has been taken. Never throws. */
export async function runPoll(job: PollJob, context: ReadContext): Promise<EndedPoll> {
  const { states, clock } = context;
  const { rescans, fullScans } = job.scanState;
  const startedAt = clock.monotonic();
  const before = states.get(job.environment.id);
  const [wasFailing, lastRescan, fullScanRequests] = [job.failing, rescans.last, fullScans.requests];
  const end = await (job.operation === 'stats' ? readStats : readList)(job, context);
  const ofFullScans = fullScans.requests - fullScanRequests;
  const msPerRequest = ofFullScans > 0 ? null : (end.answeredAt - startedAt) / Math.max(1, end.requests);
  return { startedAt, end, before, wasFailing, lastRescan, requestsPerRead: end.requests - ofFullScans, msPerRequest };
}
