import type { Clock, EpochMs } from '../../base/clock.ts';
import { rejectsPageSize } from '../../client/failure/rejected-page.ts';
import type { WorkPage } from '../../client/work-api.ts';
import type { PollSettings } from '../../domain/environment.ts';
import type { WorkItem } from '../../domain/work.ts';
import type { QueueSnapshot } from '../../state/environment-state.ts';
import type { ScanState } from '../memory/scan-state.ts';

/** What a read of the list wants to do next. */
export type ScanRequest =
  /** Null: the first page. */
  | { readonly kind: 'page'; readonly limit: number; readonly cursor: string | null }
  | { readonly kind: 'retrieve'; readonly workId: string }
  /** No request: a permit of the scan quota. */
  | { readonly kind: 'permit' };

export type ScanAnswer =
  | { readonly kind: 'page'; readonly page: WorkPage }
  | { readonly kind: 'retrieve'; readonly item: WorkItem }
  | { readonly kind: 'permit' };

/**
 * A read of the list as a generator: it yields the requests that it wants to make and receives the answers; an `ApiError` is
 * thrown into it. It never waits and has no other effects, so a test can play every case by hand.
 */
export type Scan<T = void> = Generator<ScanRequest, T, ScanAnswer>;

/**
 * The access of one read to the scan quota of its connection. A permit is the right to request one page of a full scan; the
 * request needs a token of the budget, too.
 */
export interface ScanPermits {
  /** Takes a permit if one is available now. */
  tryTake(urgent: boolean): boolean;
  /** Resolves once a permit is taken, first come, first served. If the signal aborts first, rejects with its reason. */
  take(signal: AbortSignal): Promise<void>;
}

/** What a read of the list knows besides its memory. */
export interface ScanFacts {
  readonly clock: Pick<Clock, 'now' | 'monotonic'>;
  /** API clock − own clock; 0 while unknown. */
  readonly skewMs: number;
  readonly poll: PollSettings;
  /** The scheduled interval between reads of the list, ms. */
  readonly intervalMs: number;
  /** Items per page, and what to ask for if that is rejected. */
  readonly pageSize: number;
  readonly fallbackPageSize: number;
  /** Whether `started_at` is the time of queueing. */
  readonly startedAtIsEnqueueStamp: boolean;
  readonly staleHeartbeatSeconds: number;
  /** W of the ledger: a stopped item without a later stamp is history and is not remembered. */
  readonly settledUntil: EpochMs;
  /** Whether the ledger follows an item: then its row says something, however old its stamps are. */
  isFollowed(id: string): boolean;
  /** How many items the ledger follows. */
  readonly followed: number;
  /** Whether there is a credential for single reads and the configuration allows them. */
  readonly mayRetrieve: boolean;
  readonly permits: Pick<ScanPermits, 'tryTake'>;
  /** The last good stats, if any. */
  readonly queue: QueueSnapshot | null;
}

/** The page size was rejected, or a page holds more than is accepted of one answer; a smaller one may do. */
export class PageSizeRejected extends Error {}

/** Now, on the API's clock. */
export function apiNow({ clock, skewMs }: ScanFacts): EpochMs {
  return clock.now() + skewMs;
}

/** Asks for one page. @throws ApiError; PageSizeRejected once a smaller page is accepted, or is sure to hold less */
export function* askPage(scanState: ScanState, facts: ScanFacts, cursor: string | null): Scan<WorkPage> {
  const limit = scanState.limits.pageSize ?? facts.pageSize;
  try {
    const answer = yield { kind: 'page', limit, cursor };
    if (answer.kind !== 'page') throw new TypeError('the answer is not that of a page');
    return answer.page;
  } catch (error) {
    if (limit <= facts.fallbackPageSize || !rejectsPageSize(error, cursor)) throw error;
    // Not every 400 is about the size: an organization on hold gets one, too, and no page of any size.
    if (!error.tooMuch) yield { kind: 'page', limit: facts.fallbackPageSize, cursor };
    throw new PageSizeRejected();
  }
}

/** Waits for a permit to read one page of a full scan. */
export function* awaitPermit(): Scan {
  yield { kind: 'permit' };
}

/** Asks for one item. @throws ApiError */
export function* askItem(workId: string): Scan<WorkItem> {
  const answer = yield { kind: 'retrieve', workId };
  if (answer.kind !== 'retrieve') throw new TypeError('the answer is not that of an item');
  return answer.item;
}
