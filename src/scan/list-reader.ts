import type { Clock, EpochMs } from '../base/clock.ts';
import { ApiError, rejectsCursor, rejectsPageSize } from '../client/failures.ts';
import type { WorkPage } from '../client/work-api.ts';
import type { Environment } from '../domain/environment.ts';
import type { WorkItem } from '../domain/work.ts';
import type { FullScanEnd, LedgerRead } from '../lifecycle/ledger.ts';
import type { ItemsSnapshot, QueueSnapshot } from '../state/environment-state.ts';
import { FullScan } from './full-scan.ts';
import { type Counted, isUnserved, LiveItems, StatsMismatch } from './live-items.ts';

/** How often the list is read whole while nobody seems to serve the queue, or something else waits for that. */
const UNSERVED_SCAN_MS = 60_000;
/** A list of up to so many pages is read whole each time. */
const WHOLE_PAGES = 3;
/** A full scan takes this part of `full_list_interval`, because reads may come late. */
const FULL_LIST_SHARE = 0.9;
/** The most pages that a read spends on new items. What they do not reach, a full scan finds. */
const MOST_FRONT_PAGES = 5;
/** Requests of one read for live items that its pages did not show. */
const MOST_REFRESHES = 3;
/** A row may become visible so long after its stamps, among older rows. */
const LATE_COMMIT_MS = 60_000;
/** Nothing can be proved about live items behind the cut of a list: they are shown for this long. */
const UNSEEN_MS = 3_600_000;
/** After a failure of one, no single items are read for this long. */
const NO_SINGLE_READS_MS = 600_000;
/** After so many failures of one page in a row a full scan begins anew. */
const MOST_FAILURES = 3;

/** Why a list is read whole ahead of time. */
export type SurpriseReason = 'order' | 'cursor_rejected';

/** What one read of the list may ask for, each request with its token from the budget, and what it has to know. */
export interface ListRead {
  /** @throws ApiError */
  page(cursor: string | null, limit: number): Promise<WorkPage>;
  /** Null where no key may read single items. @throws ApiError */
  readonly retrieve: ((id: string) => Promise<WorkItem>) | null;
  /** Whether a full scan may have one more page; the first one waits until it may. */
  mayScan(isFirst: boolean): Promise<boolean>;
  /** The list has what reads have not shown: the whole of it is read, as soon as that may be. */
  surprised(reason: SurpriseReason): void;
  readonly clock: Pick<Clock, 'now' | 'monotonic'>;
  /** Now, on the API's clock; answers may correct it, and with it the beginning of what is counted. */
  apiNow(): EpochMs;
  counted(): Counted;
  readonly environment: Environment;
  /** The scheduled interval between reads of the list, ms. */
  readonly intervalMs: number;
  /** Items per page, and what to ask for if that is rejected. */
  readonly pageSize: number;
  readonly fallbackPageSize: number;
  /** The last good stats, if any. */
  readonly queue: QueueSnapshot | null;
}

/**
 * Reads the list of one environment. A short one whole; of a long one the place where new items appear, the live items, and a
 * full scan at a steady pace, which finds everything else: docs/design/README.md#lists.
 */
export class ListReader {
  readonly #live = new LiveItems();
  readonly #mismatch = new StatsMismatch();
  /** The cursors of the pages that the present read has asked for. */
  readonly #asked = new Set<string | null | undefined>();
  #scan: FullScan | null = null;
  #last: ItemsSnapshot['lastFullRead'] = null;
  /** The last full scan that ended, if it is not published yet. */
  #ended: FullScanEnd | null = null;
  /** When the last full scan ended that went as far as it might with each read, monotonic. */
  #urgentEndedAt = Number.NEGATIVE_INFINITY;
  #order: FullScan['order'] = 'newest';
  /** Of the last page. */
  #lastCursor: string | null = null;
  /** API time: everything created until then was met, apart from what becomes visible late. */
  #metUntil: EpochMs = 0;
  /** A full scan is to answer a surprise. */
  #isScanWanted = false;
  /** The smaller one, once the usual one was rejected. */
  #pageSize: number | null = null;
  #noSingleReadsUntil = Number.NEGATIVE_INFINITY;

