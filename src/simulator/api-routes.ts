import { z } from 'zod';
import { sleep } from '../base/clock.ts';
import type { Door, Headers, KeyHolder } from './access.ts';
import { type Endpoint, Rejection } from './faults.ts';
import type { SessionEvent, SessionView } from './sessions.ts';
import { archivedRejection, type Simulation } from './simulation.ts';
import { type WorkRecord, workJson } from './work.ts';
import type { SimEnvironment } from './work-queue.ts';

type Json = Readonly<Record<string, unknown>>;

/** One request as its route sees it: credentials checked, the world up to date. */
export interface ApiCall {
  readonly simulation: Simulation;
  readonly caller: KeyHolder;
  readonly params: Readonly<Record<string, string>>;
  readonly query: Readonly<Record<string, unknown>>;
  readonly headers: Headers;
  readonly body: unknown;
  /** True once the client has gone away. */
  readonly gone: () => boolean;
}

export interface ApiRoute {
  readonly method: 'GET' | 'POST' | 'DELETE';
  /** Parts that begin with a colon stand for any. */
  readonly path: string;
  readonly endpoint: Endpoint;
  readonly door: Door;
  /** The body of a 200, or a stream. @param environment of the path; there is none where the path names none */
  readonly answer: (call: ApiCall, environment: SimEnvironment) => unknown;
}

/** Server-sent events: sends every event from now on, until the returned function is called. */
export class EventStream {
  readonly listen: (send: (event: SessionEvent) => void) => () => void;

  constructor(listen: EventStream['listen']) {
    this.listen = listen;
  }
}

const DEFAULT_LIMIT = 20;
const MAX_EVENTS = 1000;
/** How often a waiting poll looks for work that another request added, real milliseconds. */
const LOOK_EVERY_MS = 50;

const whole = z
  .string()
  .regex(/^-?\d+$/, 'Input should be a valid integer')
  .transform(Number);
const positive = whole.pipe(z.number().min(1)).optional();
const metadata = z.record(z.string(), z.string());

/** What queries and bodies may hold: docs/design/work-api.md#query-parameters-and-limits. */
const INPUT = {
  page: z.object({
    limit: positive,
    page: z.string().optional(),
    after_id: z.string().optional(),
    include_archived: z.string().optional(),
  }),
  poll: z.object({ block_ms: whole.pipe(z.number().min(1).max(999)).default(0), reclaim_older_than_ms: positive }),
  heartbeat: z.object({ desired_ttl_seconds: positive, expected_last_heartbeat: z.string().optional() }),
  force: z.object({ force: z.boolean().nullish() }),
  patch: z.object({ metadata: z.record(z.string(), z.string().nullable()) }),
  /** Settings that the simulator does not simulate are accepted only at their defaults. */
  environment: z.object({
    name: z.string().min(1),
    description: z.string().nullish(),
    metadata: metadata.optional(),
    config: z
      .object({
        type: z.enum(['cloud', 'self_hosted']),
        networking: z.object({ type: z.literal('unrestricted') }).nullish(),
        packages: z.null().optional(),
      })
      .nullish(),
    /** Organizations with API keys have no other scope (the SDK's `EnvironmentCreateParams`). */
    scope: z.literal('organization').nullish(),
  }),
  events: z.object({
    limit: whole.pipe(z.number().min(1).max(MAX_EVENTS)).default(MAX_EVENTS),
    order: z.enum(['asc', 'desc']).default('asc'),
    page: z.string().optional(),
  }),
  sent: z.object({ events: z.array(z.looseObject({ type: z.string() })) }),
} as const;

/** @throws Rejection 400 */
function read<T>(schema: z.ZodType<T>, given: unknown): T {
  const result = schema.safeParse(given ?? {});
  if (result.success) return result.data;
  const { path, message } = result.error.issues[0]!;
  const details = path[0] === 'metadata' ? { details: { error_code: 'invalid_metadata' } } : {};
  throw new Rejection(400, `${path.join('.') || 'body'}: ${message}`, details);
}

