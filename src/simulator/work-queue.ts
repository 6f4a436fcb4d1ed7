import type { EpochMs, Random } from '../base/clock.ts';
import { Rejection } from './faults.ts';
import type { Switches } from './switches.ts';
import { type ApiStamps, type NewWork, randomId, WorkRecord, WorkTotals } from './work.ts';

/** Default of `reclaim_older_than_ms` (docs/design/work-api.md#query-parameters-and-limits). */
const DEFAULT_RECLAIM_MS = 5000;
/** The window of `workers_polling` (docs/design/work-api.md#queue-stats). */
const POLLING_MS = 30_000;
/** For invented history: time in the queue, to the first heartbeat, and of the run, milliseconds. */
const HISTORY = { wait: 2000, firstHeartbeat: 2500, run: 30_000, enqueueStamp: 120 } as const;
/** The enqueue stamp was recorded 100 to 150 ms after `created_at` (docs/design/work-api.md#started_at). */
const ENQUEUE_STAMP_MS = { least: 100, spread: 50 } as const;
const NEVER = Number.POSITIVE_INFINITY;

/** What the first heartbeat of a lease expects. */
export const NO_HEARTBEAT = 'NO_HEARTBEAT';

/** An environment of the simulated organization. Times ending in `At` are the API's stamps. */
export interface SimEnvironment {
  readonly id: string;
  readonly name: string;
  readonly configType: 'self_hosted' | 'cloud';
  readonly createdAt: EpochMs;
  updatedAt: EpochMs;
  archivedAt: EpochMs | null;
  readonly environmentKey: string;
  readonly queue: WorkQueue;
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
  readonly #random: Random;
  readonly #byId = new Map<string, WorkRecord>();
  /** Waiting and pending ones, in the order in which they were queued. */
  readonly #queued = new Set<WorkRecord>();
  readonly #held = new Set<WorkRecord>();
  readonly #lastPolls = new Map<string, EpochMs>();
  #onWork: (now: EpochMs) => void = () => {};
  #nextSeq = 0;
  #firstSeq = 0;

  constructor(switches: Switches, stamps: ApiStamps, random: Random) {
    this.switches = switches;
    this.stamps = stamps;
    this.#random = random;
  }

  create(now: EpochMs, work: NewWork = {}): WorkRecord {
    this.#lapse(now);
    const record = this.#newRecord(this.#nextSeq++, this.stamps.at(now), work);
    this.#byId.set(record.id, record);
    this.totals.created++;
    this.#enqueue(now, record);
    this.#onWork(now);
    return record;
  }

  /** Queues the session of a stopped item again, under the same id; leaves any other item unchanged. */
  requeue(now: EpochMs, work: WorkRecord): void {
    this.#lapse(now);
    if (work.state !== 'stopped' || this.#byId.get(work.id) !== work) return;
    this.totals.requeued++;
    this.#enqueue(now, work);
    this.#onWork(now);
  }

  /** Adds sessions that ended long ago, spread evenly over `spanMs` before `until`. Cheap: no events are simulated. */
  addHistory(count: number, until: EpochMs, spanMs: number): void {
    this.#firstSeq -= count;
    const startedAfter = this.switches.startedAtIsEnqueueStamp ? HISTORY.enqueueStamp : HISTORY.firstHeartbeat;
    for (let number = 0; number < count; number++) {
      const createdAt = this.stamps.at(until - spanMs + (spanMs * number) / count);
      const work = Object.assign(this.#newRecord(this.#firstSeq + number, createdAt), {
        state: 'stopped',
        startedAt: createdAt + startedAfter,
        acknowledgedAt: createdAt + HISTORY.wait,
        latestHeartbeatAt: createdAt + HISTORY.firstHeartbeat,
        stopRequestedAt: createdAt + HISTORY.run,
        stoppedAt: createdAt + HISTORY.run,
      } as const);
      this.#byId.set(work.id, work);
      this.totals.created++;
      this.totals.countAcknowledged(work, this.switches);
      this.totals.countStopped(work);
    }
  }

