import type { EpochMs } from '../base/clock.ts';
import type { Random } from '../base/random.ts';
import { formatTimestamp } from '../wire/timestamp.ts';
import { randomId } from './identity.ts';
import { Refusal } from './refusal.ts';
import type { Switches } from './switches.ts';
import { type ListPage, type ListPageRequest, WorkList } from './work-list.ts';
import type { RecordType, ToolCall, WorkRecord } from './work-record.ts';
import { WorkTotals } from './work-totals.ts';

/** Window of `workers_polling` (work-api.md, 6.2). */
const POLLING_WINDOW_MS = 30_000;
/** Default of `reclaim_older_than_ms` (work-api.md, 5). */
export const DEFAULT_RECLAIM_MS = 5000;
/** The enqueue stamp was recorded 100 to 150 ms after `created_at`. */
const ENQUEUE_STAMP_MS = { least: 100, spread: 50 } as const;

export const NO_HEARTBEAT = 'NO_HEARTBEAT';

export interface NewWork {
  readonly type?: RecordType;
  readonly metadata?: Readonly<Record<string, string>>;
  readonly toolCall?: ToolCall | null;
  readonly claimable?: boolean;
}

export interface PollRequest {
  /** Null when the poller sent no worker id: it then does not count as polling. */
  readonly workerId: string | null;
  readonly reclaimOlderThanMs?: number;
}

export interface HeartbeatRequest {
  readonly desiredTtlSeconds?: number | null;
  /** `NO_HEARTBEAT`, the text of the last beat, or null when the caller does not say. */
  readonly expected: string | null;
}

export interface HeartbeatAnswer {
  /** The beat as text, echoed by the next one; empty when there never was one. */
  readonly lastHeartbeat: string;
  readonly leaseExtended: boolean;
  readonly state: WorkRecord['state'];
  readonly ttlSeconds: number;
}

export interface QueueCounts {
  readonly depth: number;
  readonly pending: number;
  readonly oldestQueuedAt: EpochMs | null;
  readonly workersPolling: number;
}

export interface WorkQueueOptions {
  readonly switches: Switches;
  readonly random: Random;
}

/**
 * The work of one environment: the state machine of work-api.md, section 7.
 *
 * Every operation of the API is one method here, and the workers inside the simulated world call the same methods as the
 * HTTP routes. Nothing reads a clock: each method is told the time. Methods throw a `Refusal` when the API would refuse.
 */
export class WorkQueue {
  readonly switches: Switches;
  readonly totals = new WorkTotals();
  /** Milliseconds by which the API's stamps are ahead of the world's time. */
  skewMs = 0;
  /** Seconds of lease that a scenario wants instead of the switch's. */
  leaseTtlSeconds: number | null = null;
  /** Called when an item may have become claimable: wakes long polls. */
  onQueued: () => void = () => {};
  readonly #random: Random;
  readonly #list = new WorkList();
  readonly #byId = new Map<string, WorkRecord>();
  readonly #bySession = new Map<string, WorkRecord>();
  /** Waiting and pending items, in the order in which they were queued. */
  readonly #queued = new Set<WorkRecord>();
  readonly #held = new Set<WorkRecord>();
  readonly #lastPoll = new Map<string, EpochMs>();
  #nextExpiry = Number.POSITIVE_INFINITY;
  #nextSeq = 0;
  #firstSeq = 0;

  constructor(options: WorkQueueOptions) {
    this.switches = options.switches;
    this.#random = options.random;
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
    const record = this.#newRecord(this.#nextSeq++, this.stamp(now), work);
    this.#list.append(record);
    this.#index(record);
    this.totals.created++;
    this.#enqueue(now, record);
    return record;
  }

