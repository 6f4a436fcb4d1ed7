import { triggersList } from './list-trigger.ts';
import { planPoll } from './plan-poll.ts';
import type { PollConnection } from './reads/poll-connection.ts';
import { pollPermits } from './reads/poll-permits.ts';
import type { ReadContext } from './reads/poll-read.ts';
import type { PollerDeps, SaveLedger } from './reads/poller-deps.ts';
import { type EndedPoll, runPoll } from './reads/run-poll.ts';
import type { JobQueue } from './schedule/job-queue.ts';
import { type PollJob, runsUrgentFullScan } from './schedule/poll-job.ts';
import type { ScanQuota } from './schedule/scan-quota.ts';
import type { FleetSize } from './schedule/ticks.ts';

export interface PollRunnerDeps extends PollerDeps {
  readonly connection: () => PollConnection;
  readonly queue: JobQueue;
  readonly quota: ScanQuota;
  readonly fleet: FleetSize;
  /** Lets the scheduler start what is due: another job may be able to start. */
  readonly dispatch: () => void;
}

/** Runs one read of a job, then plans the next one, triggers a read of the list if need be, and reports. */
export class PollRunner {
  readonly #deps: PollRunnerDeps;

  constructor(deps: PollRunnerDeps) {
    this.#deps = deps;
  }

  /** A read that was called off changes nothing. */
  async run(job: PollJob, signal: AbortSignal): Promise<void> {
    const ended = await runPoll(job, this.#contextOf(job, signal));
    if (signal.aborted) return;
    planPoll(job, ended, this.#deps);
    this.#trigger(job, ended);
    this.#report(job, ended);
  }

  #contextOf(job: PollJob, signal: AbortSignal): ReadContext {
    const { connection, states, clock, saveLedger, queue, quota, dispatch } = this.#deps;
    const freeSlot = () => {
      queue.leaveSlot(job);
      dispatch();
    };
    return {
      connection: connection(),
      api: () => connection().api,
      states,
      clock,
      signal,
      permits: pollPermits(job, {
        quota,
        scanning: queue.scanning().length,
        setWaiting: (isWaiting) => {
          queue.setWaiting(job, isWaiting);
          if (isWaiting) dispatch();
        },
      }),
      saveLedger: saveLedger && withoutSlot(saveLedger, freeSlot),
    };
  }

  /** Reads the list at once if the new stats are a reason to. */
  #trigger({ environment, operation }: PollJob, { before }: EndedPoll): void {
    if (operation !== 'stats') return;
    const { states, queue, connection } = this.#deps;
    const after = states.get(environment.id);
    const list = queue.get({ environment, operation: 'list' });
    if (list === undefined || !before || !after) return;
    const facts = { runsUrgentFullScan: runsUrgentFullScan(list), skewMs: connection().skewMs() };
    if (triggersList(before, after, facts)) this.#readNow(list);
  }

  #report({ environment, operation, scanState }: PollJob, { before, lastRescan }: EndedPoll): void {
    const { states, log } = this.#deps;
    log.pollEnded(operation, before, states.get(environment.id));
    const { last } = scanState.rescans;
    if (last !== null && last !== lastRescan) log.listRescanned(environment, last.reason);
  }

  /** Reads now. If a read is under way, it may have passed the relevant page already: then once more after it. */
  #readNow(job: PollJob): void {
    if (job.failing !== null) return;
    job.readAgain = job.running;
    job.dueAt = Math.min(job.dueAt, this.#deps.clock.monotonic());
    this.#deps.queue.dueTimeChanged(job);
  }
}

/** When a read waits for the disk, all of its requests have ended: a slow disk must not take the slots of other reads. */
function withoutSlot(saveLedger: SaveLedger, leaveSlot: () => void): SaveLedger {
  return (environment, ledger, change) => {
    const saved = saveLedger(environment, ledger, change);
    if (saved !== null && change === 'counted') leaveSlot();
    return saved;
  };
}
