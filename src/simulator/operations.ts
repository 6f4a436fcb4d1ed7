import { z } from 'zod';
import { sleep } from '../base/clock.ts';
import type { Headers, KeyHolder } from './access.ts';
import { type Endpoint, Rejection } from './faults.ts';
import type { Session, SessionEvent } from './sessions.ts';
import { archivedRejection, type Simulation } from './simulation.ts';
import { type WorkRecord, workJson } from './work.ts';
import { pageOf, type SimEnvironment } from './work-queue.ts';

type Json = Readonly<Record<string, unknown>>;

/** One request as its operation sees it: credentials checked, the world up to date. */
export interface ApiCall {
  readonly simulation: Simulation;
  readonly caller: KeyHolder;
  /** Of the path; there is none where the path names none. */
  readonly environment: SimEnvironment;
  /** What else the path names: an item or a session. */
  readonly id: string;
  readonly query: Readonly<Record<string, unknown>>;
  readonly headers: Headers;
  readonly body: unknown;
  /** True once the client has gone away. */
  readonly gone: () => boolean;
}

/** The body of a 200; or what streams events until the function is called that it returns. */
type Answer = (call: ApiCall) => unknown;
export type Listen = (send: (event: SessionEvent) => void) => () => void;

/** The Work API, by method and path after the provider's prefix; of several that match, the first. docs/design/work-api.md */
export const OPERATIONS: Readonly<Record<string, readonly [Endpoint, Answer]>> = {
  'GET /environments': ['environments', listEnvironments],
  'GET /environments/:environment': ['environment', ({ environment }) => environmentJson(environment)],
  'GET /environments/:environment/work': ['list', listWork],
  'GET /environments/:environment/work/stats': ['stats', stats],
  'GET /environments/:environment/work/poll': ['poll', pollWork],
  'GET /environments/:environment/work/:id': ['retrieve', (call) => shown(call, itemOf(call))],
  'POST /environments/:environment/work/:id': ['update', updateWork],
  'POST /environments/:environment/work/:id/ack': ['ack', acknowledge],
  'POST /environments/:environment/work/:id/heartbeat': ['heartbeat', heartbeat],
  'POST /environments/:environment/work/:id/stop': ['stop', stop],
  'GET /sessions/:id': ['session', (call) => sessionOf(call).json()],
  'GET /sessions/:id/events': ['session_events', listEvents],
  'GET /sessions/:id/events/stream': ['session_stream', (call) => listenTo(sessionOf(call))],
  'POST /sessions/:id/events': ['session_send', sendEvents],
};

const ROUTES = Object.entries(OPERATIONS).map(([route, [endpoint, answer]]) => {
  const [method = '', path = ''] = route.split(' ');
  return { endpoint, answer, method, pattern: new RegExp(`^${path.replaceAll(/:(\w+)/g, '(?<$1>[^/]+)')}$`) };
});

/** What is asked for by this method and path, and what the path names; or 404 for an unknown path, 405 for an unknown method. */
export function operationAt({ pathPrefix }: { readonly pathPrefix: string }, method: string, path: string) {
  const isOurs = path.startsWith(`${pathPrefix}/`);
  const withinApi = path.slice(pathPrefix.length);
  const routes = isOurs ? ROUTES.filter(({ pattern }) => pattern.test(withinApi)) : [];
  if (routes.length === 0) return new Rejection(404, 'Not found');
  const route = routes.find((one) => one.method === method);
  if (route === undefined) {
    const allow = [...new Set(routes.map((one) => one.method))].join(', ');
    return new Rejection(405, 'Method Not Allowed', { headers: { allow } });
  }
  const { endpoint, answer, pattern } = route;
  return { endpoint, answer, params: pattern.exec(withinApi)?.groups ?? {} };
}

const DEFAULT_LIMIT = 20;
const MAX_EVENTS = 1000;

const whole = z
  .string()
  .regex(/^-?\d+$/, 'Input should be a valid integer')
  .transform(Number);
const positive = whole.pipe(z.number().min(1)).optional();

/** What queries and bodies may hold: docs/design/work-api.md#query-parameters-and-limits. */
const INPUT = {
  page: z.object({
    limit: positive,
    page: z.string().nullable().default(null),
    after_id: z.string().optional(),
    include_archived: z.string().optional(),
  }),
  poll: z.object({ block_ms: whole.pipe(z.number().min(1).max(999)).default(0), reclaim_older_than_ms: positive }),
  heartbeat: z.object({ desired_ttl_seconds: positive, expected_last_heartbeat: z.string().optional() }),
  update: z.strictObject({ metadata: z.record(z.string(), z.string().nullable()).optional() }),
  stop: z.strictObject({ force: z.boolean().nullish() }),
  events: z.object({
    limit: whole.pipe(z.number().min(1).max(MAX_EVENTS)).default(MAX_EVENTS),
    order: z.enum(['asc', 'desc']).default('asc'),
    page: z.string().nullable().default(null),
  }),
  sent: z.strictObject({ events: z.array(z.looseObject({ type: z.string() })) }),
} as const;