/** The Work API under the provider's path prefix: docs/design/work-api.md. */
export function apiRoutes({ preset: { pathPrefix } }: Pick<Simulation, 'preset'>): readonly ApiRoute[] {
  const environments = `${pathPrefix}/environments`;
  const environment = `${environments}/:environment`;
  const work = `${environment}/work`;
  const item = `${work}/:work`;
  const session = `${pathPrefix}/sessions/:session`;
  const routes: readonly (readonly [ApiRoute['method'], string, Endpoint, Door, ApiRoute['answer']])[] = [
    ['GET', environments, 'environments', 'environments', listEnvironments],
    ['POST', environments, 'create_environment', 'environments', createEnvironment],
    ['GET', environment, 'environment', 'environments', (_, one) => environmentJson(one)],
    ['POST', `${environment}/archive`, 'archive_environment', 'environments', archiveEnvironment],
    ['DELETE', environment, 'delete_environment', 'environments', deleteEnvironment],
    ['GET', work, 'list', 'list', listWork],
    ['GET', `${work}/stats`, 'stats', 'stats', stats],
    ['GET', `${work}/poll`, 'poll', 'worker', pollWork],
    ['GET', item, 'retrieve', 'retrieve', (call, one) => shown(call, one, one.queue.find(call.params.work!))],
    ['POST', item, 'update', 'retrieve', updateWork],
    ['POST', `${item}/ack`, 'ack', 'worker', acknowledge],
    ['POST', `${item}/heartbeat`, 'heartbeat', 'heartbeat', heartbeat],
    ['POST', `${item}/stop`, 'stop', 'stop', stop],
    ['GET', session, 'session', 'session', (call) => call.simulation.sessions.json(sessionOf(call))],
    ['GET', `${session}/events`, 'session_events', 'session', listEvents],
    ['GET', `${session}/events/stream`, 'session_stream', 'session', streamEvents],
    ['POST', `${session}/events`, 'session_send', 'session', sendEvents],
  ];
  return routes.map(([method, path, endpoint, door, answer]) => ({ method, path, endpoint, door, answer }));
}

/** Newest first; archived ones only on request. */
function listEnvironments({ simulation, query }: ApiCall): Json {
  const { all, switches } = simulation;
  const { limit, page, include_archived } = read(INPUT.page, query);
  const size = pageSize(limit, switches.maxEnvironmentsPageSize, switches.overLimit);
  const newestFirst = all
    .filter(({ archivedAt }) => include_archived === 'true' || archivedAt === null)
    .toSorted((a, b) => b.createdAt - a.createdAt);
  return pageAfter(newestFirst, { size, page, prefix: 'page_env_' }, environmentJson);
}

/** The current scenario begins in it at once if it is self-hosted. */
function createEnvironment({ simulation, body }: ApiCall): Json {
  const { name, description = null, metadata = {}, config } = read(INPUT.environment, body);
  return environmentJson(simulation.create(name, { description, metadata, configType: config?.type ?? 'cloud' }));
}

function archiveEnvironment({ simulation }: ApiCall, environment: SimEnvironment): Json {
  if (environment.archivedAt === null) simulation.archive(environment);
  return environmentJson(environment);
}

/** Rejected while work waits (docs/design/work-api.md#environment), unless it is forced. */
function deleteEnvironment({ simulation, query }: ApiCall, environment: SimEnvironment): Json {
  const { depth, pending } = environment.queue.stats(simulation.now);
  if (depth + pending > 0 && query.force !== 'true') {
    throw new Rejection(
      409,
      'Cannot delete self-hosted environment with work in the queue. Either archive the environment first to allow the queue to drain, or use force=true to delete immediately.',
    );
  }
  simulation.remove(environment);
  return { id: environment.id, type: 'environment_deleted' };
}

/** One page of the items of an environment, stopped ones included. */
function listWork(call: ApiCall, environment: SimEnvironment): Json {
  const { queue, id, configType, archivedAt } = environment;
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
  const data = items.map((work) => shown(call, environment, work));
  const ids = { has_more: nextPage !== null, first_id: items[0]?.id ?? null, last_id: items.at(-1)?.id ?? null };
  return { data, next_page: nextPage, ...(isById && ids) };
}

/** A cloud environment answers zeros and null. */
function stats({ simulation }: ApiCall, { queue, configType }: SimEnvironment): Json {
  const known = queue.stats(simulation.now);
  const isUnknown = configType === 'cloud' || queue.switches.workersPollingNull;
  return { type: 'work_queue_stats', ...known, ...(isUnknown && { workers_polling: null }) };
}

/** Hands out an item, or null when none arrives within `block_ms`. */
async function pollWork(call: ApiCall, environment: SimEnvironment): Promise<unknown> {
  const { simulation, query, headers, gone } = call;
  const { id, configType, queue } = environment;
  if (configType === 'cloud') {
    throw new Rejection(
      400,
      `Only BYOC and bridge environments support work polling. Environment ${id} is anthropic_cloud.`,
    );
  }
  const { block_ms: blockMs, reclaim_older_than_ms: reclaimOlderThanMs } = read(INPUT.poll, query);
  const named = headers[simulation.preset.workerIdHeader];
  const workerId = typeof named === 'string' ? named : null;
  const deadline = simulation.real.monotonic() + blockMs;
  for (;;) {
    // A client that has gone must not be handed an item.
    if (gone()) return null;
    const work = queue.poll(simulation.catchUp(), workerId, reclaimOlderThanMs);
    const left = deadline - simulation.real.monotonic();
    if (work !== null) return shown(call, environment, work, secretOf(simulation, id, work));
    if (left <= 0) return null;
    await sleep(simulation.real, Math.min(left, LOOK_EVERY_MS));
  }
}

