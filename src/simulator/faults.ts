import { z } from 'zod';
import type { Random } from '../base/clock.ts';
import { ExporterError } from '../base/errors.ts';

interface RejectionOptions {
  readonly details?: Readonly<Record<string, unknown>>;
  readonly headers?: Readonly<Record<string, string>>;
  /** A key that is no longer known: such an answer carries no request id. */
  readonly anonymous?: boolean;
}

/** A request that the API rejects: docs/design/work-api.md#errors. */
export class Rejection extends ExporterError {
  readonly status: number;
  readonly options: RejectionOptions;

  constructor(status: number, message: string, options: RejectionOptions = {}) {
    super(`simulator_${status}`, message);
    this.status = status;
    this.options = options;
  }

  /** The body of the answer. */
  json(requestId: string | null): Readonly<Record<string, unknown>> {
    const type = TYPE_OF_STATUS[this.status] ?? (this.status < 500 ? TYPE_OF_STATUS[400] : 'api_error');
    const { details } = this.options;
    const error = { type, message: this.message, ...(details && { details }) };
    return { type: 'error', error, request_id: this.options.anonymous ? null : requestId };
  }
}

/** The `error.type` that goes with a status. */
const TYPE_OF_STATUS: Readonly<Record<number, string>> = {
  400: 'invalid_request_error',
  401: 'authentication_error',
  402: 'billing_error',
  403: 'permission_error',
  404: 'not_found_error',
  413: 'request_too_large',
  429: 'rate_limit_error',
  504: 'timeout_error',
  529: 'overloaded_error',
};

/** The result, or null when the API answers with an error. */
export function attempt<T>(call: () => T): T | null {
  try {
    return call();
  } catch (error) {
    if (error instanceof Rejection) return null;
    throw error;
  }
}

