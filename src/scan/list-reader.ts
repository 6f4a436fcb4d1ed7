import type { Clock, EpochMs } from '../base/clock.ts';
import { ApiError, rejectsCursor, rejectsPageSize } from '../client/failures.ts';
import type { WorkPage } from '../client/work-api.ts';
import type { PollSettings } from '../domain/environment.ts';
import { isRejectedOnTheWay } from '../domain/failure.ts';
import type { WorkItem } from '../domain/work.ts';
import type { FullScanEnd, LedgerRead } from '../lifecycle/ledger.ts';
import type { ItemsSnapshot, QueueSnapshot } from '../state/environment-state.ts';
import { FullScan, type ListOrder, type ScanEnd, type TailPage, withTailPage } from './full-scan.ts';
import { type Counting, type SeenItem, SeenItems } from './seen-items.ts';
import { isUnserved, StatsMismatch, UNSERVED_SCAN_MS } from './stats-mismatch.ts';

/** A list of up to so many pages is read whole each time. */
const WHOLE_PAGES = 3;
/** A full scan of up to so many pages is made in one read, and so much is read at once where no order leads to new items. */
const PAGES_AT_ONCE = 10;
/** A longer one takes this part of `full_list_interval`, because reads may come late. */
const FULL_LIST_SHARE = 0.9;
/** The most pages that a read spends on new items. What they do not reach, a full scan finds. */
const MOST_FRONT_PAGES = 5;
/** Requests of one read for live items that its pages did not show. */
const MOST_REFRESHES = 3;
/** A row may become visible so long after its stamps, among older rows. */
const LATE_COMMIT_MS = 60_000;
/** The shortest time between full scans for which something waits. */
const APART_MS = 60_000;
/** Nothing can be proved about live items behind the cut of a list: they are shown for this long. */
const UNSEEN_MS = 3_600_000;
/** A key that may not read single items is a matter of configuration, which people may change. */
const REFUSED_FOR_MS = 3_600_000;
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
  /** How many pages of full scans the list may ask for in a minute; fractions count over several minutes. 0: none now. */
  scanPagesPerMinute(): number;
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

/** A full scan that has ended. Times without a remark are monotonic. */
interface EndedScan extends ScanEnd {
  readonly startedAt: number;
  readonly endedAt: number;
  /** Own clock. */
  readonly endedAtWall: EpochMs;
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
  #scansBegun = 0;
  #last: EndedScan | null = null;
  /** The last full scan that ended, if it is not published yet. */
  #unpublishedEnd: FullScanEnd | null = null;
  #order: ListOrder = 'none';
  #tail: readonly TailPage[] = [];
  /** Everything created until then was met, apart from what becomes visible late. */
  #metUntil: EpochMs = 0;
  /** When a later creation than ever before was shown, monotonic. */
  #newestRoseAt = 0;
  #surprise: { readonly reason: SurpriseReason } | null = null;
  /** A full scan is to answer the surprise. */
  #isScanWanted = false;
  /** Cursors were rejected when a later read went on with a full scan. */
  #cursorsExpire = false;
  #rejections = 0;
  /** When pages of full scans were asked for. */
  #scanned: number[] = [];
  #pageSize: number | null = null;
  #noSingleReadsUntil = Number.NEGATIVE_INFINITY;

  /** Every known live item, as it was seen last. */
  get live(): Iterable<SeenItem> {
    return this.#seen.live;
  }

  /** How the list is read, and the outcome of its last full scan. */
  get facts(): Pick<ItemsSnapshot, 'mode' | 'lastFullRead' | 'mismatch'> {
    const last = this.#last;
    return {
      mode: this.#isLong ? this.#order : 'whole',
      lastFullRead: last && {
        at: last.endedAtWall,
        pages: last.pages,
        items: last.items,
        truncated: last.truncated || last.roomless,
        chainBroken: last.chainBroken,
        roomless: last.roomless,
      },
      mismatch: this.#mismatch.value,
    };
  }

