import type { Clock, EpochMs } from '../base/clock.ts';
import { ApiError, rejectsCursor, rejectsPageSize } from '../client/failures.ts';
import type { WorkPage } from '../client/work-api.ts';
import type { PollSettings } from '../domain/environment.ts';
import { isRejectedOnTheWay } from '../domain/failure.ts';
import type { WorkItem } from '../domain/work.ts';
import type { FullScanEnd, LedgerRead } from '../lifecycle/ledger.ts';
import type { ItemsSnapshot, QueueSnapshot } from '../state/environment-state.ts';
import { FullScan, type ListOrder, type ScanEnd, type ScanStart } from './full-scan.ts';
import { type Counting, type SeenItem, SeenItems } from './seen-items.ts';
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

/** What a read of the list may ask for; each request takes its token from the budget. */
export interface ListSource {
  /** @throws ApiError */
  page(cursor: string | null, limit: number): Promise<WorkPage>;
  /** Null where no key may read single items. @throws ApiError */
  readonly retrieve: ((id: string) => Promise<WorkItem>) | null;
  sleep(ms: number): Promise<void>;
}

/** What a read of the list knows besides what earlier ones have seen. */
export interface ListFacts {
  readonly clock: Pick<Clock, 'now' | 'monotonic'>;
  /** Now, on the API's clock; answers may correct it. */
  apiNow(): EpochMs;
  readonly poll: PollSettings;
  /** The scheduled interval between reads of the list, ms. */
  readonly intervalMs: number;
  /** Items per page, and what to ask for if that is rejected. */
  readonly pageSize: number;
  readonly fallbackPageSize: number;
  /** Takes the right to read one more page of a full scan and returns 0, or returns how long to wait for it, ms. */
  scanWaitMs(): number;
  /** The last good stats, if any. */
  readonly queue: QueueSnapshot | null;
  readonly staleHeartbeatSeconds: number;
  counting(): Counting;
}

/** Why a list is read whole ahead of time. */
export type SurpriseReason = 'order' | 'cursor_rejected' | 'mismatch';

/** The present read. */
interface Run extends ListFacts {
  readonly source: ListSource;
  /** The pages read so far: the cursor of each, and that of the page after it. */
  readonly pages: Map<string | null, string | null>;
}

/** A full scan that has ended. */
interface EndedScan extends ScanEnd {
  /** Own clock. */
  readonly at: EpochMs;
  readonly pages: number;
  readonly items: number;
  readonly roomless: boolean;
}

/** A smaller page is accepted, or is sure to hold less. */
class PageSizeRejected extends Error {}

/**
 * Reads the list of one environment. A short one whole; of a long one the place where new items appear, the live items, and a
 * full scan at a steady pace, which finds everything else: docs/design/README.md#lists.
 */
export class ListReader {
  readonly #seen = new SeenItems();
  readonly #mismatch = new StatsMismatch();
  #scan: FullScan | null = null;
  #last: EndedScan | null = null;
  /** The last full scan that ended, if it is not published yet. */
  #unpublishedEnd: (FullScanEnd & Pick<ScanStart, 'isUrgent'>) | null = null;
  /** When the last full scan ended that went as far as it might with each read, monotonic. */
  #urgentEndedAt = Number.NEGATIVE_INFINITY;
  #order: ListOrder = 'none';
  /** Of the last page. */
  #lastCursor: string | null = null;
  /** API time: everything created until then was met, apart from what becomes visible late. */
  #metUntil: EpochMs = 0;
  #surprise: { readonly reason: SurpriseReason } | null = null;
  /** A full scan is to answer the surprise. */
  #isScanWanted = false;
  /** Cursors were rejected when a later read went on with a full scan. */
  #cursorsExpire = false;
  #rejections = 0;
  #pageSize: number | null = null;
  #noSingleReadsUntil = Number.NEGATIVE_INFINITY;

  /** Every known live item, as it was seen last. */
  get live(): Iterable<SeenItem> {
    return this.#seen.live;
  }

