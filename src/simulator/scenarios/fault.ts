/** The endpoints of the API, as named in faults, in `requests` of the truth and in the access table. */
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
  /** Which endpoints; all by default. */
  readonly endpoints?: readonly Endpoint[];
  /** Which environment ids; all by default. */
  readonly environments?: readonly string[];
  /** Requests with which kinds of key; all by default. */
  readonly keys?: readonly ('api_key' | 'environment_key')[];
  /** The fraction of requests that it hits, 0 to 1; 1 by default. */
  readonly probability?: number;
  /** Ends after this many hits; never by default. */
  readonly count?: number;
}

/** Something that goes wrong on purpose. */
export type Fault = FaultScope &
  (
    | { readonly kind: 'latency'; readonly seconds: number }
    /** The request is accepted and never answered. */
    | { readonly kind: 'hang' }
    /** The connection is closed before an answer. */
    | { readonly kind: 'reset' }
    /** The connection is closed in the middle of the body. */
    | { readonly kind: 'truncate' }
    /** A page of HTML, as a proxy would send it, with this status; 200 by default. */
    | { readonly kind: 'garbage'; readonly status?: number }
    | {
        readonly kind: 'status';
        readonly status: number;
        readonly retryAfterSeconds?: number;
        readonly shouldRetry?: boolean;
        readonly errorCode?: string;
      }
    /** The key is no longer known: 401 without a request id. */
    | { readonly kind: 'revoked' }
    /** A list page without items that has a next page. */
    | { readonly kind: 'empty_page' }
    /** `next_page` is the cursor of the same page. */
    | { readonly kind: 'repeat_cursor' }
    /** A page that says that more follow, without a cursor. */
    | { readonly kind: 'more_without_cursor' }
    /** Stats without `oldest_queued_at`, even if work waits. */
    | { readonly kind: 'no_oldest' }
    /** The answer of a cache, with an `Age`. */
    | { readonly kind: 'cached'; readonly ageSeconds: number }
    /** An answer up to this old, which does not say so: one of several servers is behind. */
    | { readonly kind: 'outdated'; readonly seconds: number }
    /** A complete answer, padded with white space to this length. */
    | { readonly kind: 'oversized'; readonly bytes: number }
    /** `100 Continue`, unrequested, before the answer. */
    | { readonly kind: 'interim' }
    /** The `Date` header alone is wrong. */
    | { readonly kind: 'date_skew'; readonly seconds: number }
  );
