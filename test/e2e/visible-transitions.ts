import type { EpochMs } from '../../src/base/clock.ts';
import type { WorkItem } from '../../src/domain/work.ts';
import { runOf, stopOf } from './visible-endings.ts';
import { type Look, newRunOf, type ShownRow, type Telling, type VisibleItem } from './visible-item.ts';
import { queuedOf, waitOf } from './visible-queueing.ts';

/**
 * What the last look at the whole list did not show for so long is history: docs/design/counting.md#the-watermark-w.
 */
const SETTLING_MS = 600_000;

/**
 * What reads have shown, counted by hand from their rows: distinct stamps, and runs that followed one another. It knows
 * nothing of the ledger but the contract, and nothing of the world but the rows.
 */
export class VisibleTransitions {
  readonly counts = { created: 0, acknowledged: 0, stopped: 0, requeued: 0, lapsed: 0, waitUnknown: 0 };
  /** Milliseconds each. */
  readonly waits: number[] = [];
  readonly runs: number[] = [];
  readonly stops: number[] = [];
  readonly #telling: Telling;
  readonly #items = new Map<string, VisibleItem>();
  readonly #stamps = new Set<string>();
  #proof = 0;
  #settledUntil: EpochMs;
  #kept: ReadonlyMap<string, VisibleItem> = new Map();

  constructor(telling: Telling) {
    this.#telling = telling;
    this.#settledUntil = telling.since;
  }

  /** The rows of one read that ended well. */
  show(rows: Iterable<ShownRow>): void {
    for (const shown of rows) {
      if (!this.#isHistory(shown)) this.#follow(shown);
    }
  }

  /** A look at the whole list has ended: on one page it shows all that lives, on several it may miss an item. */
  scanned({ pages, startedAt }: { pages: number; startedAt: EpochMs }): void {
    this.#proof += pages === 1 ? 2 : 1;
    this.#settledUntil = Math.max(this.#settledUntil, startedAt - SETTLING_MS);
  }

  /** The state file has all that was shown so far. */
  keep(): void {
    this.#kept = new Map(this.#items);
  }

  /** A crash loses nothing but when items were last seen, where those reads had nothing else to tell. */
  crash(): void {
    for (const [id, item] of this.#items) {
      this.#items.set(id, { ...item, at: this.#kept.get(id)?.at ?? item.at });
    }
  }

  /** It ended before there was anything to see, and a reader need not remember it. */
  #isHistory({ row }: ShownRow): boolean {
    if (this.#items.has(this.#idOf(row)) || row.state !== 'stopped') return false;
    const { createdAt, acknowledgedAt, stopRequestedAt, stoppedAt } = row;
    const enqueuedAt = this.#telling.enqueueStamp ? row.startedAt : null;
    const last = Math.max(createdAt!, acknowledgedAt ?? 0, stopRequestedAt ?? 0, stoppedAt ?? 0, enqueuedAt ?? 0);
    return last <= this.#settledUntil;
  }

  #follow(shown: ShownRow): void {
    const { row } = shown;
    const { counts } = this;
    const telling = { ...this.#telling, since: this.#settledUntil };
    const before = this.#items.get(this.#idOf(row));
    const look: Look = {
      before,
      shown,
      isNewAck: this.#isNew(`acknowledged ${this.#idOf(row)}`, row.acknowledgedAt, before),
      isNewStop: this.#isNew(`stopped ${this.#idOf(row)}`, row.stoppedAt, before),
    };
    // Who has seen all that lives knows that an old item which comes up has stopped before. Until then its row alone
    // has
    // to tell, even if a page showed it stopped: nobody has to remember history.
    const woke = before === undefined && row.createdAt! <= telling.since && this.#proof >= 2;
    const begun = woke ? 'requeued' : newRunOf(look, telling);
    const queued = queuedOf(look, begun !== null, telling);
    this.#items.set(this.#idOf(row), { ...shown, queued });
    if (before === undefined && row.createdAt! > telling.since) counts.created++;
    if (begun !== null) counts[begun]++;
    if (look.isNewAck) {
      counts.acknowledged++;
      const wait = waitOf(look, queued, telling);
      if (row.type === 'session' && wait === null) counts.waitUnknown++;
      else if (row.type === 'session') this.waits.push(wait!);
    }
    if (!look.isNewStop) return;
    counts.stopped++;
    const [run, stop] = [runOf(look, begun !== null, telling), stopOf(look)];
    if (run !== null) this.runs.push(run);
    if (stop !== null) this.stops.push(stop);
  }

  /** Where an item that is handed out again gets a new id, it is still the same session's, created at the same time. */
  #idOf({ id, sessionId, createdAt }: WorkItem): string {
    return this.#telling.idsRotate ? `${sessionId} ${createdAt}` : id;
  }

  #isNew(what: string, stamp: EpochMs | null, before: VisibleItem | undefined): boolean {
    const key = `${what} ${stamp}`;
    if (stamp === null || this.#stamps.has(key)) return false;
    if (stamp <= (before === undefined ? this.#settledUntil : this.#telling.since)) return false;
    this.#stamps.add(key);
    return true;
  }
}
