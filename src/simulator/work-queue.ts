import type { EpochMs } from '../base/clock.ts';
import type { Random } from '../base/random.ts';
import { randomId } from './identity.ts';
import { Rejection } from './rejection.ts';
import type { ApiStamps } from './stamps.ts';
import type { Switches } from './switches.ts';
import { type NewWork, newRecord, type RecordState, type WorkRecord, WorkTotals } from './work.ts';
import { type ListPage, type ListPageRequest, pageOf } from './work-list.ts';

/** Default of `reclaim_older_than_ms` (docs/design/work-api.md#query-parameters-and-limits). */
const DEFAULT_RECLAIM_MS = 5000;
/** The window of `workers_polling` (docs/design/work-api.md#queue-stats). */
const POLLING_MS = 30_000;
/** For invented history: time in the queue, to the first heartbeat, and of the run, milliseconds. */
const HISTORY = { wait: 2000, firstHeartbeat: 2500, run: 30_000, enqueueStamp: 120 } as const;
const NEVER = Number.POSITIVE_INFINITY;

/** What the first heartbeat of a lease expects. */
export const NO_HEARTBEAT = 'NO_HEARTBEAT';

export interface PollRequest {
  /** Null when the poller sent no worker id: then it does not count as polling. */
  readonly workerId: string | null;
  readonly reclaimOlderThanMs?: number;
}

export interface HeartbeatRequest {
  readonly desiredTtlSeconds?: number | null;
  /** `NO_HEARTBEAT`, the text of the last heartbeat, or null when the caller sends none. */
  readonly expected: string | null;
}

export interface HeartbeatAnswer {
  /** The heartbeat as text, which the next one echoes; empty if there has been none. */
  readonly lastHeartbeat: string;
  readonly leaseExtended: boolean;
  readonly state: RecordState;
  readonly ttlSeconds: number;
}

/** The stats of an environment, with times as numbers. */
export interface QueueCounts {
  readonly depth: number;
  readonly pending: number;
  readonly oldestQueuedAt: EpochMs | null;
  readonly workersPolling: number;
}

interface QueueDeps {
  readonly switches: Switches;
  readonly stamps: ApiStamps;
  readonly random: Random;
}

/**
 * The work of one environment with the operations of the API: the state machine of
 * docs/design/work-api.md#life-of-a-work-item. Nothing reads a clock: each method is given the time, which must not go back.
 *
 * The workers inside the simulated world call the same methods as the HTTP routes. They throw a `Rejection` where the
 * API would answer with an error.
 */
export class WorkQueue {
  readonly switches: Switches;
  readonly stamps: ApiStamps;
  readonly totals = new WorkTotals();
  readonly #deps: QueueDeps;
  /** In order of creation. */
  #items: WorkRecord[] = [];
  readonly #byId = new Map<string, WorkRecord>();
  readonly #bySession = new Map<string, WorkRecord>();
  /** Waiting and pending ones, in the order in which they were queued. */
  readonly #queued = new Set<WorkRecord>();
  readonly #held = new Set<WorkRecord>();
  readonly #lastPolls = new Map<string, EpochMs>();
  #nextSeq = 0;
  #firstSeq = 0;
  /** When the first stopped item is to be forgotten. */
  #forgetAt = NEVER;

  constructor(deps: QueueDeps) {
    this.#deps = deps;
    this.switches = deps.switches;
    this.stamps = deps.stamps;
  }