  /** The last reason to read the whole list ahead of time: another object each time. */
  get surprise(): { readonly reason: SurpriseReason } | null {
    return this.#surprise;
  }

  /** How many pages a full scan has, as far as is known; 0 for a list that is read whole anyway. */
  get scanPages(): number {
    const underWay = this.#scan?.pages ?? 0;
    if (this.#last === null) return WHOLE_PAGES + underWay;
    return this.#isLong ? Math.max(this.#last.pages, underWay) : 0;
  }

  /** How many pages of full scans were asked for since then, monotonic. */
  scannedSince(from: number): number {
    return this.#scanned.filter((at) => at > from).length;
  }

  /** Another server is asked, or another key is used: what was rejected is tried once more. */
  recheck(): void {
    this.#noSingleReadsUntil = Number.NEGATIVE_INFINITY;
    if (this.#pageSize === null) return;
    this.#pageSize = null;
    this.#forgetCursors();
  }

  /** @throws ApiError when a request fails; what was seen until then comes with the next read that succeeds */
  async read(source: ListSource, facts: ListFacts): Promise<LedgerRead> {
    const run: Run = { ...facts, source, pages: new Map() };
    this.#seen.beginRead();
    // A list that is read whole each time leaves nothing else to look at.
    if (this.#mismatch.judge(facts.queue) && this.#isLong) {
      this.#mismatch.scanAsked();
      this.#wantScan('mismatch');
    }
    try {
      await this.#readOnce(run);
    } catch (error) {
      if (!(error instanceof PageSizeRejected)) throw error;
      run.pages.clear();
      await this.#readOnce(run);
    }
    const fullScan = this.#unpublishedEnd;
    this.#unpublishedEnd = null;
    const end = { endedAt: facts.clock.now(), fullScanEnded: fullScan !== null };
    this.#mismatch.note(this.#liveItems(), facts.queue, end);
    return { ...this.#seen.take(), fullScan };
  }

  get #isLong(): boolean {
    if (this.#last === null) return false;
    // It may have outgrown its last full scan.
    return this.#last.pages > WHOLE_PAGES || this.#last.truncated || (this.#scan?.pages ?? 0) >= WHOLE_PAGES;
  }

  async #readOnce(run: Run): Promise<void> {
    const wasLong = this.#isLong;
    const isFirst = this.#last === null;
    if (!wasLong) {
      // Nothing is shown before the first full scan has ended, so that one waits.
      await this.#scanOn(run, {
        most: Number.POSITIVE_INFINITY,
        free: WHOLE_PAGES,
        waits: isFirst,
        isUrgent: !isFirst,
      });
    }
    // A full scan of many pages does not see what comes behind it.
    if (this.#isLong) await this.#readFront(run);
    if (wasLong) await this.#continueScan(run);
    await this.#refresh(run);
  }

  /** The place where new items appear, until all of them are met: usually one page. */
  async #readFront(run: Run): Promise<void> {
    const from = run.clock.monotonic();
    const oldAt = this.#metUntil - LATE_COMMIT_MS;
    const isEnd =
      this.#order === 'newest'
        ? await this.#readHead(run, oldAt)
        : this.#order === 'oldest' && (await this.#readTail(run, oldAt));
    if (!isEnd) return;
    // Late commits are visible by now: otherwise a burst would be read again and again until a newer item comes.
    const lateMs = from - this.#newestRoseAt >= LATE_COMMIT_MS ? LATE_COMMIT_MS : 0;
    this.#metUntil = Math.max(this.#metUntil, this.#seen.newest + lateMs);
  }