  /** Puts the session of a stopped item back into the queue, under the same id. */
  requeue(now: EpochMs, work: WorkRecord): void {
    this.expire(now);
    if (work.state !== 'stopped' || this.#byId.get(work.id) !== work) return;
    if (this.switches.requeueStamps === 'cleared') clearRunStamps(work);
    work.latestHeartbeatAt = null;
    this.totals.requeued++;
    this.#enqueue(now, work);
  }

  /** Adds `count` sessions that ended long ago, evenly over `spanMs` before `until`. Cheap: no events are simulated. */
  addHistory(count: number, until: EpochMs, spanMs: number): void {
    const history: WorkRecord[] = [];
    this.#firstSeq -= count;
    for (let i = 0; i < count; i++) {
      const createdAt = this.stamp(until - spanMs + (spanMs * i) / count);
      const work = this.#newRecord(this.#firstSeq + i, createdAt, {});
      work.startedAt = this.switches.startedAt === 'enqueue' ? createdAt + 120 : createdAt + 2500;
      work.acknowledgedAt = createdAt + 2000;
      work.latestHeartbeatAt = createdAt + 2500;
      work.stopRequestedAt = createdAt + 30_000;
      work.stoppedAt = createdAt + 30_000;
      work.state = 'stopped';
      this.#index(work);
      this.#countStop(work);
      this.totals.observe('wait', work.acknowledgedAt - createdAt);
      history.push(work);
    }
    this.totals.created += count;
    this.totals.acknowledged += count;
    this.#list.prepend(history);
  }

  /** Hands out the item that waits longest; null when there is none. */
  poll(now: EpochMs, request: PollRequest): WorkRecord | null {
    this.expire(now);
    if (request.workerId !== null) this.#lastPoll.set(request.workerId, now);
    const reclaimable = now - (request.reclaimOlderThanMs ?? DEFAULT_RECLAIM_MS);
    for (const work of this.#queued) {
      if (!work.claimable || (work.claim !== null && work.claim.at > reclaimable)) continue;
      work.claim = { workerId: request.workerId, at: now };
      work.deliveries++;
      // The enqueue stamp is never later than what follows from it.
      if (work.startedAt !== null) work.startedAt = Math.min(work.startedAt, this.stamp(now));
      if (this.switches.rotateIds && work.deliveries > 1) this.#rotateId(work);
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
    if (work.state === 'stopped') return this.#beat(work, false, this.#grantedTtl(null));
    if (this.switches.beatOnQueued === 'conflict' && work.state === 'queued') {
      throw new Refusal(409, `Work item ${id} is queued; acknowledge it before the first heartbeat.`);
    }
    if (work.state === 'stopping') {
      const first = work.latestHeartbeatAt === null;
      this.#stampBeat(now, work);
      const ttl = first ? this.switches.stoppingTtlSeconds : this.#grantedTtl(request.desiredTtlSeconds ?? null);
      this.#lease(now, work, ttl);
      return this.#beat(work, true, ttl);
    }
    this.#compareBeat(work, request);
    if (work.state === 'queued') this.#acknowledge(now, work);
    const ttl = this.#grantedTtl(request.desiredTtlSeconds ?? null);
    this.#stampBeat(now, work);
    if (this.switches.startedAt === 'first-heartbeat') work.startedAt ??= work.latestHeartbeatAt;
    work.state = 'active';
    this.#lease(now, work, ttl);
    return this.#beat(work, true, ttl);
  }

  /** Graceful: asks the worker to end; forced: ends it at once. Stopping what is stopped changes nothing. */
  stop(now: EpochMs, id: string, force: boolean): WorkRecord {
    this.expire(now);
    const work = this.find(id);
    if (work.state === 'stopped') return work;
    work.stopRequestedAt ??= this.stamp(now);
    if (force || work.state === 'queued') this.#end(now, work);
    else work.state = 'stopping';
    return work;
  }

  /** Merges metadata: a string sets a key, null removes it. */
  update(now: EpochMs, id: string, patch: Readonly<Record<string, string | null>>): WorkRecord {
    this.expire(now);
    const work = this.find(id);
    const merged: Record<string, string> = { ...work.metadata };
    for (const [key, value] of Object.entries(patch)) {
      if (value === null) delete merged[key];
      else merged[key] = value;
    }
    work.metadata = merged;
    return work;
  }

  /** @throws Refusal 404 when no item has the id. */
  find(id: string): WorkRecord {
    const work = this.#byId.get(id);
    if (work === undefined) throw new Refusal(404, `Work item ${id} not found`);
    return work;
  }

  findSession(sessionId: string): WorkRecord | null {
    return this.#bySession.get(sessionId) ?? null;
  }

  list(now: EpochMs, request: ListPageRequest): ListPage {
    this.expire(now);
    return this.#list.page(request, this.switches.listOrder);
  }

  /** All items in order of creation. */
  all(): readonly WorkRecord[] {
    return this.#list.all();
  }

  counts(now: EpochMs): QueueCounts {
    this.expire(now);
    let pending = 0;
    let oldest: EpochMs | null = null;
    for (const work of this.#queued) {
      if (work.claim !== null) pending++;
      if (oldest === null || work.queuedAt < oldest) oldest = work.queuedAt;
    }
    for (const [workerId, at] of this.#lastPoll) {
      if (now - at >= POLLING_WINDOW_MS) this.#lastPoll.delete(workerId);
    }
    const depth = this.#queued.size - pending;
    return { depth, pending, oldestQueuedAt: oldest, workersPolling: this.#lastPoll.size };
  }

  /** Applies what time alone does, at the moment it was due: lapsed leases, abandoned stops, retention. */
  expire(now: EpochMs): void {
    if (now < this.#nextExpiry) return;
    this.#nextExpiry = Number.POSITIVE_INFINITY;
    for (const work of [...this.#held]) {
      const due = this.#expiryOf(work);
      if (due > now) {
        this.#nextExpiry = Math.min(this.#nextExpiry, due);
        continue;
      }
      if (work.state === 'stopping') this.#end(due, work);
      else this.#lapse(due, work);
    }
    this.#forget(now);
  }

  /** Ends what a scenario left behind: items that nobody could take, and `stopping` ones without a worker. */
  release(now: EpochMs): void {
    for (const work of this.#queued) work.claimable = true;
    for (const work of [...this.#held]) if (work.state === 'stopping') this.#end(now, work);
    this.onQueued();
  }

  #expiryOf(work: WorkRecord): EpochMs {
    const expiresAt = work.lease?.expiresAt ?? Number.POSITIVE_INFINITY;
    if (work.state !== 'stopping') return expiresAt;
    const patience = this.switches.finalizeStoppingSeconds;
    if (patience === null) return Number.POSITIVE_INFINITY;
    return (work.stopRequestedAt ?? 0) - this.skewMs + patience * 1000;
  }

  #acknowledge(now: EpochMs, work: WorkRecord): void {
    work.state = 'starting';
    work.claim = null;
    work.acknowledgedAt = this.stamp(now);
    this.#queued.delete(work);
    this.#held.add(work);
    this.totals.acknowledged++;
    if (work.startedAt !== null) work.startedAt = Math.min(work.startedAt, work.acknowledgedAt);
    const queuedSince = this.switches.startedAt === 'enqueue' ? (work.startedAt ?? work.queuedAt) : work.queuedAt;
    if (work.type === 'session') this.totals.observe('wait', work.acknowledgedAt - queuedSince);
    this.#lease(now, work, this.#grantedTtl(null));
  }

  #compareBeat(work: WorkRecord, request: HeartbeatRequest): void {
    if (request.expected === null) {
      if (this.switches.expectedHeartbeatRequired) throw new Refusal(400, 'expected_last_heartbeat: Field required');
      return;
    }
    const actual = work.latestHeartbeatAt === null ? null : this.text(work.latestHeartbeatAt);
    const matches = actual === null ? request.expected === NO_HEARTBEAT : request.expected === actual;
    if (matches) return;
    throw new Refusal(
      412,
      `Heartbeat precondition failed: expected ${request.expected}, actual was ${actual ?? 'NULL'}`,
      {
        type: this.switches.preconditionType,
        details: {
          current_state: {
            state: work.state,
            last_heartbeat: actual,
            lease_updated_at: actual,
            lease_extended: false,
            ttl_seconds: work.lease?.ttlSeconds ?? this.switches.stoppingTtlSeconds,
          },
          error_visibility: 'user_facing',
          error_code: 'heartbeat_precondition_failed',
        },
      },
    );
  }

  #grantedTtl(desired: number | null): number {
    const most = this.leaseTtlSeconds ?? this.switches.leaseTtlSeconds;
    return desired === null ? most : Math.min(desired, most);
  }

  #lease(now: EpochMs, work: WorkRecord, ttlSeconds: number): void {
    work.lease = { ttlSeconds, expiresAt: now + ttlSeconds * 1000 };
    this.#nextExpiry = Math.min(this.#nextExpiry, this.#expiryOf(work));
  }

  /** Two beats never have the same stamp, however fast they come: the next beat must be able to tell them apart. */
  #stampBeat(now: EpochMs, work: WorkRecord): void {
    const previous = work.latestHeartbeatAt ?? 0;
    work.latestHeartbeatAt = Math.max(this.stamp(now), Math.round((previous + 0.001) * 1000) / 1000);
  }

  #beat(work: WorkRecord, leaseExtended: boolean, ttlSeconds: number): HeartbeatAnswer {
    const last = work.latestHeartbeatAt === null ? '' : this.text(work.latestHeartbeatAt);
    return { lastHeartbeat: last, leaseExtended, state: work.state, ttlSeconds };
  }

  #lapse(now: EpochMs, work: WorkRecord): void {
    this.#held.delete(work);
    work.latestHeartbeatAt = null;
    if (this.switches.requeueStamps === 'cleared') clearRunStamps(work);
    this.totals.lapsed++;
    this.#enqueue(now, work);
  }