  /** How the list is read, the outcome of its last full scan, and every known live item. */
  shown(counted: Counted): Omit<ItemsSnapshot, 'observedAt'> {
    const mode = this.#isLong ? this.#order : 'whole';
    return { mode, lastFullRead: this.#last, mismatch: this.#mismatch.value, live: this.#live.shown(counted) };
  }

  /** Another server is asked, or another key is used: what was rejected is tried once more. */
  recheck(): void {
    this.#noSingleReadsUntil = Number.NEGATIVE_INFINITY;
    if (this.#pageSize !== null) this.#usePageSize(null);
  }

  /** @throws ApiError when a request fails; what was seen until then comes with the next read that succeeds */
  async read(read: ListRead): Promise<LedgerRead> {
    const { queue, clock } = read;
    this.#live.read++;
    this.#asked.clear();
    this.#mismatch.compare(queue);
    if (this.#isLong) await this.#readFront(read);
    await this.#scanOn(read);
    await this.#refresh(read);
    const fullScan = this.#ended;
    this.#ended = null;
    this.#mismatch.note(this.#live.items(), queue, clock.now());
    return { sightings: this.#live.take(), fullScan };
  }

  get #isLong(): boolean {
    if (this.#last === null) return false;
    // It may have outgrown its last full scan.
    return this.#last.pages > WHOLE_PAGES || this.#last.truncated || (this.#scan?.pages ?? 0) >= WHOLE_PAGES;
  }

  /**
   * Where new items appear: from the first page to one with an item from before everything that may be new; or, where the
   * newest come last, from the last page on. Usually one page.
   */
  async #readFront(read: ListRead): Promise<void> {
    const { clock, apiNow, environment } = read;
    const from = clock.monotonic();
    const areFirst = this.#order === 'newest';
    // The skew between the clocks may not have been known when this was set.
    const oldAt = Math.min(this.#metUntil, apiNow()) - LATE_COMMIT_MS;
    let cursor = areFirst ? null : this.#lastCursor;
    for (let pages = 1; pages <= MOST_FRONT_PAGES; pages++) {
      const page = await this.#knownPlace(read, cursor);
      if (page === null) return;
      if (!areFirst) this.#lastCursor = cursor;
      const isOld = areFirst && page.items.some(({ createdAt }) => createdAt !== null && createdAt <= oldAt);
      if (isOld || (page.nextPage === null && !page.chainBroken) || pages >= environment.poll.maxListPages) {
        this.#metUntil = apiNow() - (clock.monotonic() - from);
        return;
      }
      if (page.nextPage === null || this.#asked.has(page.nextPage)) break;
      cursor = page.nextPage;
    }
    this.#wantScan(read, 'order');
  }

  /** Whether something waits for a full scan, and the last one is long enough ago. */
  #isScanDue({ clock, queue, environment, apiNow }: ListRead): boolean {
    if (!this.#isLong) return true;
    if (clock.monotonic() - this.#urgentEndedAt < UNSERVED_SCAN_MS) return false;
    // Before anything may say that nobody is there, the whole list is read.
    const facts = { now: apiNow(), ...environment.thresholds };
    return this.#isScanWanted || isUnserved(queue?.stats ?? null, this.#live.items(), facts);
  }

  /** Reads the next pages of the full scan, and begins one if there is none. */
  async #scanOn(read: ListRead): Promise<void> {
    const { clock, intervalMs } = read;
    const { fullListIntervalMs, maxListPages } = read.environment.poll;
    // Nothing is shown before the first full scan has ended, so that one waits.
    const isFirst = this.#last === null;
    const isDue = this.#isScanDue(read);
    // Something may have happened at places that a regular full scan has already passed.
    if (isDue && this.#scan?.isUrgent === false) this.#scan = null;
    const scan = this.#scan ?? new FullScan(clock.monotonic(), this.#live.read, isDue);
    this.#scan = scan;
    const known = Math.max(this.#last?.pages ?? 0, scan.pages);
    const share = Math.ceil((known * intervalMs) / (FULL_LIST_SHARE * fullListIntervalMs));
    // What a read takes at least is in the schedule.
    const free = this.#isLong ? 1 : WHOLE_PAGES;
    try {
      for (let pages = 0; scan.isUrgent || pages < share; pages++) {
        if (this.#asked.size >= free && !(await read.mayScan(isFirst))) return;
        if (scan.endsWith(await this.#page(read, scan.cursor), maxListPages)) return this.#endScan(read, scan);
      }
    } catch (error) {
      const isRejected = scan.cursor !== null && rejectsCursor(error);
      if (isRejected || ++scan.failures >= MOST_FAILURES) this.#scan = null;
      // A list that is already known shows what was read all the same.
      if (!isRejected || isFirst) throw error;
      this.#isScanWanted = true;
    }
  }

  #endScan({ clock, apiNow, counted }: ListRead, scan: FullScan): void {
    const { pages, items, truncated, chainBroken } = scan;
    const roomless = this.#live.isFull(counted());
    // By the present correction: the first answers may have revealed it.
    const startedAt = apiNow() - (clock.monotonic() - scan.startedAt);
    this.#scan = null;
    if (scan.isUrgent) {
      // One that was under way before has passed places where something has happened since.
      this.#isScanWanted = false;
      this.#urgentEndedAt = clock.monotonic();
    }
    this.#order = scan.order;
    this.#lastCursor = scan.cursor;
    this.#metUntil = Math.max(this.#metUntil, startedAt);
    const isCut = truncated || roomless;
    this.#last = { at: clock.now(), pages, items, truncated: isCut, chainBroken, roomless };
    this.#ended = { startedAt, pages, truncated: isCut };
    for (const known of this.#live.unseenSince(scan.startedInRead)) {
      const isGone = truncated ? apiNow() - known.observedAt > UNSEEN_MS : ++known.misses >= Math.min(2, pages);
      if (isGone) this.#live.drop(known.item.id);
    }
  }

  /** Live items that this read has not shown: each by itself or, if several stood on one page, that page. */
  async #refresh(read: ListRead): Promise<void> {
    const unseen = this.#live.unseenSince(this.#live.read);
    let left = MOST_REFRESHES;
    for (const { item, cursor } of unseen) {
      if (left === 0) return;
      if (this.#live.isMet(item.id)) continue;
      const mayRetrieve = read.retrieve !== null && read.clock.monotonic() >= this.#noSingleReadsUntil;
      const hasPlace = cursor !== undefined && !this.#asked.has(cursor);
      if (hasPlace && (!mayRetrieve || unseen.filter((other) => other.cursor === cursor).length > 1)) {
        left--;
        await this.#knownPlace(read, cursor);
        this.#live.forgetPlace(cursor);
      } else if (mayRetrieve) {
        left--;
        await this.#retrieve(read, item.id);
      }
    }
  }

  /** Reads one item by its id: 404 proves that it is gone. Failing to read one item does not fail the read of the list. */
  async #retrieve({ retrieve, clock, apiNow, counted }: ListRead, id: string): Promise<void> {
    try {
      const item = await retrieve!(id);
      this.#live.see([item], apiNow(), undefined, counted());
    } catch (error) {
      if (!(error instanceof ApiError) || error.failure.reason === 'rate_limited') throw error;
      if (error.failure.reason === 'not_found') this.#live.drop(id);
      else this.#noSingleReadsUntil = clock.monotonic() + NO_SINGLE_READS_MS;
    }
  }

  /** A page by a cursor of an earlier read; null when that is no longer accepted. */
  async #knownPlace(read: ListRead, cursor: string | null): Promise<WorkPage | null> {
    try {
      return await this.#page(read, cursor);
    } catch (error) {
      if (cursor === null || !rejectsCursor(error)) throw error;
      this.#live.forgetPlace(cursor);
      this.#wantScan(read, 'cursor_rejected');
      return null;
    }
  }

  async #page(read: ListRead, cursor: string | null): Promise<WorkPage> {
    const limit = this.#pageSize ?? read.pageSize;
    const page = await read.page(cursor, limit).catch(async (error: unknown) => {
      if (limit <= read.fallbackPageSize || !rejectsPageSize(error, cursor)) throw error;
      if (error.tooMuch) this.#usePageSize(read.fallbackPageSize);
      // The next read asks for it, from the beginning.
      if (cursor !== null) throw error;
      // Not every 400 is about the size: an organization on hold gets one, too, and no page of any size.
      const smaller = await read.page(null, read.fallbackPageSize);
      this.#usePageSize(read.fallbackPageSize);
      return smaller;
    });
    this.#asked.add(cursor);
    this.#live.see(page.items, read.apiNow(), cursor, read.counted());
    return page;
  }

  /** Cursors belong to one page size. */
  #usePageSize(pageSize: number | null): void {
    this.#pageSize = pageSize;
    if (this.#scan !== null && this.#scan.cursor !== null) this.#scan = null;
    this.#lastCursor = null;
    this.#live.forgetPlace();
  }

  #wantScan(read: ListRead, reason: SurpriseReason): void {
    if (this.#isScanWanted) return;
    this.#isScanWanted = true;
    read.surprised(reason);
  }
}