/** From which the official worker takes its token: docs/design/work-api.md#sessions. */
function secretOf(simulation: Simulation, environmentId: string, { sessionId }: WorkRecord): string | null {
  if (simulation.switches.secret !== 'issued') return null;
  const sessions_token = simulation.access.sessionsToken(environmentId, sessionId);
  return Buffer.from(JSON.stringify({ sessions_token, api_base_url: simulation.url })).toString('base64url');
}

function updateWork(call: ApiCall, environment: SimEnvironment): Json {
  const patch = read(INPUT.patch, call.body).metadata;
  return shown(call, environment, environment.queue.update(call.simulation.now, call.params.work!, patch));
}

function acknowledge(call: ApiCall, environment: SimEnvironment): Json {
  return shown(call, environment, environment.queue.ack(call.simulation.now, call.params.work!));
}

function heartbeat(call: ApiCall, environment: SimEnvironment): unknown {
  const { expected_last_heartbeat: expected, desired_ttl_seconds: ttlSeconds } = read(INPUT.heartbeat, call.query);
  return environment.queue.heartbeat(call.simulation.now, ownItem(call, environment), expected, ttlSeconds);
}

function stop(call: ApiCall, environment: SimEnvironment): Json {
  const { force } = read(INPUT.force, call.body);
  const id = ownItem(call, environment);
  return shown(call, environment, environment.queue.stop(call.simulation.now, id, force === true));
}

/** Events, filtered by `types` and in the requested `order`. */
function listEvents(call: ApiCall): Json {
  const { query, simulation } = call;
  const { limit, order, page } = read(INPUT.events, query);
  // A list may be written as `name[]` or as a repeated `name`; empty values are ignored.
  const types = [query.types, query['types[]']].flat().filter(Boolean);
  const { events } = simulation.sessions.transcript(sessionOf(call).work);
  const wanted = events.map(({ event }) => event).filter(({ type }) => types.length === 0 || types.includes(type));
  const ordered = order === 'asc' ? wanted : wanted.toReversed();
  return pageAfter(ordered, { size: limit, page, prefix: 'page_evt_' }, (event) => event);
}

function streamEvents(call: ApiCall): EventStream {
  const view = sessionOf(call);
  return new EventStream((send) => call.simulation.sessions.listen(view, send));
}

function sendEvents(call: ApiCall): Json {
  return { data: call.simulation.sessions.send(sessionOf(call), read(INPUT.sent, call.body).events) };
}

/** The session of the path, if the caller may see it. */
function sessionOf({ simulation, params, caller }: ApiCall): SessionView {
  const view = simulation.sessions.find(params.session!);
  const isAllowed =
    caller.kind === 'api_key' ||
    (caller.kind === 'environment_key' && caller.environmentId === view.environment.id) ||
    (caller.kind === 'sessions_token' && caller.sessionId === view.work.sessionId);
  if (!isAllowed) throw new Rejection(403, 'Token not authorized for this session');
  return view;
}

/** The id of the item of the path: a sessions token may access only its own. */
function ownItem({ caller, params }: ApiCall, { queue }: SimEnvironment): string {
  const { id, sessionId } = queue.find(params.work!);
  if (caller.kind === 'sessions_token' && caller.sessionId !== sessionId) {
    throw new Rejection(403, 'Token not authorized for this work item');
  }
  return id;
}

function shown({ simulation }: ApiCall, { id, queue }: SimEnvironment, work: WorkRecord, secret?: string | null): Json {
  const { stamps } = simulation;
  return workJson(work, queue, { environmentId: id, now: stamps.at(simulation.now), secret });
}

/** An environment as the API shows it (docs/design/work-api.md#environment). */
export function environmentJson({ queue: { stamps }, ...environment }: SimEnvironment): Json {
  const { id, name, description, metadata, configType, createdAt, updatedAt, archivedAt } = environment;
  const packages = { type: 'packages', apt: [], cargo: [], gem: [], go: [], npm: [], pip: [] };
  const cloud = { type: 'cloud', networking: { type: 'unrestricted' }, packages };
  return {
    ...{ id, type: 'environment', name, description, metadata },
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

/** A position would shift with what comes meanwhile: the cursor names the last one that was shown. */
function pageAfter<T extends { readonly id: string }>(
  all: readonly T[],
  { size, page, prefix }: { readonly size: number; readonly page: string | undefined; readonly prefix: string },
  json: (one: T) => unknown,
): Json {
  const last = page === undefined ? -1 : all.findIndex(({ id }) => prefix + id === page);
  if (page !== undefined && last === -1) throw new Rejection(400, 'page: Invalid cursor');
  const data = all.slice(last + 1, last + 1 + size);
  return { data: data.map(json), next_page: last + 1 + size < all.length ? prefix + data.at(-1)!.id : null };
}