  #enqueue(now: EpochMs, work: WorkRecord): void {
    work.state = 'queued';
    work.claim = null;
    work.lease = null;
    work.queuedAt = this.stamp(now);
    const offset = ENQUEUE_STAMP_MS.least + ENQUEUE_STAMP_MS.spread * this.#random();
    work.startedAt = this.switches.startedAt === 'enqueue' ? this.stamp(now + offset) : null;
    this.#queued.add(work);
    this.onQueued();
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

  #countStop(work: WorkRecord): void {
    this.totals.stopped++;
    if (work.acknowledgedAt !== null) this.totals.observe('run', work.stoppedAt! - work.acknowledgedAt);
    if (work.stopRequestedAt !== null) this.totals.observe('stop', work.stoppedAt! - work.stopRequestedAt);
  }

  #forget(now: EpochMs): void {
    const retention = this.switches.retentionSeconds;
    if (retention === null) return;
    const before = this.stamp(now - retention * 1000);
    const gone = new Set<WorkRecord>();
    for (const work of this.#list.all()) {
      if (work.state !== 'stopped') continue;
      if (work.stoppedAt! <= before) gone.add(work);
      else this.#nextExpiry = Math.min(this.#nextExpiry, work.stoppedAt! - this.skewMs + retention * 1000);
    }
    if (gone.size === 0) return;
    this.#list.remove(gone);
    for (const work of gone) {
      this.#byId.delete(work.id);
      this.#bySession.delete(work.sessionId);
    }
  }

  #newRecord(seq: number, createdAt: EpochMs, work: NewWork): WorkRecord {
    const { idForm, sessionPrefix } = this.switches;
    const sessionId = randomId(sessionPrefix, this.#random);
    return {
      seq,
      id: idForm === 'session' ? sessionId : randomId('work', this.#random),
      sessionId,
      type: work.type ?? 'session',
      state: 'queued',
      metadata: { ...work.metadata },
      createdAt,
      queuedAt: createdAt,
      startedAt: null,
      acknowledgedAt: null,
      latestHeartbeatAt: null,
      stopRequestedAt: null,
      stoppedAt: null,
      claim: null,
      lease: null,
      deliveries: 0,
      claimable: work.claimable ?? true,
      toolCall: work.toolCall ?? null,
    };
  }

  #index(work: WorkRecord): void {
    this.#byId.set(work.id, work);
    this.#bySession.set(work.sessionId, work);
  }

  #rotateId(work: WorkRecord): void {
    this.#byId.delete(work.id);
    work.id = randomId('work', this.#random);
    this.#byId.set(work.id, work);
  }
}

function clearRunStamps(work: WorkRecord): void {
  work.acknowledgedAt = null;
  work.stopRequestedAt = null;
  work.stoppedAt = null;
}
