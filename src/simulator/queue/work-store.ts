import type { EpochMs } from '../../base/clock.ts';
import { ApiStamps } from './api-stamps.ts';
import { endedRecords, type NewWork, newRecord, type RecordMaker } from './new-work.ts';
import type { Switches } from './switches.ts';
import { WorkIndex } from './work-index.ts';
import type { WorkRecord } from './work-record.ts';
import type { WorkTotals } from './work-totals.ts';
import { WorkTransitions } from './work-transitions.ts';

/**
 * The work of one environment as the simulated world sees it: items arrive, time passes, everything is counted.
 *
 * Nothing reads a clock: each method is given the time, which must not go back.
 */
export class WorkStore {
  readonly switches: Switches;
  protected readonly maker: RecordMaker;
  protected readonly stamps: ApiStamps;
  protected readonly index = new WorkIndex();
  protected readonly transitions: WorkTransitions;
  #nextSeq = 0;
  #firstSeq = 0;

  constructor(options: RecordMaker) {
    this.switches = options.switches;
    this.maker = options;
    this.stamps = new ApiStamps(options.switches);
    this.transitions = new WorkTransitions({ maker: options, stamps: this.stamps, index: this.index });
  }

  /** Counts of everything that has happened here. */
  get totals(): WorkTotals {
    return this.transitions.totals;
  }

  /** Milliseconds by which the API's stamps are ahead of the world's time. */
  get skewMs(): number {
    return this.stamps.skewMs;
  }

  set skewMs(ahead: number) {
    this.stamps.skewMs = ahead;
  }

  /** Seconds of lease, if a scenario overrides the switch; null: the switch's. */
  set leaseTtlSeconds(seconds: number | null) {
    this.transitions.leases.ttlSeconds = seconds;
  }

  /** Whether an item without any heartbeat lapses, if a scenario overrides the switch; null: the switch's. */
  set startingLapses(lapses: boolean | null) {
    this.transitions.leases.startingLapses = lapses;
  }

  /** The API's stamp for a moment: microseconds, skew included. */
  stamp(now: EpochMs): EpochMs {
    return this.stamps.at(now);
  }

  /** A stamp as the API writes it. */
  text(stamp: EpochMs): string {
    return this.stamps.text(stamp);
  }

  create(now: EpochMs, work: NewWork = {}): WorkRecord {
    this.expire(now);
    const record = newRecord(this.maker, { seq: this.#nextSeq++, createdAt: this.stamps.at(now) }, work);
    this.index.add(record);
    this.totals.created++;
    this.transitions.enqueue(now, record);
    return record;
  }

  /** Queues the session of a stopped item again, under the same id; leaves any other item unchanged. */
  requeue(now: EpochMs, work: WorkRecord): void {
    this.expire(now);
    if (work.state !== 'stopped' || !this.index.has(work)) return;
    this.totals.requeued++;
    this.transitions.enqueue(now, work);
  }

  /**
   * Adds `count` sessions that ended long ago, spread evenly over `spanMs` before `until`. Cheap: no events are
   * simulated.
   */
  addHistory(count: number, until: EpochMs, spanMs: number): void {
    this.#firstSeq -= count;
    const created = (number: number) => this.stamps.at(until - spanMs + (spanMs * number) / count);
    const history = endedRecords(this.maker, { firstSeq: this.#firstSeq, count, created });
    for (const work of history) this.totals.countPast(work, this.switches.startedAt);
    this.index.addOlder(history);
  }

  /** @throws Rejection 404 when no item has the id. */
  find(id: string): WorkRecord {
    return this.index.find(id);
  }

  findSession(sessionId: string): WorkRecord | null {
    return this.index.findSession(sessionId);
  }

  /** All items in order of creation. */
  all(): readonly WorkRecord[] {
    return this.index.all();
  }

  /** Applies what happens by time alone, each at its due moment. */
  expire(now: EpochMs): void {
    this.transitions.expire(now);
  }

  /** Ends what a scenario left behind: items that nobody could claim, and `stopping` ones without a worker. */
  release(now: EpochMs): void {
    this.transitions.release(now);
  }
}
