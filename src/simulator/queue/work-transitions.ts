import type { EpochMs } from '../../base/clock.ts';
import type { Random } from '../../base/random.ts';
import type { ApiStamps } from './api-stamps.ts';
import { Leases, NEVER } from './leases.ts';
import type { RecordMaker } from './new-work.ts';
import type { Switches } from './switches.ts';
import type { WorkIndex } from './work-index.ts';
import type { WorkRecord } from './work-record.ts';
import { WorkTotals } from './work-totals.ts';

export interface WorkTransitionsOptions {
  readonly maker: RecordMaker;
  readonly stamps: ApiStamps;
  readonly index: WorkIndex;
}

/**
 * Moves items from state to state (docs/design/work-api.md#life-of-a-work-item): the stamps, the lease and the totals
 * of each move.
 *
 * `WorkQueue` decides whether a move is allowed; callers ask it first.
 */
export class WorkTransitions {
  readonly totals = new WorkTotals();
  readonly leases: Leases;
  /** Waiting and pending items, in the order in which they were queued. */
  readonly queued = new Set<WorkRecord>();
  readonly #random: Random;
  readonly #switches: Switches;
  readonly #stamps: ApiStamps;
  readonly #index: WorkIndex;

  constructor({ maker, stamps, index }: WorkTransitionsOptions) {
    this.#random = maker.random;
    this.#switches = maker.switches;
    this.#stamps = stamps;
    this.#index = index;
    this.leases = new Leases(maker.switches, stamps);
  }

  enqueue(now: EpochMs, work: WorkRecord): void {
    if (this.#switches.requeueStamps === 'cleared') {
      work.acknowledgedAt = null;
      work.stopRequestedAt = null;
      work.stoppedAt = null;
    }
    this.leases.drop(work);
    work.latestHeartbeatAt = null;
    work.state = 'queued';
    work.claimedAt = null;
    work.queuedAt = this.#stamps.at(now);
    work.startedAt = this.#stamps.enqueued(now, this.#random);
    this.queued.add(work);
  }

  claim(now: EpochMs, work: WorkRecord): void {
    work.claimedAt = now;
    work.deliveries++;
    this.#capEnqueueStamp(now, work);
  }

  acknowledge(now: EpochMs, work: WorkRecord): void {
    work.state = 'starting';
    work.claimedAt = null;
    work.acknowledgements++;
    work.acknowledgedAt = this.#stamps.at(now);
    this.#capEnqueueStamp(now, work);
    this.queued.delete(work);
    this.totals.countAcknowledged(work, this.#switches.startedAt);
    this.leases.grant(now, work, this.leases.grantedTtl(null));
  }

  /** A heartbeat: the item becomes active, unless it was asked to stop. */
  heartbeat(now: EpochMs, work: WorkRecord, ttlSeconds: number): void {
    if (work.state !== 'stopping') work.state = 'active';
    work.latestHeartbeatAt = this.#stamps.after(now, work.latestHeartbeatAt);
    if (this.#switches.startedAt === 'first-heartbeat') work.startedAt ??= work.latestHeartbeatAt;
    this.leases.grant(now, work, ttlSeconds);
  }

  /** Asks the worker to stop, or stops the item at once if that is forced or nobody holds it. */
  stop(now: EpochMs, work: WorkRecord, force: boolean): void {
    // Within a run the first request counts; one left from an earlier run does not.
    if (work.stopRequestedAt === null || work.stopRequestedAt < work.queuedAt) {
      work.stopRequestedAt = this.#stamps.at(now);
    }
    if (force || work.state === 'queued') {
      this.end(now, work);
      return;
    }
    work.state = 'stopping';
    this.leases.changed(work);
  }

  end(now: EpochMs, work: WorkRecord): void {
    this.queued.delete(work);
    this.leases.drop(work);
    work.state = 'stopped';
    work.claimedAt = null;
    work.acknowledgements = 0;
    work.stoppedAt = this.#stamps.at(now);
    this.totals.countStopped(work);
    const retention = this.#switches.retentionSeconds;
    if (retention !== null) this.leases.wakeAt(now + retention * 1000);
  }

  /** Applies what happens by time alone, each at its due moment: lapsed leases, abandoned stops, retention. */
  expire(now: EpochMs): void {
    if (!this.leases.isDue(now)) return;
    for (const { work, at } of this.leases.expired(now)) {
      if (work.state === 'stopping') this.end(at, work);
      else this.#lapse(at, work);
    }
    this.leases.reschedule(this.#forget(now));
  }

  /** Makes every item claimable again and stops what nobody would stop. */
  release(now: EpochMs): void {
    for (const work of this.queued) work.claimable = true;
    for (const work of this.leases.abandoned(now)) this.end(now, work);
  }

  #lapse(now: EpochMs, work: WorkRecord): void {
    this.totals.lapsed++;
    this.enqueue(now, work);
  }

  /** The enqueue stamp is never later than the stamps that follow it. */
  #capEnqueueStamp(now: EpochMs, work: WorkRecord): void {
    if (work.startedAt !== null) work.startedAt = Math.min(work.startedAt, this.#stamps.at(now));
  }

  /** Forgets stopped items after their retention; returns when the next one is due. */
  #forget(now: EpochMs): EpochMs {
    const retention = this.#switches.retentionSeconds;
    if (retention === null) return NEVER;
    const next = this.#index.forgetStopped(this.#stamps.at(now - retention * 1000));
    return next === null ? NEVER : this.#stamps.moment(next) + retention * 1000;
  }
}
