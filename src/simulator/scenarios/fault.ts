/** What the API can be asked, in the words of faults, of `requests` in the truth and of the access table. */
export const ENDPOINTS = [
  'environments',
  'environment',
  'create_environment',
  'archive_environment',
  'delete_environment',
  'list',
  'stats',
  'retrieve',
  'update',
  'poll',
  'ack',
  'heartbeat',
  'stop',
  'session',
  'session_events',
  'session_stream',
  'session_send',
] as const;
export type Endpoint = (typeof ENDPOINTS)[number];

interface FaultScope {
  /** Which endpoints; all when left out. */
  readonly endpoints?: readonly Endpoint[];
  /** Which environment ids; all when left out. */
  readonly environments?: readonly string[];
  /** Share of requests that it hits, 0 to 1; 1 when left out. */
  readonly probability?: number;
  /** Ends after so many hits; never when left out. */
  readonly count?: number;
}

/** Something that goes wrong on purpose. */
export type Fault = FaultScope &
  (
    | { readonly kind: 'latency'; readonly seconds: number }
    /** The request is taken and never answered. */
    | { readonly kind: 'hang' }
    /** The connection is cut before an answer. */
    | { readonly kind: 'reset' }
    /** The connection is cut in the middle of the body. */
    | { readonly kind: 'truncate' }
    /** 200 with a page of HTML, as a proxy would send it. */
    | { readonly kind: 'garbage' }
    | {
        readonly kind: 'status';
        readonly status: number;
        readonly retryAfterSeconds?: number;
        readonly shouldRetry?: boolean;
        readonly errorCode?: string;
      }
    /** The key is no longer known: 401 without a request id. */
    | { readonly kind: 'revoked' }
    /** A list page without items that has a next one. */
    | { readonly kind: 'empty_page' }
    /** `next_page` is the cursor of this very page. */
    | { readonly kind: 'repeat_cursor' }
    /** A page that says that more follow, without a cursor. */
    | { readonly kind: 'more_without_cursor' }
    /** Stats without `oldest_queued_at`, whatever waits. */
    | { readonly kind: 'no_oldest' }
    /** A cache answers, with an `Age`. */
    | { readonly kind: 'cached'; readonly ageSeconds: number }
    /** A whole answer, with white space after it up to this length. */
    | { readonly kind: 'oversized'; readonly bytes: number }
    /** `100 Continue`, for which nobody asked, and then the answer. */
    | { readonly kind: 'interim' }
    /** The `Date` header alone is wrong. */
    | { readonly kind: 'date_skew'; readonly seconds: number }
  );
