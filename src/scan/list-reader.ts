import type { Clock, EpochMs } from '../base/clock.ts';
import { ApiError, rejectsCursor, rejectsPageSize } from '../client/failures.ts';
import type { WorkPage } from '../client/work-api.ts';
import type { PollSettings } from '../domain/environment.ts';
import { isRejectedOnTheWay } from '../domain/failure.ts';
import type { WorkItem } from '../domain/work.ts';
import type { FullScanEnd, LedgerRead } from '../lifecycle/ledger.ts';
import type { ItemsSnapshot, QueueSnapshot } from '../state/environment-state.ts';
import { FullScan, type ListOrder } from './full-scan.ts';
import { type Counted, LiveItems } from './live-items.ts';
import { isUnserved, StatsMismatch, UNSERVED_SCAN_MS } from './stats-mismatch.ts';

/** A list of up to so many pages is read whole each time. */
const WHOLE_PAGES = 3;
/** So much of a list without an order is read at once. */
const PAGES_AT_ONCE = 10;
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
/** How long no single items are read after a failure of one, and after a refusal, which only a person ends. */
const NO_SINGLE_READS_MS = 60_000;
const REFUSED_MS = 3_600_000;
/** After so many failures of one page in a row a full scan begins anew. */
const MOST_FAILURES = 3;
/** A list that rejects so many of its new cursors before a full scan ends counts as cut. */
const MOST_REJECTIONS = 6;

/** Why a list is read whole ahead of time. */
export type SurpriseReason = 'order' | 'cursor_rejected' | 'mismatch';

/** What one read of the list may ask for, each request with its token from the budget, and what it has to know. */
export interface ListRead {
  /** @throws ApiError */
  page(cursor: string | null, limit: number): Promise<WorkPage>;
  /** Null where no key may read single items. @throws ApiError */
  readonly retrieve: ((id: string) => Promise<WorkItem>) | null;
  sleep(ms: number): Promise<void>;
  /** Takes the right to read one more page of a full scan and returns 0, or returns how long to wait for it, ms. */
  scanWaitMs(): number;
  /** The list has what reads have not shown: the whole of it is read, as soon as that may be. */
  surprised(reason: SurpriseReason): void;
  readonly clock: Pick<Clock, 'now' | 'monotonic'>;
  /** Now, on the API's clock; answers may correct it, and with it the beginning of what is counted. */
  apiNow(): EpochMs;
  counted(): Counted;
  readonly poll: PollSettings;
  /** The scheduled interval between reads of the list, ms. */
  readonly intervalMs: number;
  /** Items per page, and what to ask for if that is rejected. */
  readonly pageSize: number;
  readonly fallbackPageSize: number;
  /** The last good stats, if any. */
  readonly queue: QueueSnapshot | null;
  readonly staleHeartbeatSeconds: number;
}

/**
 * Reads the list of one environment. A short one whole; of a long one the place where new items appear, the live items, and a
 * full scan at a steady pace, which finds everything else: docs/design/README.md#lists.
 */
