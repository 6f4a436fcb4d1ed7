import type { EpochMs } from '../base/clock.ts';
import type { Random } from '../base/random.ts';
import { formatTimestamp } from '../wire/timestamp.ts';
import { compareBeat, type HeartbeatAnswer, type HeartbeatRequest } from './heartbeat.ts';
import { randomId } from './identity.ts';
import { endedRecord, type NewWork, newRecord, type RecordMaker } from './new-work.ts';
import { PollWindow } from './poll-window.ts';
import { Refusal } from './refusal.ts';
import type { Switches } from './switches.ts';
import { WorkIndex } from './work-index.ts';
import type { ListPage, ListPageRequest } from './work-list.ts';
import type { WorkRecord } from './work-record.ts';
import { WorkTotals } from './work-totals.ts';

/** Default of `reclaim_older_than_ms` (work-api.md, 5). */
const DEFAULT_RECLAIM_MS = 5000;
/** The enqueue stamp was recorded 100 to 150 ms after `created_at`. */
const ENQUEUE_STAMP_MS = { least: 100, spread: 50 } as const;
const NEVER = Number.POSITIVE_INFINITY;

export interface PollRequest {
  /** Null when the poller sent no worker id: it then does not count as polling. */
  readonly workerId: string | null;
  readonly reclaimOlderThanMs?: number;
}

export interface QueueCounts {
  readonly depth: number;
  readonly pending: number;
  readonly oldestQueuedAt: EpochMs | null;
  readonly workersPolling: number;
}

/**
 * The work of one environment: the state machine of work-api.md, section 7.
 *
 * Every operation of the API is one method here, and the workers inside the simulated world call the same methods as the
 * HTTP routes. Nothing reads a clock: each method is told the time, which must not go back. Methods throw a `Refusal` when
 * the API would refuse.
 */
export class WorkQueue {
  readonly switches: Switches;
  readonly totals = new WorkTotals();
  /** Milliseconds by which the API's stamps are ahead of the world's time. */
  skewMs = 0;
  /** Seconds of lease that a scenario wants instead of the switch's. */
  leaseTtlSeconds: number | null = null;
  readonly #maker: RecordMaker;
  readonly #index = new WorkIndex();
  /** Waiting and pending items, in the order in which they were queued. */
  readonly #queued = new Set<WorkRecord>();
  readonly #held = new Set<WorkRecord>();
  readonly #polls = new PollWindow();
  /** Nothing expires before. */
  #nextExpiry = NEVER;
  #nextSeq = 0;
  #firstSeq = 0;

  constructor(options: { readonly switches: Switches; readonly random: Random }) {
    this.switches = options.switches;
    this.#maker = options;
  }

  /** The API's stamp for a moment: microseconds, skew included. */
  stamp(now: EpochMs): EpochMs {
    return Math.round((now + this.skewMs) * 1000) / 1000;
  }

  /** A stamp as the API writes it. */
  text(stamp: EpochMs): string {
    return formatTimestamp(stamp, this.switches.fractionDigits);
  }