  all(): readonly WorkRecord[] {
    return [...this.#byId.values()];
  }

  /** Calls this for each item that is created, or whose session has new work, as a webhook does: nobody is told of a lapse. */
  tellOfWork(onWork: (now: EpochMs) => void): void {
    this.#onWork = onWork;
  }

  /** How many items nobody has acknowledged. */
  get waiting(): number {
    return this.#queued.size;
  }

  /** Those that have not stopped. */
  live(): readonly WorkRecord[] {
    return [...this.#queued, ...this.#held];
  }

  /** @throws Rejection 404 when no item has the id. */
  find(id: string): WorkRecord {
    const work = this.#byId.get(id);
    if (work === undefined) throw new Rejection(404, `Work item ${id} not found`);
    return work;
  }

  findSession(sessionId: string): WorkRecord | null {
    return this.#byId.values().find((work) => work.sessionId === sessionId) ?? null;
  }

  /** A page of all items, after the one that a cursor or an id names. @throws Rejection 400 for a cursor of another list, 404 */
  list(now: EpochMs, { limit, page, afterId }: { limit: number; page: string | null; afterId?: string | undefined }) {
    this.expire(now);
    const { listOrder } = this.switches;
    const placeOf = ({ seq }: WorkRecord) => PLACES[listOrder](seq);
    const after = afterId === undefined ? page : placeOf(this.find(afterId));
    return pageOf(this.all(), placeOf, { limit, after, list: listOrder });
  }

  /** What stats say: an item that was handed out is pending, one that nobody has is depth. */
  stats(now: EpochMs) {
    this.expire(now);
    const queued = [...this.#queued];
    const pending = queued.filter(({ claimedAt }) => claimedAt !== null).length;
    const oldest = queued.reduce((least, { queuedAt }) => Math.min(least, queuedAt), NEVER);
    for (const [workerId, at] of this.#lastPolls) if (now - at >= POLLING_MS) this.#lastPolls.delete(workerId);
    return {
      depth: queued.length - pending,
      pending,
      oldest_queued_at: queued.length === 0 ? null : this.stamps.text(oldest),
      workers_polling: this.#lastPolls.size,
    };
  }

  /** Hands out the longest-waiting item; null when there is none. Who sends no worker id does not count as polling. */
  poll(now: EpochMs, workerId: string | null, reclaimOlderThanMs = DEFAULT_RECLAIM_MS): WorkRecord | null {
    this.#lapse(now);
    if (workerId !== null) this.#lastPolls.set(workerId, now);
    for (const work of this.#queued) {
      if (!work.claimable || (work.claimedAt !== null && work.claimedAt > now - reclaimOlderThanMs)) continue;
      work.claimedAt = now;
      work.deliveries++;
      this.#capEnqueueStamp(now, work);
      if (work.deliveries > 1 && this.switches.idsRotate) this.#rename(work);
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

  /**
   * docs/design/work-api.md#ack-heartbeat-and-stop.
   *
   * @param expected `NO_HEARTBEAT` or the text of the last heartbeat; undefined where the caller does not say
   * @throws Rejection 400, 404, 409 or 412
   */
  heartbeat(now: EpochMs, id: string, expected: string | undefined, desiredTtlSeconds = NEVER) {
    const work = this.#current(now, id);
    const { leaseTtlSeconds, stoppingTtlSeconds } = this.switches;
    let ttlSeconds = Math.min(desiredTtlSeconds, leaseTtlSeconds);
    // A requested stop must reach the worker, whichever heartbeat it believes to be the last.
    if (work.state === 'stopping') {
      if (work.latestHeartbeatAt === null) ttlSeconds = stoppingTtlSeconds;
    } else if (work.state !== 'stopped') {
      this.#compareHeartbeat(work, expected);
      if (work.state === 'queued') this.#acknowledge(now, work);
      work.state = 'active';
    }
    // Workers since 1.16 stop for this alone (docs/design/work-api.md#heartbeat).
    const lease_extended = work.state === 'active';
    if (work.state !== 'stopped') {
      work.latestHeartbeatAt = this.stamps.after(now, work.latestHeartbeatAt);
      if (!this.switches.startedAtIsEnqueueStamp) work.startedAt ??= work.latestHeartbeatAt;
    }
    if (lease_extended) work.lease = { ttlSeconds, expiresAt: now + ttlSeconds * 1000 };
    const last_heartbeat = this.stamps.textOrNull(work.latestHeartbeatAt) ?? '';
    const { state } = work;
    return { type: 'work_heartbeat', last_heartbeat, lease_extended, state, ttl_seconds: ttlSeconds };
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

  /**
   * Sets the keys of a patch and removes those that are null, in whatever state the item is.
   * @throws Rejection 404, or 400 for metadata that is too large afterwards
   */
  update(now: EpochMs, id: string, patch: Readonly<Record<string, string | null>>): WorkRecord {
    const work = this.#current(now, id);
    const merged = Object.entries({ ...work.metadata, ...patch });
    const kept = merged.filter((entry): entry is [string, string] => entry[1] !== null);
    refuseLargeMetadata(kept);
    work.metadata = Object.fromEntries(kept);
    return work;
  }

  /** Applies what happens by time alone: lapsed leases, abandoned stops, retention. */
  expire(now: EpochMs): void {
    this.#lapse(now);
    const { retentionSeconds } = this.switches;
    if (retentionSeconds === null) return;
    const before = this.stamps.at(now - retentionSeconds * 1000);
    const isGone = (work: WorkRecord) => work.state === 'stopped' && work.stoppedAt! <= before;
    for (const work of this.all()) if (isGone(work)) this.#byId.delete(work.id);
  }

  /** Ends what a scenario left behind: makes every item claimable again and stops what nobody would stop. */
  release(now: EpochMs): void {
    for (const work of this.#queued) work.claimable = true;
    for (const work of [...this.#held]) {
      const isOver = work.state === 'starting' && work.lease !== null && work.lease.expiresAt <= now;
      if (isOver || work.state === 'stopping') this.#end(now, work);
    }
  }

  #newRecord(seq: number, createdAt: EpochMs, work: NewWork = {}): WorkRecord {
    const sessionId = randomId('sesn', this.#random);
    const id = this.switches.idForm === 'session' ? sessionId : randomId('work', this.#random);
    return new WorkRecord({ seq, id, sessionId, createdAt }, work);
  }

  #current(now: EpochMs, id: string): WorkRecord {
    this.#lapse(now);
    return this.find(id);
  }

  /** What is over by time alone is over at its due moment. */
  #lapse(now: EpochMs): void {
    const due = [...this.#held].flatMap((work) => {
      const at = this.#expiryOf(work);
      return at <= now ? [{ work, at }] : [];
    });
    for (const { work, at } of due.toSorted((one, other) => one.at - other.at)) {
      if (work.state === 'stopping') this.#end(at, work);
      else {
        this.totals.lapsed++;
        this.#enqueue(at, work);
      }
    }
  }

  #rename(work: WorkRecord): void {
    this.#byId.delete(work.id);
    work.id = randomId('work', this.#random);
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
    const enqueued = this.stamps.at(now + ENQUEUE_STAMP_MS.least + ENQUEUE_STAMP_MS.spread * this.#random());
    work.startedAt = this.switches.startedAtIsEnqueueStamp ? enqueued : null;
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
    this.totals.countAcknowledged(work, this.switches);
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
  }

  /** The enqueue stamp is never later than the stamps that follow it. */
  #capEnqueueStamp(now: EpochMs, work: WorkRecord): void {
    if (work.startedAt !== null) work.startedAt = Math.min(work.startedAt, this.stamps.at(now));
  }

  /** @throws Rejection 412, word for word as recorded (docs/design/work-api.md#ack-heartbeat-and-stop) */
  #compareHeartbeat(work: WorkRecord, expected: string | undefined): void {
    if (expected === undefined) return;
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
}

/** Those of sessions: that items have limits is documented, and which is not. */
const METADATA_LIMITS = { keys: 16, keyLength: 64, valueLength: 512 } as const;

/** @throws Rejection 400 that names each problem, as the documentation of its error code says */
function refuseLargeMetadata(entries: readonly (readonly [string, string])[]): void {
  const { keys, keyLength, valueLength } = METADATA_LIMITS;
  const problems: string[] = [];
  if (entries.length > keys) problems.push(`metadata: at most ${keys} keys are allowed, got ${entries.length}`);
  for (const [key, value] of entries) {
    if (key.length > keyLength) problems.push(`metadata: keys have at most ${keyLength} characters, got ${key.length}`);
    if (value.length > valueLength) {
      problems.push(`metadata.${key}: values have at most ${valueLength} characters, got ${value.length}`);
    }
  }
  if (problems.length === 0) return;
  throw new Rejection(400, problems.join('; '), { details: { error_code: 'invalid_metadata' } });
}

/** By which number the list is sorted. */
const PLACES: Readonly<Record<Switches['listOrder'], (seq: number) => number>> = {
  newest: (seq) => -seq,
  oldest: (seq) => seq,
  // An order that matches no clock. Multiplication by an odd number is a bijection on 32 bits, so no two items share a place.
  shuffled: (seq) => Math.imul(seq ^ 0x5bd1e995, 0x9e3779b1) >>> 0,
};

const CURSOR_PREFIX = 'page_';

/**
 * A page of a list that is sorted by place, from its beginning or after a cursor or a place. A cursor names the place of the last
 * one that was shown, not a number to skip, so that what comes or goes during a listing never causes others to be lost or repeated.
 *
 * @throws Rejection 400 for a cursor of another list
 */
export function pageOf<T>(
  all: readonly T[],
  placeOf: (one: T) => number,
  { limit, after, list }: { readonly limit: number; readonly after: string | number | null; readonly list: string },
) {
  const last = typeof after === 'string' ? placeIn(after, list) : (after ?? -NEVER);
  const rest = all.filter((one) => placeOf(one) > last);
  const items = rest.toSorted((one, other) => placeOf(one) - placeOf(other)).slice(0, limit);
  const cursor = () => CURSOR_PREFIX + Buffer.from(`${list} ${placeOf(items.at(-1)!)}`).toString('base64url');
  return { items, nextPage: items.length < rest.length ? cursor() : null };
}

function placeIn(cursor: string, list: string): number {
  const [named, place = ''] = Buffer.from(cursor.replace(CURSOR_PREFIX, ''), 'base64url').toString().split(' ');
  if (cursor.startsWith(CURSOR_PREFIX) && named === list && /^-?\d[\d.]*$/.test(place)) return Number(place);
  throw new Rejection(400, 'page: Invalid cursor');
}