  /** How the list is read, and the outcome of its last full scan. */
  get facts(): Pick<ItemsSnapshot, 'mode' | 'lastFullRead' | 'mismatch'> {
    const mode = this.#isLong ? this.#order : 'whole';
    if (this.#last === null) return { mode, lastFullRead: null, mismatch: this.#mismatch.value };
    const { at, pages, items, truncated, chainBroken, roomless } = this.#last;
    const lastFullRead = { at, pages, items, truncated: truncated || roomless, chainBroken, roomless };
    return { mode, lastFullRead, mismatch: this.#mismatch.value };
  }

  /** The last reason to read the whole list ahead of time: another object each time. */
  get surprise(): { readonly reason: SurpriseReason } | null {
    return this.#surprise;
  }

  /** Another server is asked, or another key is used: what was rejected is tried once more. */
  recheck(): void {
    this.#noSingleReadsUntil = Number.NEGATIVE_INFINITY;
    if (this.#pageSize !== null) this.#usePageSize(null);
  }

  /** @throws ApiError when a request fails; what was seen until then comes with the next read that succeeds */
  async read(source: ListSource, facts: ListFacts): Promise<LedgerRead> {
    const run: Run = { ...facts, source, pages: new Map() };
    this.#seen.read++;
    // A list that is read whole each time leaves nothing else to look at.
    if (this.#mismatch.judge(facts.queue) && this.#isLong) this.#wantScan('mismatch');
    try {
      await this.#readOnce(run);
    } catch (error) {
      if (!(error instanceof PageSizeRejected)) throw error;
      run.pages.clear();
      await this.#readOnce(run);
    }
    const fullScan = this.#unpublishedEnd;
    this.#unpublishedEnd = null;
    this.#mismatch.note(this.#liveItems(), facts.queue, facts.clock.now(), fullScan?.isUrgent === true);
    return { ...this.#seen.take(), fullScan };
  }

  get #isLong(): boolean {
    if (this.#last === null) return false;
    // It may have outgrown its last full scan.
    return this.#last.pages > WHOLE_PAGES || this.#last.truncated || (this.#scan?.pages ?? 0) >= WHOLE_PAGES;
  }

  async #readOnce(run: Run): Promise<void> {
    if (this.#isLong) {
      await this.#readFront(run);
      await this.#continueScan(run);
    } else {
      await this.#scanOn(run, { most: Number.POSITIVE_INFINITY, isUrgent: true });
    }
    await this.#refresh(run);
  }

  /**
   * Where new items appear: from the first page to one with an item from before everything that may be new; or, where the
   * newest come last, from the last page on. Usually one page.
   */
  async #readFront(run: Run): Promise<void> {
    if (this.#order === 'none') return;
    const { clock, apiNow, poll } = run;
    const from = clock.monotonic();
    const areFirst = this.#order === 'newest';
    // The skew between the clocks may not have been known when this was set.
    const oldAt = Math.min(this.#metUntil, apiNow()) - LATE_COMMIT_MS;
    let cursor = areFirst ? null : this.#lastCursor;
    for (let pages = 1; pages <= MOST_FRONT_PAGES; pages++) {
      const page = await this.#knownPlace(run, cursor);
      if (page === null) return;
      if (!areFirst) this.#lastCursor = cursor;
      const isOld = areFirst && page.items.some(({ createdAt }) => createdAt !== null && createdAt <= oldAt);
      if (isOld || (page.nextPage === null && !page.chainBroken) || pages >= poll.maxListPages) {
        this.#metUntil = apiNow() - (clock.monotonic() - from);
        return;
      }
      if (page.nextPage === null || run.pages.has(page.nextPage)) break;
      cursor = page.nextPage;
    }
    this.#wantScan('order');
  }

  async #continueScan(run: Run): Promise<void> {
    const { intervalMs, poll } = run;
    const isUrgent = this.#isScanDue(run);
    // Something may have happened at places that a regular full scan has already passed.
    if (isUrgent && this.#scan?.start.isUrgent !== true) this.#scan = null;
    const goesFar = isUrgent || this.#scan?.start.isUrgent === true || this.#cursorsExpire;
    const pages = Math.max(this.#last!.pages, this.#scan?.pages ?? 0);
    const share = Math.ceil((pages * intervalMs) / (FULL_LIST_SHARE * poll.fullListIntervalMs));
    const regular = this.#order === 'none' ? Math.max(share, PAGES_AT_ONCE) : share;
    await this.#scanOn(run, { most: goesFar ? Number.POSITIVE_INFINITY : regular, isUrgent });
  }

  /** Whether something waits for a full scan, and the last one is long enough ago. */
  #isScanDue({ clock, queue, staleHeartbeatSeconds, apiNow }: Run): boolean {
    if (clock.monotonic() - this.#urgentEndedAt < UNSERVED_SCAN_MS) return false;
    // Before anything may say that nobody is there, the whole list is read.
    const facts = { now: apiNow(), staleHeartbeatSeconds };
    return this.#isScanWanted || isUnserved(queue?.stats ?? null, this.#liveItems(), facts);
  }

  /** Reads the next pages of the full scan, and begins one if there is none. */
  async #scanOn(run: Run, { most, isUrgent }: { most: number; isUrgent: boolean }): Promise<void> {
    const { clock, source, scanWaitMs } = run;
    // Nothing is shown before the first full scan has ended, so that one waits.
    const isFirst = this.#last === null;
    // What a read takes at least is in the schedule.
    const free = this.#isLong ? 1 : WHOLE_PAGES;
    let hasRestarted = false;
    for (let read = 0; read < most; read++) {
      if (run.pages.size >= free) {
        let waitMs = scanWaitMs();
        if (waitMs > 0 && !isFirst) return;
        for (; waitMs > 0; waitMs = scanWaitMs()) await source.sleep(waitMs);
      }
      const startedInRead = this.#seen.read;
      const leftOutBefore = this.#seen.leftOut;
      this.#scan ??= new FullScan({ startedAt: clock.monotonic(), startedInRead, leftOutBefore, isUrgent });
      const scan = this.#scan;
      const { cursor } = scan;
      try {
        const end = scan.add(await this.#page(run, cursor), run.poll.maxListPages);
        if (end !== null) return this.#endScan(run, scan, end);
      } catch (error) {
        if (cursor === null || !rejectsCursor(error)) {
          if (error instanceof ApiError && ++scan.failures >= MOST_FAILURES) this.#scan = null;
          throw error;
        }
        this.#scanRejected(read === 0);
        // A list that is already known shows what was read all the same.
        if (hasRestarted && isFirst) throw error;
        if (hasRestarted) return;
        hasRestarted = true;
      }
    }
  }

  /** A cursor of the full scan was rejected: it begins anew. `isOld`: the cursor came from an earlier read. */
  #scanRejected(isOld: boolean): void {
    this.#scan = null;
    if (!isOld || this.#cursorsExpire) this.#rejections++;
    if (isOld) this.#cursorsExpire = true;
    if (this.#last !== null && this.#rejections >= MOST_REJECTIONS) {
      this.#last = { ...this.#last, truncated: true, chainBroken: true };
    }
  }

  #endScan({ clock, apiNow }: Run, scan: FullScan, end: ScanEnd): void {
    const { pages, items, start } = scan;
    const { startedAt, startedInRead, isUrgent } = start;
    const endedAt = clock.monotonic();
    const roomless = this.#seen.leftOut > start.leftOutBefore;
    // By the present correction: the first answers may have revealed it.
    const startedAtApi = apiNow() - (endedAt - startedAt);
    this.#scan = null;
    if (isUrgent) {
      // One that was under way before has passed places where something has happened since.
      this.#isScanWanted = false;
      this.#urgentEndedAt = endedAt;
    }
    this.#rejections = 0;
    this.#order = scan.order;
    this.#lastCursor = scan.cursor;
    this.#metUntil = Math.max(this.#metUntil, startedAtApi);
    this.#last = { ...end, at: clock.now(), pages, items, roomless };
    this.#unpublishedEnd = { startedAt: startedAtApi, pages, truncated: end.truncated || roomless, isUrgent };
    for (const known of this.#seen.unseenSince(startedInRead)) {
      const isGone = end.truncated ? apiNow() - known.observedAt > UNSEEN_MS : ++known.misses >= Math.min(2, pages);
      if (isGone) this.#seen.drop(known.item.id);
    }
  }

  /** Live items that this read has not shown: each by itself or, if several stood on one page, that page. */
  async #refresh(run: Run): Promise<void> {
    const unseen = this.#seen.unseenSince(this.#seen.read);
    const onPage = new Map<string | null | undefined, number>();
    for (const { cursor } of unseen) onPage.set(cursor, (onPage.get(cursor) ?? 0) + 1);
    let left = MOST_REFRESHES;
    for (const { item, cursor } of unseen) {
      if (left === 0) return;
      if (this.#seen.isMet(item.id)) continue;
      const { retrieve } = run.source;
      const isAlone = cursor === undefined || onPage.get(cursor) === 1;
      if (isAlone && retrieve !== null && run.clock.monotonic() >= this.#noSingleReadsUntil) {
        left--;
        await this.#retrieve(run, item.id, retrieve);
      } else if (cursor !== undefined) left -= await this.#readPlace(run, item.id, cursor, left);
    }
  }

  /** Reads one item by its id: 404 proves that it is gone. Failing to read one item does not fail the read of the list. */
  async #retrieve(run: Run, id: string, retrieve: (id: string) => Promise<WorkItem>): Promise<void> {
    try {
      const item = await retrieve(id);
      this.#seen.show([item], run.apiNow(), undefined, run.counting());
    } catch (error) {
      if (!(error instanceof ApiError) || error.failure.reason === 'rate_limited') throw error;
      const { reason } = error.failure;
      if (reason === 'not_found') return this.#seen.drop(id);
      const isRefused = reason === 'unauthorized' || reason === 'forbidden' || isRejectedOnTheWay(error.failure);
      this.#noSingleReadsUntil = run.clock.monotonic() + (isRefused ? REFUSED_MS : NO_SINGLE_READS_MS);
    }
  }

  /** Reads the page where an item stood, and the one after it, since new items may have pushed it on. Returns the requests. */
  async #readPlace(run: Run, id: string, place: string | null, left: number): Promise<number> {
    let cursor: string | null = place;
    let requests = 0;
    for (let steps = 0; steps <= run.pages.size && requests < 2; steps++) {
      let next = run.pages.get(cursor);
      if (next === undefined) {
        if (requests === left) return requests;
        requests++;
        const page = await this.#knownPlace(run, cursor);
        if (page === null || this.#seen.isMet(id)) return requests;
        next = page.nextPage;
      }
      if (next === null) break;
      cursor = next;
    }
    // Only a full scan finds it, and all that were pushed on with it.
    this.#seen.forgetPlace(place);
    return requests;
  }

  /** A page by a cursor of an earlier read; null when that is no longer accepted. */
  async #knownPlace(run: Run, cursor: string | null): Promise<WorkPage | null> {
    try {
      return await this.#page(run, cursor);
    } catch (error) {
      if (cursor === null || !rejectsCursor(error)) throw error;
      this.#seen.forgetPlace(cursor);
      this.#wantScan('cursor_rejected');
      return null;
    }
  }

  async #page(run: Run, cursor: string | null): Promise<WorkPage> {
    const { source, pageSize, fallbackPageSize } = run;
    const limit = this.#pageSize ?? pageSize;
    try {
      const page = await source.page(cursor, limit);
      run.pages.set(cursor, page.nextPage);
      this.#seen.show(page.items, run.apiNow(), cursor, run.counting());
      return page;
    } catch (error) {
      if (limit <= fallbackPageSize || !rejectsPageSize(error, cursor)) throw error;
      // Not every 400 is about the size: an organization on hold gets one, too, and no page of any size.
      if (!error.tooMuch) await source.page(cursor, fallbackPageSize);
      this.#usePageSize(fallbackPageSize);
      throw new PageSizeRejected();
    }
  }

  /** Cursors belong to one page size. */
  #usePageSize(pageSize: number | null): void {
    this.#pageSize = pageSize;
    this.#scan = null;
    this.#lastCursor = null;
    this.#seen.forgetPlace();
  }

  /** The list has what reads have not shown: the whole of it is read, as soon as that may be. */
  #wantScan(reason: SurpriseReason): void {
    // A list without an order is under full scan all the time.
    if (this.#isScanWanted || this.#order === 'none') return;
    this.#isScanWanted = true;
    this.#surprise = { reason };
  }

  *#liveItems(): Iterable<WorkItem> {
    for (const { item } of this.#seen.live) yield item;
  }
}
