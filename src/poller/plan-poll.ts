import { nextPollPlanned } from '../state/operation-changes.ts';
import { nextDue } from './next-due.ts';
import type { PollerDeps } from './reads/poller-deps.ts';
import type { EndedPoll } from './reads/run-poll.ts';
import { mayEndTogether } from './schedule/backoff.ts';
import type { JobQueue } from './schedule/job-queue.ts';
import { haveNumbersChanged, learnFromList } from './schedule/poll-demand.ts';
import { type PollJob, runsUrgentFullScan } from './schedule/poll-job.ts';
import type { ScanQuota } from './schedule/scan-quota.ts';
import { isSlow } from './schedule/slow-job.ts';
import type { FleetSize } from './schedule/ticks.ts';

export interface PlanPollDeps extends Pick<PollerDeps, 'states' | 'clock' | 'random'> {
  readonly quota: ScanQuota;
  /** Of the connection. */
  readonly queue: Pick<JobQueue, 'all' | 'size' | 'scanning' | 'dueTimeChanged' | 'get'>;
  readonly fleet: FleetSize;
}

/** Decides when a job whose poll has ended is due again, and writes that into its state. */
export function planPoll(job: PollJob, ended: EndedPoll, deps: PlanPollDeps): void {
  const { states, clock, random, quota, queue, fleet } = deps;
  const { id } = job.environment;
  const { end, before, startedAt, wasFailing } = ended;
  const wasProven = job.provenAt !== null;
  job.neverRead = false;
  if (haveNumbersChanged(before, states.get(id))) job.changedAt = clock.monotonic();
  job.failing = end.failure?.reason ?? null;
  job.slow = isSlow(job, ended.msPerRequest);
  job.provenAt = job.failing === null && !job.slow ? clock.monotonic() : null;
  if (!wasProven && job.provenAt !== null) countOtherAsProven(job, queue);
  if (job.operation === 'list' && end.failure === null) learnFromList(job, states, ended.requestsPerRead);
  const urgentFullScans = () => queue.scanning().filter(runsUrgentFullScan).length;
  const jobs = queue.size;
  const read = { startedAt, end, state: states.get(id), quota };
  job.dueAt = nextDue(job, { ...read, urgentFullScans, jobs, fleet, clock, random });
  if (job.readAgain && job.failing === null) job.dueAt = clock.monotonic();
  job.readAgain = false;
  if (wasFailing !== null && job.failing === null && mayEndTogether(wasFailing))
    tryOthersSoon(job, queue, { clock, random });
  const nextAttemptAt = clock.now() + Math.max(job.dueAt - clock.monotonic(), 0);
  const plan = { nextAttemptAt, backingOff: job.failing !== null };
  states.update(id, (state) => nextPollPlanned(state, job.operation, plan));
}

/** One operation of an environment is proven: the other one counts as proven with it, unless it is slow or fails. */
function countOtherAsProven(
  { environment, operation, provenAt }: PollJob,
  queue: Pick<JobQueue, 'get' | 'dueTimeChanged'>,
): void {
  const other = queue.get({ environment, operation: operation === 'stats' ? 'list' : 'stats' });
  if (other === undefined || other.provenAt !== null || other.slow || other.failing !== null) return;
  other.provenAt = provenAt;
  queue.dueTimeChanged(other);
}

/**
 * An outage of the API ends for all at once: jobs that still back off from a failure of that kind are tried within one
 * interval.
 */
function tryOthersSoon(
  recovered: PollJob,
  queue: Pick<JobQueue, 'all' | 'dueTimeChanged'>,
  { clock, random }: Pick<PollerDeps, 'clock' | 'random'>,
): void {
  const now = clock.monotonic();
  for (const job of queue.all()) {
    if (job === recovered || job.failing === null || !mayEndTogether(job.failing)) continue;
    const soon = Math.max(now + random() * job.intervalMs, job.heldUntil ?? now);
    job.dueAt = Math.min(job.dueAt, soon);
    queue.dueTimeChanged(job);
  }
}
