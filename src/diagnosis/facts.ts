import type { Severity, Thresholds } from '../domain/environment.ts';
import type { FailureReason } from '../domain/failure.ts';
import type { History } from './history.ts';

/** What one look at an environment shows. Ages are corrected for the API's clock already. Null is unknown, never 0. */
export interface EnvironmentFacts {
  readonly id: string;
  readonly name: string;
  readonly connection: string;
  readonly limits: Thresholds;
  readonly isArchived: boolean;
  /** Null while no read of the stats is recent enough. */
  readonly queue: QueueFacts | null;
  /** Null while the list is not read, not recent enough, or truncated. */
  readonly items: ItemFacts | null;
  /** Null while the list cannot be read. */
  readonly totals: TotalFacts | null;
  readonly stats: ReadFacts;
  readonly list: ReadFacts;
  readonly isTruncated: boolean;
}

export interface QueueFacts {
  /** Items that wait, with those (`pending`) that were handed out and not acknowledged. */
  readonly waiting: number;
  readonly pending: number;
  /** Of the oldest item; null where the API does not tell. */
  readonly ageSeconds: number | null;
  /** Its stamp: another number is another item. Null when nothing waits, or where the API does not tell. */
  readonly head: number | null;
  /** Workers that polled lately; null where the API does not tell. */
  readonly polling: number | null;
}

export interface ItemFacts {
  /** Runs that somebody took and that are not stale. */
  readonly alive: number;
  /** Running items without a heartbeat for longer than the threshold, as of their read. */
  readonly stale: number;
  /** Those of them that have been silent for longer than a hung heartbeat lasts: their worker is gone. */
  readonly silent: number;
  /** Acknowledged, never had a heartbeat, past the limit of `starting`. */
  readonly frozen: number;
  /** Ages of the oldest item in each of these states. */
  readonly queuedSeconds: number | null;
  readonly startingSeconds: number | null;
  readonly activeSeconds: number | null;
  /** Items at or past thresholds.redeliveries. */
  readonly redelivered: number;
  /** The longest wait of a session for an action, with a live item. */
  readonly sessionWaitSeconds: number | null;
  /** Live items whose session has ended, and for how long, at least, the longest of them. */
  readonly endedSessions: number;
  readonly endedSessionSeconds: number | null;
}

/** Totals that grow, since the ledger began. */
export interface TotalFacts {
  readonly acknowledged: number;
  readonly stopped: number;
  /** Lapsed after silence: the worker is gone. */
  readonly lost: number;
  /** Runs that sent a heartbeat, or were stopped before one was seen. An item that only ever was `starting` is none. */
  readonly begun: number;
  /** No total: lost runs that began after every run that has ended well, so that a release that breaks new runs shows. */
  readonly lostInARow: number;
  /** Runs that ended with a stop, and those of them that took less than five seconds; sessions alone, no health checks. */
  readonly runs: number;
  readonly shortRuns: number;
}

export interface ReadFacts {
  /** False: no key can do it, or it is not asked for. */
  readonly isAttempted: boolean;
  /** On the monotonic clock: since the last success, or since the environment is watched. */
  readonly unreadSeconds: number;
  /** Since the process started. */
  readonly hasSucceeded: boolean;
  /** In force, and configured. */
  readonly intervalSeconds: number;
  readonly configuredIntervalSeconds: number;
  /** Of the last attempt; null when it succeeded. While its connection is paused after a 429: `rate_limited`. */
  readonly failure: FailureReason | null;
}

/** What one look at a connection shows. */
export interface ConnectionFacts {
  readonly name: string;
  /** Null: it does not discover, or has not tried yet. */
  readonly isDiscovered: boolean | null;
  /** Environments that discovery found and that are not watched for want of room. */
  readonly dropped: number;
  /** Keys that the API refuses now: `api_key`, or the id of the environment. */
  readonly refusedKeys: readonly string[];
  /** Seconds until each key with a known expiry expires. */
  readonly expiries: readonly { readonly key: string; readonly seconds: number }[];
  /** Growing totals: requests sent, and answered with 429. */
  readonly requests: number;
  readonly limitedRequests: number;
}

/** What is remembered of one look at an environment. */
export function environmentSample({ queue, items, totals, stats, list }: EnvironmentFacts, isKeyRefused: boolean) {
  const isWaiting = queue === null ? null : queue.waiting > 0;
  const isAgeless = queue?.ageSeconds === null && (items?.queuedSeconds ?? null) === null;
  const polling = queue === null ? null : (queue.polling ?? 0);
  const isAlive = items === null ? null : items.alive > 0;
  return {
    ...totals,
    ...{ waiting: queue?.waiting ?? null, oldestSeconds: queue?.ageSeconds ?? null, polling },
    ...{ live: items === null ? null : items.alive + items.stale, stale: items?.stale ?? null },
    silent: items?.silent ?? null,
    /** The stamp of the oldest item; 0: none, or nobody tells. */
    head: queue === null ? null : (queue.head ?? 0),
    isRead: queue !== null,
    isListed: totals !== null,
    isWaiting,
    isAgeless: isWaiting && isAgeless,
    isAlive,
    /** Somebody polls or works. */
    isManned: polling === null ? null : polling > 0 || isAlive === true,
    /** No run is alive, and items are handed out that nobody acknowledges. */
    isHandedOut: isAlive === null ? null : !isAlive && (queue?.pending ?? 0) > 0,
    areStatsFailing: stats.isAttempted && stats.failure !== null,
    isListFailing: list.isAttempted && list.failure !== null,
    /** The API says that there is no such queue. Another failure says nothing of that. */
    isGone: stats.failure === null ? false : isGone(stats.failure) || null,
    /** The API refuses its own key. */
    isKeyRefused,
  };
}

/** An answer, if not a pleasant one. */
export function isGone(reason: FailureReason | null): boolean {
  return reason === 'not_found' || reason === 'not_self_hosted';
}

export function connectionSample({ requests, limitedRequests, refusedKeys }: ConnectionFacts, isWatching: boolean) {
  const isKeyRefused = refusedKeys.includes('api_key');
  return { requests, limitedRequests, isKeyRefused, isWatching };
}

/** The last hour of an environment or a connection. */
export type Past = History<keyof (ReturnType<typeof environmentSample> & ReturnType<typeof connectionSample>)>;

/** All that a condition is judged by. */
export interface View<Facts> {
  readonly now: Facts;
  readonly past: Past;
  readonly severity: Severity;
  /** It was found at the look before. */
  readonly was: boolean;
  /** It was told, and its end has not been yet. */
  readonly isTold: boolean;
}

export type EnvironmentView = View<EnvironmentFacts>;

/** What a look says of one condition. `unknown`: it neither begins nor ends now. `off`: nobody wants to know. */
export type Verdict = Finding | 'no' | 'unknown' | 'off';

export interface Finding {
  /** The numbers that it was judged by, in words. */
  readonly evidence: string;
  /** Of a condition of a connection: the environments that it hides. */
  readonly members: readonly string[];
}

export const found = (evidence: string, members: readonly string[] = []): Finding => ({ evidence, members });

/** `7 items`, `1 item` */
export const items = (count: number): string => (count === 1 ? '1 item' : `${count} items`);
