import type { EpochMs } from '../base/clock.ts';
import type { WorkItem } from '../domain/work.ts';
import type { FullScanEnd } from '../lifecycle/ledger.ts';
import type { Sighting } from '../lifecycle/ledger-item.ts';
import type { ListOrder, OrderCheck } from './list-order.ts';

/** A live item and where it was last seen. */
export interface TrackedItem {
  readonly item: WorkItem;
  /** API time of the read that saw it. */
  readonly observedAt: EpochMs;
  /** Cursor of the page it stood on, null for the first; undefined when cursors are of no use any more. */
  readonly page: string | null | undefined;
  /** Numbers of the read and of the full scan that saw it last; -1 for none. */
  readonly read: number;
  readonly fullScan: number;
  /** Complete full scans in a row that began after it was last seen and did not meet it. */
  readonly misses: number;
  /** It is not on the page where it should be: only a single read or a full scan can tell. */
  readonly lost: boolean;
  /** A single read of it failed for a reason of its own: ask for its page instead. */
  readonly avoidRetrieve: boolean;
}

/** A full scan that has begun and not ended; it goes on where it stopped, over reads and failures. */
export interface FullScanProgress {
  readonly number: number;
  /** API time, and monotonic milliseconds, when it began. */
  readonly startedAt: EpochMs;
  readonly startedMonotonic: number;
  /** Cursor of the page to read next. */
  page: string | null;
  pages: number;
  items: number;
  readonly cursors: Set<string>;
  order: OrderCheck;
  /** The last pages, for a list that grows at its end. */
  tail: TailPage[];
  /** Of the page to read next, in a row. */
  failures: number;
  /** Something waits for what it finds: it goes on as soon as it may, not with the next regular read. */
  readonly urgent: boolean;
}

export interface TailPage {
  readonly cursor: string | null;
  readonly firstCreatedAt: EpochMs | null;
  readonly ids: ReadonlySet<string>;
}

export interface FinishedFullScan {
  readonly startedMonotonic: number;
  readonly endedMonotonic: number;
  /** Own clock. */
  readonly endedAt: EpochMs;
  readonly pages: number;
  readonly items: number;
  readonly truncated: boolean;
}

/** What the next read compares with stats that were read after this one. */
export interface QueueComparison {
  /** depth + pending as of the last stats before the read; null without. */
  readonly before: number | null;
  readonly queued: number;
  /** Own clock. */
  readonly endedAt: EpochMs;
  /** A full scan ended in that read. */
  readonly scanned: boolean;
}

/**
 * What earlier reads of one environment's list taught: docs/design/list-scan.md#what-a-scan-remembers. Changed between
 * requests, never during one.
 */
export interface ScanState {
  /** The page size that the provider accepted instead of its preset's, and until when to believe that (monotonic). */
  pageSize: { readonly limit: number; readonly until: number } | null;
  /** Live items by id. */
  readonly items: Map<string, TrackedItem>;
  /** Seen and not in the published state yet. */
  readonly unpublished: Map<string, Sighting & { readonly fullScan: number }>;
  readonly gone: Set<string>;
  fullScanEnd: FullScanEnd | null;
  order: ListOrder;
  /** Until when the list counts as one without an order, whatever full scans show (monotonic). */
  noneUntil: number;
  /** The largest created_at seen, be it by a read that failed on its way. */
  newestSeen: EpochMs;
  /** When it last rose, monotonic. */
  newestRoseAt: number;
  /** H: all that was created until then was met, late commits apart. */
  metUntil: EpochMs;
  tail: readonly TailPage[];
  fullScan: FullScanProgress | null;
  lastFullScan: FinishedFullScan | null;
  fullScans: number;
  /**
   * Cursors of a full scan were rejected when the next read went on with it: full scans are made in one go as far as
   * permits last.
   */
  cursorsExpire: boolean;
  /** Requests of full scans since the start that took a permit, and the single reads that full scans lead to. */
  fullScanRequests: number;
  reads: number;
  /** Begin the next full scan at once: something has to be proved. */
  proofDue: boolean;
  /** Why a full scan is wanted before it is due, or null. */
  rescanReason: RescanReason | null;
  /** When reasons to rescan came, monotonic, within the last ten minutes. */
  rescans: readonly number[];
  lastRescan: { readonly reason: RescanReason; readonly at: EpochMs } | null;
  comparison: QueueComparison | null;
  mismatch: number | null;
  /** A difference that a full scan did not explain: what stats and list mean differs by so many items. */
  mismatchBaseline: number;
  mismatchReads: number;
  mismatchScanned: boolean;
  /** Single reads were refused: until when not to try them (monotonic). */
  retrieveRefusedUntil: number;
}

export type RescanReason = 'order' | 'cursor_rejected' | 'cursor_repeated' | 'tail_changed' | 'item_moved' | 'mismatch';

/** What a new job knows: nothing. */
export function newScanState(): ScanState {
  return {
    pageSize: null,
    items: new Map(),
    unpublished: new Map(),
    gone: new Set(),
    fullScanEnd: null,
    order: 'unknown',
    noneUntil: 0,
    newestSeen: 0,
    newestRoseAt: 0,
    metUntil: 0,
    tail: [],
    fullScan: null,
    lastFullScan: null,
    fullScans: 0,
    cursorsExpire: false,
    fullScanRequests: 0,
    reads: 0,
    proofDue: false,
    rescanReason: null,
    rescans: [],
    lastRescan: null,
    comparison: null,
    mismatch: null,
    mismatchBaseline: 0,
    mismatchReads: 0,
    mismatchScanned: false,
    retrieveRefusedUntil: 0,
  };
}

/** A list this short is read whole each time. */
export const WHOLE_PAGES = 3;

export function isReadWhole({ lastFullScan, order }: ScanState): boolean {
  return lastFullScan === null || isShort(lastFullScan) || order === 'unknown';
}

/** One that was cut is not: what lies behind the cut has to be looked at by itself. */
export function isShort({ pages, truncated }: FinishedFullScan): boolean {
  return pages <= WHOLE_PAGES && !truncated;
}

/** Cursors are of one page size: with another one the list has to be learned anew. Items stay known. */
export function forgetCursors(scanState: ScanState): void {
  for (const [id, tracked] of scanState.items) scanState.items.set(id, { ...tracked, page: undefined });
  scanState.fullScan = null;
  scanState.tail = [];
  scanState.order = 'unknown';
}