/** Stands for a body that is not JSON. */
export const NOT_JSON = Symbol('a body that is not JSON');

/** @throws Rejection 400 */
function read<T>(schema: z.ZodType<T>, given: unknown): T {
  if (given === NOT_JSON) throw new Rejection(400, 'The request body is not valid JSON');
  const result = schema.safeParse(given === undefined ? {} : given, { reportInput: true });
  if (result.success) return result.data;
  throw new Rejection(400, problemText(result.error.issues[0]!));
}

const TYPE_NAMES: Readonly<Record<string, string>> = {
  string: 'string',
  boolean: 'boolean',
  array: 'list',
  record: 'dictionary',
  object: 'dictionary',
};

/** A problem in the words of the API, which are those of pydantic. */
function problemText(issue: z.core.$ZodIssue): string {
  const at = issue.path.join('.') || 'body';
  switch (issue.code) {
    case 'unrecognized_keys':
      return `${[...issue.path, issue.keys[0]].join('.')}: Extra inputs are not permitted`;
    case 'invalid_type':
      if (issue.input === undefined) return `${at}: Field required`;
      return `${at}: Input should be a valid ${TYPE_NAMES[issue.expected] ?? issue.expected}`;
    case 'too_small':
      return `${at}: Input should be greater than or equal to ${issue.minimum}`;
    case 'too_big':
      return `${at}: Input should be less than or equal to ${issue.maximum}`;
    default:
      return `${at}: ${issue.message}`;
  }
}

/** Newest first; archived ones only on request. */
function listEnvironments({ simulation, query }: ApiCall): Json {
  const { all, switches } = simulation;
  const { limit, page, include_archived } = read(INPUT.page, query);
  const size = pageSize(limit, switches.maxEnvironmentsPageSize, switches.overLimit);
  const shown = all.filter(({ archivedAt }) => include_archived === 'true' || archivedAt === null);
  const list = { limit: size, after: page, list: 'environments' };
  const { items, nextPage } = pageOf(shown, ({ createdAt }) => -createdAt, list);
  return { data: items.map(environmentJson), next_page: nextPage };
}

/** One page of the items of an environment, stopped ones included. */
function listWork(call: ApiCall): Json {
  const { queue, id, configType, archivedAt } = call.environment;
  if (configType === 'cloud') {
    if (archivedAt !== null) throw archivedRejection(id);
    throw new Rejection(
      404,
      `Environment \`${id}\` not found, or does not support work listing. The work API is only available for self-hosted environments.`,
    );
  }
  const { maxPageSize, overLimit, paging } = queue.switches;
  const isById = paging === 'cursor-or-last-id';
  const { limit: asked, page, after_id: afterId } = read(INPUT.page, call.query);
  const limit = pageSize(asked, maxPageSize, overLimit);
  const { items, nextPage } = queue.list(call.simulation.now, { limit, page, ...(isById && { afterId }) });
  const data = items.map((work) => shown(call, work));
  const ids = { has_more: nextPage !== null, first_id: items[0]?.id ?? null, last_id: items.at(-1)?.id ?? null };
  return { data, next_page: nextPage, ...(isById && ids) };
}

/** A cloud environment answers zeros and null. */
function stats({ simulation, environment: { queue, configType } }: ApiCall): Json {
  const known = queue.stats(simulation.now);
  const isUnknown = configType === 'cloud' || queue.switches.workersPollingNull;
  return { type: 'work_queue_stats', ...known, ...(isUnknown && { workers_polling: null }) };
}

/** Hands out an item, or null when none arrives within `block_ms`. */
async function pollWork(call: ApiCall): Promise<unknown> {
  const { simulation, query, headers, gone } = call;
  const { id, configType, queue } = call.environment;
  if (configType === 'cloud') {
    throw new Rejection(
      400,
      `Only BYOC and bridge environments support work polling. Environment ${id} is anthropic_cloud.`,
    );
  }
  const { block_ms: blockMs, reclaim_older_than_ms: reclaimOlderThanMs } = read(INPUT.poll, query);
  const named = headers[simulation.switches.workerIdHeader];
  const workerId = typeof named === 'string' ? named : null;
  let work = queue.poll(simulation.catchUp(), workerId, reclaimOlderThanMs);
  if (work === null && blockMs > 0) {
    await sleep(simulation.real, blockMs);
    // A client that has gone must not be handed an item.
    if (gone()) return null;
    work = queue.poll(simulation.catchUp(), workerId, reclaimOlderThanMs);
  }
  return work === null ? null : shown(call, work, secretOf(simulation, id, work));
}