  create(now: EpochMs, work: NewWork = {}): WorkRecord {
    this.expire(now);
    const record = newRecord(this.#deps, { seq: this.#nextSeq++, createdAt: this.stamps.at(now) }, work);
    this.#items.push(record);
    this.#remember(record);
    this.totals.created++;
    this.#enqueue(now, record);
    return record;
  }

  /** Queues the session of a stopped item again, under the same id; leaves any other item unchanged. */
  requeue(now: EpochMs, work: WorkRecord): void {
    this.expire(now);
    if (work.state !== 'stopped' || this.#byId.get(work.id) !== work) return;
    this.totals.requeued++;
    this.#enqueue(now, work);
  }

  /** Adds sessions that ended long ago, spread evenly over `spanMs` before `until`. Cheap: no events are simulated. */
  addHistory(count: number, until: EpochMs, spanMs: number): void {
    this.#firstSeq -= count;
    const startedAfter = this.switches.startedAt === 'enqueue' ? HISTORY.enqueueStamp : HISTORY.firstHeartbeat;
    const past = Array.from({ length: count }, (_, number): WorkRecord => {
      const createdAt = this.stamps.at(until - spanMs + (spanMs * number) / count);
      return Object.assign(newRecord(this.#deps, { seq: this.#firstSeq + number, createdAt }), {
        state: 'stopped',
        startedAt: createdAt + startedAfter,
        acknowledgedAt: createdAt + HISTORY.wait,
        latestHeartbeatAt: createdAt + HISTORY.firstHeartbeat,
        stopRequestedAt: createdAt + HISTORY.run,
        stoppedAt: createdAt + HISTORY.run,
      } as const);
    });
    for (const work of past) {
      this.#remember(work);
      this.totals.created++;
      this.totals.countAcknowledged(work, this.switches.startedAt);
      this.totals.countStopped(work);
    }
    this.#items = [...past, ...this.#items];
    if (this.switches.retentionSeconds !== null) this.#forgetAt = 0;
  }

  /** All items in order of creation. */
  all(): readonly WorkRecord[] {
    return this.#items;
  }

  /** @throws Rejection 404 when no item has the id. */
  find(id: string): WorkRecord {
    const work = this.#byId.get(id);
    if (work === undefined) throw new Rejection(404, `Work item ${id} not found`);
    return work;
  }

  findSession(sessionId: string): WorkRecord | null {
    return this.#bySession.get(sessionId) ?? null;
  }

  list(now: EpochMs, request: ListPageRequest): ListPage {
    this.expire(now);
    return pageOf(this.#items, request, this.switches.listOrder);
  }

  /** One that was handed out is pending, one that nobody has is depth. */
  counts(now: EpochMs): QueueCounts {
    this.expire(now);
    const queued = [...this.#queued];
    const pending = queued.filter(({ claimedAt }) => claimedAt !== null).length;
    const oldest = queued.reduce((least, { queuedAt }) => Math.min(least, queuedAt), NEVER);
    for (const [workerId, at] of this.#lastPolls) if (now - at >= POLLING_MS) this.#lastPolls.delete(workerId);
    return {
      depth: queued.length - pending,
      pending,
      oldestQueuedAt: queued.length === 0 ? null : oldest,
      workersPolling: this.#lastPolls.size,
    };
  }

  /** Hands out the longest-waiting item; null when there is none. */
  poll(now: EpochMs, { workerId, reclaimOlderThanMs = DEFAULT_RECLAIM_MS }: PollRequest): WorkRecord | null {
    this.expire(now);
    if (workerId !== null) this.#lastPolls.set(workerId, now);
    for (const work of this.#queued) {
      if (!work.claimable || (work.claimedAt !== null && work.claimedAt > now - reclaimOlderThanMs)) continue;
      work.claimedAt = now;
      work.deliveries++;
      this.#capEnqueueStamp(now, work);
      if (work.deliveries > 1 && this.switches.rotateIds) this.#rename(work);
      return work;
    }
    return null;
  }

  /** @throws Rejection 404 or 409 */
  ack(now: EpochMs, id: string): WorkRecord {
    const work = this.#current(now, id);
    if (work.state !== 'queued') {
      throw new Rejection(409, `Work item ${id} must be in QUEUED state to acknowledge. Current state: ${work.state}.`);
    }
    this.#acknowledge(now, work);
    return work;
  }

  /** docs/design/work-api.md#ack-heartbeat-and-stop. @throws Rejection 400, 404, 409 or 412 */
  heartbeat(now: EpochMs, id: string, { desiredTtlSeconds, expected }: HeartbeatRequest): HeartbeatAnswer {
    const work = this.#current(now, id);
    const { leaseTtlSeconds, stoppingTtlSeconds } = this.switches;
    let ttlSeconds = Math.min(desiredTtlSeconds ?? NEVER, leaseTtlSeconds);
    // A requested stop must reach the worker, whichever heartbeat it believes to be the last.
    if (work.state === 'stopping') {
      if (work.latestHeartbeatAt === null) ttlSeconds = stoppingTtlSeconds;
    } else if (work.state !== 'stopped') {
      this.#compareHeartbeat(work, expected);
      if (work.state === 'queued') this.#acknowledge(now, work);
      work.state = 'active';
    }
    const leaseExtended = work.state !== 'stopped';
    if (leaseExtended) {
      work.latestHeartbeatAt = this.stamps.after(now, work.latestHeartbeatAt);
      if (this.switches.startedAt === 'first-heartbeat') work.startedAt ??= work.latestHeartbeatAt;
      work.lease = { ttlSeconds, expiresAt: now + ttlSeconds * 1000 };
    }
    const lastHeartbeat = this.stamps.textOrNull(work.latestHeartbeatAt) ?? '';
    return { lastHeartbeat, leaseExtended, state: work.state, ttlSeconds };
  }

  /** Graceful: asks the worker to stop; forced: stops it at once. Stopping a stopped item changes nothing. @throws Rejection 404 */
  stop(now: EpochMs, id: string, force: boolean): WorkRecord {
    const work = this.#current(now, id);
    if (work.state === 'stopped') return work;
    // Within a run the first request counts; one left from an earlier run does not.
    if (work.stopRequestedAt === null || work.stopRequestedAt < work.queuedAt) {
      work.stopRequestedAt = this.stamps.at(now);
    }
    if (force || work.state === 'queued') this.#end(now, work);
    else work.state = 'stopping';
    return work;
  }

  /** Merges metadata: a string sets a key, null removes it. @throws Rejection 404 */
  update(now: EpochMs, id: string, patch: Readonly<Record<string, string | null>>): WorkRecord {
    const work = this.#current(now, id);
    const merged = Object.entries({ ...work.metadata, ...patch });
    work.metadata = Object.fromEntries(merged.filter((entry): entry is [string, string] => entry[1] !== null));
    return work;
  }

  /** Applies what happens by time alone, each at its due moment: lapsed leases, abandoned stops, retention. */
  expire(now: EpochMs): void {
    const due: { readonly work: WorkRecord; readonly at: EpochMs }[] = [];
    for (const work of this.#held) {
      const at = this.#expiryOf(work);
      if (at <= now) due.push({ work, at });
    }
    for (const { work, at } of due.toSorted((one, other) => one.at - other.at)) {
      if (work.state === 'stopping') this.#end(at, work);
      else {
        this.totals.lapsed++;
        this.#enqueue(at, work);
      }
    }
    if (now >= this.#forgetAt) this.#forget(now);
  }

  /** Ends what a scenario left behind: makes every item claimable again and stops what nobody would stop. */
  release(now: EpochMs): void {
    for (const work of this.#queued) work.claimable = true;
    for (const work of [...this.#held]) {
      const isOver = work.state === 'starting' && work.lease !== null && work.lease.expiresAt <= now;
      if (isOver || work.state === 'stopping') this.#end(now, work);
    }
  }

  #current(now: EpochMs, id: string): WorkRecord {
    this.expire(now);
    return this.find(id);
  }

  #remember(work: WorkRecord): void {
    this.#byId.set(work.id, work);
    this.#bySession.set(work.sessionId, work);
  }

  #rename(work: WorkRecord): void {
    this.#byId.delete(work.id);
    work.id = randomId('work', this.#deps.random);
    this.#byId.set(work.id, work);
  }

  #enqueue(now: EpochMs, work: WorkRecord): void {
    if (this.switches.requeueStamps === 'cleared') {
      work.acknowledgedAt = null;
      work.stopRequestedAt = null;
      work.stoppedAt = null;
    }
    this.#held.delete(work);
    work.lease = null;
    work.latestHeartbeatAt = null;
    work.state = 'queued';
    work.claimedAt = null;
    work.queuedAt = this.stamps.at(now);
    work.startedAt = this.stamps.enqueued(now, this.#deps.random);
    this.#queued.add(work);
  }

  #acknowledge(now: EpochMs, work: WorkRecord): void {
    const ttlSeconds = this.switches.leaseTtlSeconds;
    work.state = 'starting';
    work.claimedAt = null;
    work.acknowledgements++;
    work.acknowledgedAt = this.stamps.at(now);
    work.lease = { ttlSeconds, expiresAt: now + ttlSeconds * 1000 };
    this.#capEnqueueStamp(now, work);
    this.#queued.delete(work);
    this.#held.add(work);
    this.totals.countAcknowledged(work, this.switches.startedAt);
  }

  #end(now: EpochMs, work: WorkRecord): void {
    this.#queued.delete(work);
    this.#held.delete(work);
    work.lease = null;
    work.state = 'stopped';
    work.claimedAt = null;
    work.acknowledgements = 0;
    work.stoppedAt = this.stamps.at(now);
    this.totals.countStopped(work);
    const { retentionSeconds } = this.switches;
    if (retentionSeconds !== null) this.#forgetAt = Math.min(this.#forgetAt, now + retentionSeconds * 1000);
  }

  /** The enqueue stamp is never later than the stamps that follow it. */
  #capEnqueueStamp(now: EpochMs, work: WorkRecord): void {
    if (work.startedAt !== null) work.startedAt = Math.min(work.startedAt, this.stamps.at(now));
  }

  /** @throws Rejection 412, word for word as recorded (docs/design/work-api.md#ack-heartbeat-and-stop) */
  #compareHeartbeat(work: WorkRecord, expected: string | null): void {
    if (expected === null) return;
    const actual = this.stamps.textOrNull(work.latestHeartbeatAt);
    if (expected === (actual ?? NO_HEARTBEAT)) return;
    throw new Rejection(412, `Heartbeat precondition failed: expected ${expected}, actual was ${actual ?? 'NULL'}`, {
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
    });
  }

  /** When time alone ends the state of an item: its lease lapses, or a `stopping` item is finalized. */
  #expiryOf({ state, lease, stopRequestedAt }: WorkRecord): EpochMs {
    const { finalizeStoppingSeconds: patience, startingLapses } = this.switches;
    const expiresAt = lease?.expiresAt ?? NEVER;
    if (state === 'starting') return startingLapses ? expiresAt : NEVER;
    if (state !== 'stopping') return expiresAt;
    if (patience === null || stopRequestedAt === null) return NEVER;
    return Math.max(this.stamps.moment(stopRequestedAt) + patience * 1000, lease?.expiresAt ?? 0);
  }

  #forget(now: EpochMs): void {
    const keptMs = (this.switches.retentionSeconds ?? NEVER) * 1000;
    const before = this.stamps.at(now - keptMs);
    const isGone = (work: WorkRecord) => work.state === 'stopped' && work.stoppedAt! <= before;
    for (const work of this.#items.filter(isGone)) {
      this.#byId.delete(work.id);
      this.#bySession.delete(work.sessionId);
    }
    this.#items = this.#items.filter((work) => !isGone(work));
    const left = this.#items.filter(({ state }) => state === 'stopped').map(({ stoppedAt }) => stoppedAt!);
    this.#forgetAt = left.reduce((least, at) => Math.min(least, this.stamps.moment(at) + keptMs), NEVER);
  }
}