  create(now: EpochMs, work: NewWork = {}): WorkRecord {
    this.expire(now);
    const record = newRecord(this.#maker, { seq: this.#nextSeq++, createdAt: this.stamp(now) }, work);
    this.#index.add(record);
    this.totals.created++;
    this.#enqueue(now, record);
    return record;
  }

  /** Puts the session of a stopped item back into the queue, under the same id; anything else is left as it is. */
  requeue(now: EpochMs, work: WorkRecord): void {
    this.expire(now);
    if (work.state !== 'stopped' || !this.#index.has(work)) return;
    this.totals.requeued++;
    this.#enqueue(now, work);
  }

  /** Adds `count` sessions that ended long ago, evenly over `spanMs` before `until`. Cheap: no events are simulated. */
  addHistory(count: number, until: EpochMs, spanMs: number): void {
    this.#firstSeq -= count;
    const history = Array.from({ length: count }, (_, number) =>
      endedRecord(this.#maker, {
        seq: this.#firstSeq + number,
        createdAt: this.stamp(until - spanMs + (spanMs * number) / count),
      }),
    );
    for (const work of history) {
      this.#countWait(work);
      this.#countStop(work);
    }
    this.totals.created += count;
    this.totals.acknowledged += count;
    this.#index.addOlder(history);
  }

  /** Hands out the item that waits longest; null when there is none. */
  poll(now: EpochMs, request: PollRequest): WorkRecord | null {
    this.expire(now);
    if (request.workerId !== null) this.#polls.seen(request.workerId, now);
    const reclaimable = now - (request.reclaimOlderThanMs ?? DEFAULT_RECLAIM_MS);
    for (const work of this.#queued) {
      if (!work.claimable || (work.claim !== null && work.claim.at > reclaimable)) continue;
      work.claim = { workerId: request.workerId, at: now };
      work.deliveries++;
      this.#settleEnqueueStamp(now, work);
      if (this.switches.rotateIds && work.deliveries > 1) {
        this.#index.rename(work, randomId('work', this.#maker.random));
      }
      return work;
    }
    return null;
  }

  ack(now: EpochMs, id: string): WorkRecord {
    this.expire(now);
    const work = this.find(id);
    if (work.state === 'queued') {
      this.#acknowledge(now, work);
      return work;
    }
    if (this.switches.repeatedAck === 'item' && (work.state === 'starting' || work.state === 'active')) return work;
    throw new Refusal(409, `Work item ${id} must be in QUEUED state to acknowledge. Current state: ${work.state}.`);
  }

  heartbeat(now: EpochMs, id: string, request: HeartbeatRequest): HeartbeatAnswer {
    this.expire(now);
    const work = this.find(id);
    const ttl = this.#grantedTtl(request.desiredTtlSeconds ?? null);
    if (work.state === 'stopped') return this.#answer(work, false, ttl);
    if (this.switches.beatOnQueued === 'conflict' && work.state === 'queued') {
      throw new Refusal(409, `Work item ${id} is queued; acknowledge it before the first heartbeat.`);
    }
    // A stop that was asked for must reach the worker, whatever beat it believes to be the last.
    if (work.state === 'stopping') {
      const granted = work.latestHeartbeatAt === null ? this.switches.stoppingTtlSeconds : ttl;
      return this.#beat(now, work, granted);
    }
    compareBeat(work, request, { actual: this.#lastBeat(work), switches: this.switches });
    if (work.state === 'queued') this.#acknowledge(now, work);
    work.state = 'active';
    return this.#beat(now, work, ttl);
  }

  /** Graceful: asks the worker to end; forced: ends it at once. Stopping what is stopped changes nothing. */
  stop(now: EpochMs, id: string, force: boolean): WorkRecord {
    this.expire(now);
    const work = this.find(id);
    if (work.state === 'stopped') return work;
    // Within a run the first request counts; one that an earlier run left behind does not.
    if (work.stopRequestedAt === null || work.stopRequestedAt < work.queuedAt) work.stopRequestedAt = this.stamp(now);
    if (force || work.state === 'queued') this.#end(now, work);
    else work.state = 'stopping';
    this.#nextExpiry = Math.min(this.#nextExpiry, this.#expiryOf(work));
    return work;
  }

  /** Merges metadata: a string sets a key, null removes it. */
  update(now: EpochMs, id: string, patch: Readonly<Record<string, string | null>>): WorkRecord {
    this.expire(now);
    const work = this.find(id);
    const merged = Object.entries({ ...work.metadata, ...patch }).filter((entry) => entry[1] !== null);
    work.metadata = Object.fromEntries(merged) as Record<string, string>;
    return work;
  }

  /** @throws Refusal 404 when no item has the id. */
  find(id: string): WorkRecord {
    return this.#index.find(id);
  }

  findSession(sessionId: string): WorkRecord | null {
    return this.#index.findSession(sessionId);
  }

  list(now: EpochMs, request: ListPageRequest): ListPage {
    this.expire(now);
    return this.#index.page(request, this.switches.listOrder);
  }

  /** All items in order of creation. */
  all(): readonly WorkRecord[] {
    return this.#index.all();
  }

  counts(now: EpochMs): QueueCounts {
    this.expire(now);
    let pending = 0;
    let oldestQueuedAt: EpochMs | null = null;
    for (const work of this.#queued) {
      if (work.claim !== null) pending++;
      oldestQueuedAt = Math.min(oldestQueuedAt ?? work.queuedAt, work.queuedAt);
    }
    const depth = this.#queued.size - pending;
    return { depth, pending, oldestQueuedAt, workersPolling: this.#polls.count(now) };
  }

  /** Applies what time alone does, at the moment it was due: lapsed leases, abandoned stops, retention. */
  expire(now: EpochMs): void {
    if (now < this.#nextExpiry) return;
    const due = [...this.#held].filter((work) => this.#expiryOf(work) <= now);
    for (const work of due.toSorted((a, b) => this.#expiryOf(a) - this.#expiryOf(b))) {
      if (work.state === 'stopping') this.#end(this.#expiryOf(work), work);
      else this.#lapse(this.#expiryOf(work), work);
    }
    this.#nextExpiry = this.#forget(now);
    for (const work of this.#held) this.#nextExpiry = Math.min(this.#nextExpiry, this.#expiryOf(work));
  }

  /** Ends what a scenario left behind: items that nobody could take, and `stopping` ones without a worker. */
  release(now: EpochMs): void {
    for (const work of this.#queued) work.claimable = true;
    for (const work of [...this.#held]) if (work.state === 'stopping') this.#end(now, work);
  }

  #expiryOf(work: WorkRecord): EpochMs {
    if (work.state !== 'stopping') return work.lease?.expiresAt ?? NEVER;
    const patience = this.switches.finalizeStoppingSeconds;
    if (patience === null || work.stopRequestedAt === null) return NEVER;
    return Math.max(work.stopRequestedAt - this.skewMs + patience * 1000, work.lease?.expiresAt ?? 0);
  }

  #acknowledge(now: EpochMs, work: WorkRecord): void {
    work.state = 'starting';
    work.claim = null;
    work.acknowledgedAt = this.stamp(now);
    this.#settleEnqueueStamp(now, work);
    this.#queued.delete(work);
    this.#held.add(work);
    this.totals.acknowledged++;
    this.#countWait(work);
    this.#lease(now, work, this.#grantedTtl(null));
  }

  /** The enqueue stamp is never later than what follows from it. */
  #settleEnqueueStamp(now: EpochMs, work: WorkRecord): void {
    if (work.startedAt !== null) work.startedAt = Math.min(work.startedAt, this.stamp(now));
  }

  #grantedTtl(desired: number | null): number {
    const most = this.leaseTtlSeconds ?? this.switches.leaseTtlSeconds;
    return desired === null ? most : Math.min(desired, most);
  }

  #lease(now: EpochMs, work: WorkRecord, ttlSeconds: number): void {
    work.lease = { ttlSeconds, expiresAt: now + ttlSeconds * 1000 };
    this.#nextExpiry = Math.min(this.#nextExpiry, this.#expiryOf(work));
  }

  /** Two beats never have the same stamp, however fast they come: the next one must be able to tell them apart. */
  #beat(now: EpochMs, work: WorkRecord, ttlSeconds: number): HeartbeatAnswer {
    const later = Math.round(((work.latestHeartbeatAt ?? 0) + 0.001) * 1000) / 1000;
    work.latestHeartbeatAt = Math.max(this.stamp(now), later);
    if (this.switches.startedAt === 'first-heartbeat') work.startedAt ??= work.latestHeartbeatAt;
    this.#lease(now, work, ttlSeconds);
    return this.#answer(work, true, ttlSeconds);
  }

  #answer(work: WorkRecord, leaseExtended: boolean, ttlSeconds: number): HeartbeatAnswer {
    return { lastHeartbeat: this.#lastBeat(work) ?? '', leaseExtended, state: work.state, ttlSeconds };
  }

  #lastBeat(work: WorkRecord): string | null {
    return work.latestHeartbeatAt === null ? null : this.text(work.latestHeartbeatAt);
  }

  #lapse(now: EpochMs, work: WorkRecord): void {
    this.#held.delete(work);
    this.totals.lapsed++;
    this.#enqueue(now, work);
  }

  #enqueue(now: EpochMs, work: WorkRecord): void {
    if (this.switches.requeueStamps === 'cleared') {
      work.acknowledgedAt = null;
      work.stopRequestedAt = null;
      work.stoppedAt = null;
    }
    work.latestHeartbeatAt = null;
    work.state = 'queued';
    work.claim = null;
    work.lease = null;
    work.queuedAt = this.stamp(now);
    const offset = ENQUEUE_STAMP_MS.least + ENQUEUE_STAMP_MS.spread * this.#maker.random();
    work.startedAt = this.switches.startedAt === 'enqueue' ? this.stamp(now + offset) : null;
    this.#queued.add(work);
  }

  #end(now: EpochMs, work: WorkRecord): void {
    this.#queued.delete(work);
    this.#held.delete(work);
    work.state = 'stopped';
    work.claim = null;
    work.lease = null;
    work.stoppedAt = this.stamp(now);
    this.#countStop(work);
    const retention = this.switches.retentionSeconds;
    if (retention !== null) this.#nextExpiry = Math.min(this.#nextExpiry, now + retention * 1000);
  }

  #countWait(work: WorkRecord): void {
    const enqueued = this.switches.startedAt === 'enqueue' ? (work.startedAt ?? work.queuedAt) : work.queuedAt;
    if (work.type === 'session') this.totals.observe('wait', work.acknowledgedAt! - enqueued);
  }

  #countStop(work: WorkRecord): void {
    this.totals.stopped++;
    const ran = work.acknowledgedAt !== null && work.acknowledgedAt >= work.queuedAt;
    if (ran) this.totals.observe('run', work.stoppedAt! - work.acknowledgedAt!);
    if (work.stopRequestedAt !== null) this.totals.observe('stop', work.stoppedAt! - work.stopRequestedAt);
  }

  /** Returns when the next stopped item is due. */
  #forget(now: EpochMs): EpochMs {
    const retention = this.switches.retentionSeconds;
    if (retention === null) return NEVER;
    const next = this.#index.forgetStopped(this.stamp(now - retention * 1000));
    return next === null ? NEVER : next - this.skewMs + retention * 1000;
  }
}