/** From which the official worker takes its token: docs/design/work-api.md#sessions. */
function secretOf(simulation: Simulation, environmentId: string, { sessionId }: WorkRecord): string | null {
  if (simulation.switches.secret !== 'issued') return null;
  const sessions_token = simulation.access.sessionsToken(environmentId, sessionId);
  return Buffer.from(JSON.stringify({ sessions_token, api_base_url: simulation.url })).toString('base64url');
}

function acknowledge(call: ApiCall): Json {
  return shown(call, call.environment.queue.ack(call.simulation.now, call.id));
}

function heartbeat(call: ApiCall): unknown {
  const { expected_last_heartbeat: expected, desired_ttl_seconds: ttlSeconds } = read(INPUT.heartbeat, call.query);
  return call.environment.queue.heartbeat(call.simulation.now, itemOf(call).id, expected, ttlSeconds);
}

/** The body is judged first, whether or not there is such an item (OSDLC says so of the real service). */
function updateWork(call: ApiCall): Json {
  const { metadata } = read(INPUT.update, call.body);
  const { queue } = call.environment;
  if (metadata === undefined && queue.switches.updateNeedsMetadata) throw new Rejection(400, 'metadata is required');
  return shown(call, queue.update(call.simulation.now, call.id, metadata ?? {}));
}

function stop(call: ApiCall): Json {
  const { force } = read(INPUT.stop, call.body);
  return shown(call, call.environment.queue.stop(call.simulation.now, itemOf(call).id, force === true));
}

/** Events, filtered by `types` and in the requested `order`. */
function listEvents(call: ApiCall): Json {
  const { limit, order, page } = read(INPUT.events, call.query);
  // A list may be written as `name[]` or as a repeated `name`; empty values are ignored.
  const types = [call.query.types, call.query['types[]']].flat().filter(Boolean);
  const wanted = [...sessionOf(call).events.entries()].filter(
    ([, { event }]) => types.length === 0 || types.includes(event.type),
  );
  const placeOf = ([number]: (typeof wanted)[number]) => (order === 'asc' ? number : -number);
  const { items, nextPage } = pageOf(wanted, placeOf, { limit, after: page, list: order });
  return { data: items.map(([, { event }]) => event), next_page: nextPage };
}

function sendEvents(call: ApiCall): Json {
  return { data: sessionOf(call).send(read(INPUT.sent, call.body).events) };
}

function listenTo(session: Session): Listen {
  return (send) => session.listen(send);
}

/** The session of the path, if the caller may see it. */
function sessionOf({ simulation, id, caller }: ApiCall): Session {
  const session = simulation.sessions.find(id);
  const isAllowed =
    caller.kind === 'api_key' ||
    (caller.kind === 'environment_key' && caller.environmentId === session.environment.id) ||
    (caller.kind === 'sessions_token' && caller.sessionId === session.work.sessionId);
  if (!isAllowed) throw new Rejection(403, 'Token not authorized for this session');
  return session;
}

/** The item of the path: a sessions token may access only its own. */
function itemOf({ caller, id, environment: { queue } }: ApiCall): WorkRecord {
  const work = queue.find(id);
  if (caller.kind !== 'sessions_token' || caller.sessionId === work.sessionId) return work;
  throw new Rejection(403, 'Token not authorized for this work item');
}

function shown({ simulation, environment: { id, queue } }: ApiCall, work: WorkRecord, secret?: string | null): Json {
  return workJson(work, queue, { environmentId: id, now: simulation.stamps.at(simulation.now), secret });
}

/** An environment as the API shows it (docs/design/work-api.md#environment). */
export function environmentJson({ queue: { stamps }, ...environment }: SimEnvironment): Json {
  const { id, name, configType, createdAt, updatedAt, archivedAt } = environment;
  const packages = { type: 'packages', apt: [], cargo: [], gem: [], go: [], npm: [], pip: [] };
  const cloud = { type: 'cloud', networking: { type: 'unrestricted' }, packages };
  return {
    ...{ id, type: 'environment', name, description: null, metadata: {} },
    config: configType === 'cloud' ? cloud : { type: configType },
    created_at: stamps.text(createdAt),
    updated_at: stamps.text(updatedAt),
    archived_at: stamps.textOrNull(archivedAt),
    scope: 'organization',
  };
}

/** @throws Rejection 400 for more than the largest, where it is not cut */
function pageSize(asked = DEFAULT_LIMIT, largest: number, overLimit: 'refuse' | 'cap'): number {
  if (asked > largest && overLimit === 'refuse') {
    throw new Rejection(400, `limit: Input should be less than or equal to ${largest}`);
  }
  return Math.min(asked, largest);
}