export class ListReader {
  readonly #live = new LiveItems();
  readonly #mismatch = new StatsMismatch();
  /** The pages that the present read has asked for: the cursor of each, and that of the page after it. */
  readonly #pages = new Map<string | null, string | null>();
  #scan: FullScan | null = null;
  #last: ItemsSnapshot['lastFullRead'] = null;
  /** The last full scan that ended, if it is not published yet. */
  #ended: FullScanEnd | null = null;
  /** When the last full scan ended that went as far as it might with each read, monotonic. */
  #urgentEndedAt = Number.NEGATIVE_INFINITY;
  #order: ListOrder = 'none';
  /** Of the last page. */
  #lastCursor: string | null = null;
  /** API time: everything created until then was met, apart from what becomes visible late. */
  #metUntil: EpochMs = 0;
  /** A full scan is to answer a surprise. */
  #isScanWanted = false;
  /** Cursors were rejected when a later read went on with a full scan. */
  #cursorsExpire = false;
  #rejections = 0;
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
    this.#pages.clear();
    // A list that is read whole each time leaves nothing else to look at.
    if (this.#mismatch.judge(queue) && this.#isLong) this.#wantScan(read, 'mismatch');
    if (this.#isLong) await this.#readFront(read);
    await this.#scanOn(read, this.#pagesToScan(read));
    await this.#refresh(read);
    const fullScan = this.#ended;
    this.#ended = null;
    this.#mismatch.note(this.#live.items(), queue, clock.now());
    return { ...this.#live.take(), fullScan };
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
    if (this.#order === 'none') return;
    const { clock, apiNow, poll } = read;
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
      if (isOld || (page.nextPage === null && !page.chainBroken) || pages >= poll.maxListPages) {
        this.#metUntil = apiNow() - (clock.monotonic() - from);
        return;
      }
      if (page.nextPage === null || this.#pages.has(page.nextPage)) break;
      cursor = page.nextPage;
    }
    this.#wantScan(read, 'order');
  }

  /** How many pages of a full scan this read may ask for, and whether something waits for the end of that scan. */
  #pagesToScan(read: ListRead): { readonly most: number; readonly isUrgent: boolean } {
    const isUrgent = !this.#isLong || this.#isScanDue(read);
    // Something may have happened at places that a regular full scan has already passed.
    if (isUrgent && this.#scan?.start.isUrgent === false) this.#scan = null;
    if (isUrgent || this.#scan?.start.isUrgent || this.#cursorsExpire) return { most: Infinity, isUrgent };
    const pages = Math.max(this.#last?.pages ?? 0, this.#scan?.pages ?? 0);
    const share = Math.ceil((pages * read.intervalMs) / (FULL_LIST_SHARE * read.poll.fullListIntervalMs));
    return { most: this.#order === 'none' ? Math.max(share, PAGES_AT_ONCE) : share, isUrgent };
  }

  /** Whether something waits for a full scan, and the last one is long enough ago. */
  #isScanDue({ clock, queue, staleHeartbeatSeconds, apiNow }: ListRead): boolean {
    if (clock.monotonic() - this.#urgentEndedAt < UNSERVED_SCAN_MS) return false;
    // Before anything may say that nobody is there, the whole list is read.
    const facts = { now: apiNow(), staleHeartbeatSeconds };
    return this.#isScanWanted || isUnserved(queue?.stats ?? null, this.#live.items(), facts);
  }

  /** Reads the next pages of the full scan, and begins one if there is none. */
  async #scanOn(read: ListRead, { most, isUrgent }: { most: number; isUrgent: boolean }): Promise<void> {
    const { clock, poll } = read;
    // Nothing is shown before the first full scan has ended, so that one waits.
    const isFirst = this.#last === null;
    // What a read takes at least is in the schedule.
    const free = this.#isLong ? 1 : WHOLE_PAGES;
    let hasRestarted = false;
    for (let left = most; left > 0; left--) {
      while (this.#pages.size >= free) {
        const waitMs = read.scanWaitMs();
        if (waitMs === 0) break;
        if (!isFirst) return;
        await read.sleep(waitMs);
      }
      const { read: startedInRead, leftOut: leftOutBefore } = this.#live;
      this.#scan ??= new FullScan({ startedAt: clock.monotonic(), startedInRead, leftOutBefore, isUrgent });
      const scan = this.#scan;
      const { cursor } = scan;
      try {
        if (scan.endsWith(await this.#page(read, cursor), poll.maxListPages)) return this.#endScan(read, scan);
      } catch (error) {
        const isRejected = cursor !== null && rejectsCursor(error);
        if (isRejected || ++scan.failures >= MOST_FAILURES) this.#scan = null;
        if (!isRejected) throw error;
        this.#cursorsExpire = true;
        if (++this.#rejections >= MOST_REJECTIONS && this.#last !== null)
          this.#last = { ...this.#last, truncated: true, chainBroken: true };
        // A list that is already known shows what was read all the same.
        if (hasRestarted && isFirst) throw error;
        if (hasRestarted) return;
        hasRestarted = true;
        left++;
      }
    }
  }

  #endScan(
    { clock, apiNow }: ListRead,
    { start, pages, items, truncated, chainBroken, order, cursor }: FullScan,
  ): void {
    const roomless = this.#live.leftOut > start.leftOutBefore;
    // By the present correction: the first answers may have revealed it.
    const startedAt = apiNow() - (clock.monotonic() - start.startedAt);
    this.#scan = null;
    if (start.isUrgent) {
      // One that was under way before has passed places where something has happened since.
      this.#isScanWanted = false;
      this.#urgentEndedAt = clock.monotonic();
    }
    this.#rejections = 0;
    this.#order = order;
    this.#lastCursor = cursor;
    this.#metUntil = Math.max(this.#metUntil, startedAt);
    const isCut = truncated || roomless;
    this.#last = { at: clock.now(), pages, items, truncated: isCut, chainBroken, roomless };
    this.#ended = { startedAt, pages, truncated: isCut };
    for (const known of this.#live.unseenSince(start.startedInRead)) {
      const isGone = truncated ? apiNow() - known.observedAt > UNSEEN_MS : ++known.misses >= Math.min(2, pages);
      if (isGone) this.#live.drop(known.item.id);
    }
  }

  /** Live items that this read has not shown: each by itself or, if several stood on one page, that page. */
  async #refresh(read: ListRead): Promise<void> {
    const unseen = this.#live.unseenSince(this.#live.read);
    const isAlone = (place: string | null | undefined) => unseen.filter(({ cursor }) => cursor === place).length === 1;
    let left = MOST_REFRESHES;
    for (const { item, cursor } of unseen) {
      if (left === 0) return;
      if (this.#live.isMet(item.id)) continue;
      const mayRetrieve = read.retrieve !== null && read.clock.monotonic() >= this.#noSingleReadsUntil;
      if (mayRetrieve && (cursor === undefined || isAlone(cursor))) {
        left--;
        await this.#retrieve(read, item.id);
      } else if (cursor !== undefined) {
        // If this read has shown that page, new items have pushed it on to the next one.
        const next = this.#pages.get(cursor);
        if (next === undefined || (next !== null && !this.#pages.has(next))) {
          left--;
          await this.#knownPlace(read, next === undefined ? cursor : next);
        }
        this.#live.forgetPlace(cursor);
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
      const { reason } = error.failure;
      if (reason === 'not_found') return this.#live.drop(id);
      const isRefused = reason === 'unauthorized' || reason === 'forbidden' || isRejectedOnTheWay(error.failure);
      this.#noSingleReadsUntil = clock.monotonic() + (isRefused ? REFUSED_MS : NO_SINGLE_READS_MS);
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
    this.#pages.set(cursor, page.nextPage);
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
    // A list without an order is under full scan all the time.
    if (this.#isScanWanted || this.#order === 'none') return;
    this.#isScanWanted = true;
    read.surprised(reason);
  }
}