  /** From the first page to one with an item from before everything that may be new. Returns whether it was reached. */
  async #readHead(run: Run, oldAt: EpochMs): Promise<boolean> {
    let cursor: string | null = null;
    for (let pages = 1; pages <= MOST_FRONT_PAGES; pages++) {
      const page: WorkPage = await this.#page(run, cursor);
      this.#show(run, page.items, { cursor });
      if (page.items.some(({ createdAt }) => createdAt !== null && createdAt <= oldAt)) return true;
      if (pages >= run.poll.maxListPages || (page.nextPage === null && !page.chainBroken)) return true;
      if (page.nextPage === null || run.pages.has(page.nextPage)) break;
      cursor = page.nextPage;
    }
    this.#wantScan('order');
    return false;
  }

  /** From the last page that begins with an old item to the end. Returns whether it was reached. */
  async #readTail(run: Run, oldAt: EpochMs): Promise<boolean> {
    const isOld = ({ firstAt }: Pick<TailPage, 'firstAt'>) => firstAt !== null && firstAt <= oldAt;
    let tail: readonly TailPage[] = this.#tail.slice(Math.max(0, this.#tail.findLastIndex(isOld)));
    let cursor = tail[0]?.cursor;
    if (cursor === undefined) return false;
    for (let pages = 1; pages <= MOST_FRONT_PAGES; pages++) {
      const page = await this.#knownPlace(run, cursor);
      if (page === null) return false;
      // Where cursors count items, those that leave draw the others forward.
      const hasMoved = pages === 1 && cursor !== null && !isOld({ firstAt: page.items[0]?.createdAt ?? null });
      if (hasMoved) break;
      tail = withTailPage(tail, cursor, page);
      const isLoop = page.nextPage !== null && run.pages.has(page.nextPage);
      if (page.chainBroken || isLoop) break;
      if (page.nextPage === null) {
        this.#tail = tail;
        return true;
      }
      cursor = page.nextPage;
    }
    this.#wantScan('order');
    return false;
  }

  async #continueScan(run: Run): Promise<void> {
    const isUrgent = this.#isScanDue(run);
    // Something may have happened at places that a regular full scan has already passed.
    if (isUrgent && this.#scan?.start.isUrgent !== true) this.#scan = null;
    const goesFar = isUrgent || this.#scan?.start.isUrgent === true || this.#cursorsExpire;
    // Each read asks for at least one page.
    const free = run.pages.size === 0 ? 1 : 0;
    const most = goesFar ? Number.POSITIVE_INFINITY : Math.max(free, this.#regularPages(run));
    await this.#scanOn(run, { most, free, waits: false, isUrgent });
  }

  /** How many pages of a regular full scan this read takes, so that each item is shown within `full_list_interval`. */
  #regularPages({ clock, poll: { fullListIntervalMs }, intervalMs }: Run): number {
    const last = this.#last!;
    const pages = Math.max(last.pages, this.#scan?.pages ?? 0);
    if (pages > PAGES_AT_ONCE || this.#order === 'none') {
      const share = Math.ceil((pages * intervalMs) / (FULL_LIST_SHARE * fullListIntervalMs));
      return Math.max(share, this.#order === 'none' ? PAGES_AT_ONCE : 1);
    }
    const isNextTooLate = clock.monotonic() + 1.5 * intervalMs >= last.startedAt + fullListIntervalMs;
    return this.#scan !== null || isNextTooLate ? PAGES_AT_ONCE : 0;
  }

  /** Whether something waits for a full scan, and the last one is long enough ago. */
  #isScanDue({ clock, queue, staleHeartbeatSeconds, apiNow }: Run): boolean {
    const { startedAt, endedAt } = this.#last!;
    const sinceMs = clock.monotonic() - endedAt;
    const isApart = sinceMs >= Math.max(APART_MS, 2 * (endedAt - startedAt));
    if (this.#isScanWanted && isApart) return true;
    // Before anything may say that nobody is there, the whole list is read.
    const unserved = isUnserved(queue?.stats ?? null, this.#liveItems(), { now: apiNow(), staleHeartbeatSeconds });
    return unserved && sinceMs >= UNSERVED_SCAN_MS && isApart;
  }

  /** Reads the next pages of the full scan, and begins one if there is none. */
  async #scanOn(
    run: Run,
    { most, free, waits, isUrgent }: { most: number; free: number; waits: boolean; isUrgent: boolean },
  ): Promise<void> {
    let hasRestarted = false;
    for (let read = 0; read < most; read++) {
      if (read >= free) {
        while (waits && this.#scanWaitMs(run) > 0) await run.source.sleep(this.#scanWaitMs(run));
        if (this.#scanWaitMs(run) > 0) return;
        this.#scanned.push(run.clock.monotonic());
      }
      this.#scan ??= this.#newScan(run, isUrgent);
      const scan = this.#scan;
      const { cursor } = scan;
      let page: WorkPage;
      try {
        page = await this.#page(run, cursor);
      } catch (error) {
        if (cursor !== null && rejectsCursor(error)) {
          this.#scanRejected(read === 0);
          // A list that is already known shows what was read all the same.
          if (hasRestarted && this.#last === null) throw error;
          if (hasRestarted) return;
          hasRestarted = true;
          continue;
        }
        if (error instanceof ApiError && ++scan.failures >= MOST_FAILURES) this.#scan = null;
        throw error;
      }
      this.#show(run, page.items, { cursor, scan: scan.start.number });
      const end = scan.add(page, run.poll.maxListPages);
      if (end !== null || scan.isUnordered || this.#last === null) this.#order = scan.order;
      if (end !== null) return this.#endScan(run, scan, end);
    }
  }

  #newScan({ clock, apiNow }: Run, isUrgent: boolean): FullScan {
    return new FullScan({
      number: ++this.#scansBegun,
      startedAt: clock.monotonic(),
      startedAtApi: apiNow(),
      startedInRead: this.#seen.read,
      leftOutBefore: this.#seen.leftOut,
      isUrgent,
    });
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

  /** How long the next page of a full scan has to wait for its part of the budget. */
  #scanWaitMs({ clock, scanPagesPerMinute }: Run): number {
    const perMinute = scanPagesPerMinute();
    if (perMinute <= 0) return 1000;
    const most = Math.max(1, Math.floor(perMinute));
    const withinMs = (60_000 * most) / perMinute;
    const now = clock.monotonic();
    this.#scanned = this.#scanned.filter((at) => now - at < Math.max(60_000, withinMs));
    const before = this.#scanned.at(-most) ?? Number.NEGATIVE_INFINITY;
    return now - before >= withinMs ? 0 : Math.max(1, before + withinMs - now);
  }

  #endScan(run: Run, scan: FullScan, end: ScanEnd): void {
    const { clock, apiNow } = run;
    const { startedAt, startedAtApi, startedInRead, leftOutBefore, number } = scan.start;
    const { pages, items } = scan;
    const endedAt = clock.monotonic();
    const roomless = this.#seen.leftOut > leftOutBefore;
    this.#scan = null;
    this.#isScanWanted = false;
    this.#rejections = 0;
    this.#last = { ...end, startedAt, endedAt, endedAtWall: clock.now(), pages, items, roomless };
    // By the present correction: the first answers may have revealed it.
    this.#unpublishedEnd = {
      startedAt: apiNow() - (endedAt - startedAt),
      pages,
      truncated: end.truncated || roomless,
    };
    this.#metUntil = Math.max(this.#metUntil, Math.min(this.#seen.newest, startedAtApi));
    this.#tail = this.#order === 'oldest' && !end.truncated ? scan.tail : [];
    for (const known of this.#seen.missing(number, startedInRead)) {
      const isGone = end.truncated ? apiNow() - known.observedAt > UNSEEN_MS : ++known.misses >= Math.min(2, pages);
      if (isGone) this.#seen.drop(known.item.id);
      // A second full scan proves whether it is gone, and is cheap.
      else if (!end.truncated && pages <= PAGES_AT_ONCE) this.#isScanWanted = true;
    }
  }

  /** Live items that this read has not shown: each by itself or, if several stood on one page, that page. */
  async #refresh(run: Run): Promise<void> {
    const unseen = this.#seen.unseen();
    const onPage = new Map<string | null | undefined, number>();
    for (const { cursor } of unseen) onPage.set(cursor, (onPage.get(cursor) ?? 0) + 1);
    let left = MOST_REFRESHES;
    for (const known of unseen) {
      if (left === 0) return;
      if (this.#seen.isMet(known)) continue;
      const isAlone = known.cursor === undefined || onPage.get(known.cursor) === 1;
      const { retrieve } = run.source;
      const mayRetrieve = retrieve !== null && run.clock.monotonic() >= this.#noSingleReadsUntil;
      if (isAlone && mayRetrieve && !known.avoidsSingleRead) {
        left--;
        await this.#retrieve(run, known, retrieve);
      } else left -= await this.#readPlaceOf(run, known, left);
    }
  }

  /** Reads one item by its id: 404 proves that it is gone. Failing to read one item does not fail the read of the list. */
  async #retrieve(run: Run, known: SeenItem, retrieve: (id: string) => Promise<WorkItem>): Promise<void> {
    const { id } = known.item;
    try {
      this.#show(run, [await retrieve(id)], { cursor: undefined });
    } catch (error) {
      if (!(error instanceof ApiError) || error.failure.reason === 'rate_limited') throw error;
      const { reason } = error.failure;
      if (reason === 'not_found') this.#seen.drop(id);
      else if (reason === 'unauthorized' || reason === 'forbidden' || isRejectedOnTheWay(error.failure)) {
        this.#noSingleReadsUntil = run.clock.monotonic() + REFUSED_FOR_MS;
      } else known.avoidsSingleRead = true;
    }
  }

  /** Reads the page where an item stood, and the one after it, since new items may have pushed it on. Returns the requests. */
  async #readPlaceOf(run: Run, known: SeenItem, left: number): Promise<number> {
    const { cursor } = known;
    if (cursor === undefined) return 0;
    const most = run.pages.has(cursor) ? 1 : 2;
    let requests = 0;
    for (; requests < most && !this.#seen.isMet(known); requests++) {
      const at = firstUnread(run.pages, cursor);
      if (at === undefined) break;
      if (requests === left || (await this.#knownPlace(run, at)) === null) return requests;
    }
    // Only a full scan finds it, and all that were pushed on with it.
    if (!this.#seen.isMet(known)) this.#seen.forgetPlace(cursor);
    return requests;
  }

  /** A page by a cursor of an earlier read; null when that is no longer accepted. */
  async #knownPlace(run: Run, cursor: string | null): Promise<WorkPage | null> {
    try {
      const page = await this.#page(run, cursor);
      this.#show(run, page.items, { cursor });
      return page;
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
      return page;
    } catch (error) {
      if (limit <= fallbackPageSize || !rejectsPageSize(error, cursor)) throw error;
      // Not every 400 is about the size: an organization on hold gets one, too, and no page of any size.
      if (!error.tooMuch) await source.page(cursor, fallbackPageSize);
      this.#pageSize = fallbackPageSize;
      this.#forgetCursors();
      throw new PageSizeRejected();
    }
  }

  /** Cursors belong to one page size. */
  #forgetCursors(): void {
    this.#scan = null;
    this.#tail = [];
    this.#seen.forgetPlace();
  }

  #show(
    { clock, apiNow, counting }: Run,
    items: readonly WorkItem[],
    { cursor, scan = 0 }: { readonly cursor: string | null | undefined; readonly scan?: number },
  ): void {
    const { newest } = this.#seen;
    this.#seen.show(items, { at: apiNow(), cursor, scan }, counting());
    if (this.#seen.newest > newest) this.#newestRoseAt = clock.monotonic();
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

/** The first page from `cursor` on that this read has not asked for; undefined if it has read all to the end. */
function firstUnread(pages: Run['pages'], cursor: string | null): string | null | undefined {
  let at = cursor;
  // A list that leads back to an earlier page has no more pages than this.
  for (let steps = 0; steps <= pages.size; steps++) {
    const next = pages.get(at);
    if (next === undefined) return at;
    if (next === null) return undefined;
    at = next;
  }
  return undefined;
}