/** The endpoints of the API, as named in faults, in `requests` of the truth and in the access table. */
const ENDPOINTS = [
  'environments',
  'environment',
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

/** Requests by endpoint and HTTP status; 0 for a connection that was closed instead of answered. */
export type RequestCounts = Readonly<Record<string, Readonly<Record<string, number>>>>;

/** The status that counts requests whose connection was closed instead of answered. */
export const CUT = 0;

/** Counts the HTTP requests by environment, endpoint and status. */
export class RequestLog {
  readonly #counts = new Map<string, Record<string, Record<string, number>>>();

  /** `environmentId` is null for requests that belong to no environment. */
  count(environmentId: string | null, endpoint: Endpoint, status: number): void {
    const byEndpoint = this.#counts.get(environmentId ?? '') ?? {};
    this.#counts.set(environmentId ?? '', byEndpoint);
    byEndpoint[endpoint] ??= {};
    byEndpoint[endpoint][status] = (byEndpoint[endpoint][status] ?? 0) + 1;
  }

  of(environmentId: string | null): RequestCounts {
    return structuredClone(this.#counts.get(environmentId ?? '') ?? {});
  }
}

/** No time, and no wait, is further away than three decades: beyond them there are no dates, and nothing would be answered. */
const MOST_SECONDS = 1e9;
export const anySeconds = z.number().min(-MOST_SECONDS).max(MOST_SECONDS);
const seconds = z.number().min(0).max(MOST_SECONDS);
const status = z.number().int().max(599);

function fault<K extends string, S extends z.ZodRawShape>(kind: K, shape: S) {
  return z.strictObject({
    kind: z.literal(kind),
    ...shape,
    /** Which endpoints, environments and kinds of key it hits; all by default. */
    endpoints: z.array(z.enum(ENDPOINTS)).readonly().optional(),
    environments: z.array(z.string()).readonly().optional(),
    keys: z
      .array(z.enum(['api_key', 'environment_key']))
      .readonly()
      .optional(),
    /** The fraction of requests that it hits; all by default. */
    probability: z.number().min(0).max(1).optional(),
    /** Ends after this many hits; never by default. */
    count: z.number().int().positive().optional(),
  });
}

/** Something that goes wrong on purpose: docs/simulator.md#faults. */
export const faultSchema = z.discriminatedUnion('kind', [
  fault('latency', { seconds }),
  fault('hang', {}),
  fault('reset', {}),
  fault('truncate', {}),
  fault('garbage', { status: status.min(200).optional() }),
  fault('status', {
    status: status.min(400),
    retryAfterSeconds: seconds.optional(),
    shouldRetry: z.boolean().optional(),
    errorCode: z.string().optional(),
  }),
  fault('revoked', {}),
  fault('empty_page', {}),
  fault('repeat_cursor', {}),
  fault('more_without_cursor', {}),
  fault('no_oldest', {}),
  fault('cached', { ageSeconds: seconds }),
  fault('outdated', { seconds }),
  fault('oversized', {
    bytes: z
      .number()
      .int()
      .min(0)
      .max(2 ** 28),
  }),
  fault('interim', {}),
  fault('date_skew', { seconds: anySeconds }),
]);
export type Fault = z.infer<typeof faultSchema>;

/** The first fault of a kind. */
export function ofKind<K extends Fault['kind']>(
  faults: readonly Fault[],
  kind: K,
): Extract<Fault, { kind: K }> | undefined {
  return faults.find((fault): fault is Extract<Fault, { kind: K }> => fault.kind === kind);
}

/** What a request is about; `key` is the kind of its key. */
interface Hit {
  readonly endpoint: Endpoint;
  readonly environmentId: string | null;
  readonly key: string | null;
}

/** The active faults: those of the scenario, which change by time, and those that were requested. */
export class FaultBox {
  readonly #random: Random;
  readonly #scripted: () => readonly Fault[];
  #asked: { readonly fault: Fault; remaining: number }[] = [];
  /** What was answered last, by URL. */
  readonly #past = new Map<string, { readonly at: number; readonly body: unknown }>();

  constructor(random: Random, scripted: () => readonly Fault[]) {
    this.#random = random;
    this.#scripted = scripted;
  }

  /** Replaces the requested faults; an empty list clears them. */
  set(faults: readonly Fault[]): void {
    this.#past.clear();
    this.#asked = faults.map((fault) => ({ fault, remaining: fault.count ?? Number.POSITIVE_INFINITY }));
  }

  /** All active faults, the scenario's first. */
  active(): readonly Fault[] {
    return [...this.#scripted(), ...this.#asked.filter(({ remaining }) => remaining > 0).map(({ fault }) => fault)];
  }

  /** The faults that hit this request; each hit counts against the fault's `count`. */
  hit(request: Hit): readonly Fault[] {
    const hits = this.active().filter((fault) => this.#hits(fault, request));
    for (const asked of this.#asked) if (hits.includes(asked.fault)) asked.remaining--;
    return hits;
  }

  /** The last answer to the same request, if a fault allows one that old, as from a server that is behind; or else a new one. */
  async answer(url: string, faults: readonly Fault[], now: number, answer: () => unknown): Promise<unknown> {
    const behind = ofKind(faults, 'outdated');
    if (behind === undefined) return answer();
    const past = this.#past.get(url);
    if (past !== undefined && now - past.at <= behind.seconds * 1000) return past.body;
    const body = await answer();
    this.#past.set(url, { at: now, body });
    return body;
  }

  #hits({ endpoints, environments, keys, probability }: Fault, { endpoint, environmentId, key }: Hit): boolean {
    if (endpoints !== undefined && !endpoints.includes(endpoint)) return false;
    if (environments !== undefined && (environmentId === null || !environments.includes(environmentId))) return false;
    if (keys !== undefined && !keys.some((one) => one === key)) return false;
    return probability === undefined || this.#random() < probability;
  }
}

/** The error that faults answer with; null: none. */
export function refusalOf(faults: readonly Fault[]): Rejection | null {
  const fault = ofKind(faults, 'status');
  if (ofKind(faults, 'revoked')) return new Rejection(401, 'OAuth access token has been revoked.', { anonymous: true });
  if (fault === undefined) return null;
  const { status, errorCode, retryAfterSeconds: wait, shouldRetry } = fault;
  const headers = {
    ...(wait !== undefined && { 'retry-after': String(wait) }),
    ...(shouldRetry !== undefined && { 'x-should-retry': String(shouldRetry) }),
  };
  const details = errorCode === undefined ? {} : { details: { error_code: errorCode } };
  return new Rejection(status, `Simulated failure with status ${status}`, { headers, ...details });
}

/** A good answer as faults change it. @param cursor of the page that was asked for */
export function changedBody(body: unknown, faults: readonly Fault[], cursor: string): unknown {
  if (typeof body !== 'object' || body === null) return body;
  if ('oldest_queued_at' in body && ofKind(faults, 'no_oldest')) return { ...body, oldest_queued_at: null };
  if (!('next_page' in body)) return body;
  if (ofKind(faults, 'more_without_cursor')) return { ...body, next_page: null, has_more: true, last_id: null };
  // Leads back to the items that this page does not show, by a cursor not seen before.
  if (ofKind(faults, 'empty_page')) return { ...body, data: [], next_page: `${cursor}~` };
  return ofKind(faults, 'repeat_cursor') && !/^page_start~*$/.test(cursor) ? { ...body, next_page: cursor } : body;
}
