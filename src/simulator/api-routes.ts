import { z } from 'zod';
import { sleep } from '../base/clock.ts';
import type { Door, Headers, KeyHolder } from './access.ts';
import type { Endpoint } from './faults.ts';
import { archivedRejection, Rejection } from './rejection.ts';
import type { SessionEvent, SessionView } from './sessions.ts';
import type { Simulation } from './simulation.ts';
import { environmentJson, heartbeatJson, pageJson, sessionJson, statsJson, workJson } from './wire-format.ts';
import type { WorkRecord } from './work.ts';
import { encodeCursor } from './work-list.ts';
import type { SimEnvironment } from './world.ts';

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

/** Server-sent events. */
export class EventStream {
  /** Sends every event from now on, until the returned function is called. */
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
      .discriminatedUnion('type', [
        z.object({
          type: z.literal('cloud'),
          networking: z.object({ type: z.literal('unrestricted') }).nullish(),
          packages: z.null().optional(),
        }),
        z.object({ type: z.literal('self_hosted') }),
      ])
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
  const route = (
    method: ApiRoute['method'],
    path: string,
    endpoint: Endpoint,
    door: Door,
    answer: ApiRoute['answer'],
  ): ApiRoute => ({ method, path, endpoint, door, answer });
  return [
    route('GET', environments, 'environments', 'environments', listEnvironments),
    route('POST', environments, 'create_environment', 'environments', createEnvironment),
    route('GET', environment, 'environment', 'environments', (_, one) => environmentJson(one)),
    route('POST', `${environment}/archive`, 'archive_environment', 'environments', ({ simulation }, one) => {
      if (one.archivedAt === null) simulation.world.archive(one);
      return environmentJson(one);
    }),
    route('DELETE', environment, 'delete_environment', 'environments', deleteEnvironment),
    route('GET', work, 'list', 'list', listWork),
    route('GET', `${work}/stats`, 'stats', 'stats', ({ simulation }, one) => statsJson(one, simulation.world.now)),
    route('GET', `${work}/poll`, 'poll', 'worker', pollWork),
    route('GET', item, 'retrieve', 'retrieve', (call, one) => shown(call, one, one.queue.find(call.params.work!))),
    route('POST', item, 'update', 'retrieve', (call, one) => {
      const patch = read(INPUT.patch, call.body).metadata;
      return shown(call, one, one.queue.update(call.simulation.world.now, call.params.work!, patch));
    }),
    route('POST', `${item}/ack`, 'ack', 'worker', (call, one) =>
      shown(call, one, one.queue.ack(call.simulation.world.now, call.params.work!)),
    ),
    route('POST', `${item}/heartbeat`, 'heartbeat', 'heartbeat', (call, one) => {
      const { desired_ttl_seconds, expected_last_heartbeat } = read(INPUT.heartbeat, call.query);
      const request = { desiredTtlSeconds: desired_ttl_seconds ?? null, expected: expected_last_heartbeat ?? null };
      return heartbeatJson(one.queue.heartbeat(call.simulation.world.now, ownItem(call, one), request));
    }),
    route('POST', `${item}/stop`, 'stop', 'stop', (call, one) => {
      const { force } = read(INPUT.force, call.body);
      return shown(call, one, one.queue.stop(call.simulation.world.now, ownItem(call, one), force === true));
    }),
    route('GET', session, 'session', 'session', (call) => sessionJson(call.simulation, sessionOf(call))),
    route('GET', `${session}/events`, 'session_events', 'session', listEvents),
    route('GET', `${session}/events/stream`, 'session_stream', 'session', (call) => {
      const view = sessionOf(call);
      return new EventStream((send) => call.simulation.sessions.listen(view, send));
    }),
    route('POST', `${session}/events`, 'session_send', 'session', (call) => {
      const view = sessionOf(call);
      return { data: call.simulation.sessions.send(view, read(INPUT.sent, call.body).events) };
    }),
  ];
}

/** Newest first; archived ones only on request. */
function listEnvironments({ simulation, query }: ApiCall): unknown {
  const { environments, switches } = simulation.world;
  const { limit, page, include_archived } = read(INPUT.page, query);
  const size = pageSize(limit, switches.maxEnvironmentsPageSize, switches.overLimit);
  const all = environments
    .filter(({ archivedAt }) => include_archived === 'true' || archivedAt === null)
    .toSorted((a, b) => b.createdAt - a.createdAt);
  return pageAfter(all, { size, page, prefix: 'page_env_' }, environmentJson);
}

/** The current scenario begins in it at once if it is self-hosted. */
function createEnvironment({ simulation, body }: ApiCall): unknown {
  const { name, description = null, metadata = {}, config } = read(INPUT.environment, body);
  const configType = config?.type ?? 'cloud';
  return environmentJson(simulation.createEnvironment({ name, description, metadata, configType }));
}

/** Rejected while work waits (docs/design/work-api.md#environment), unless it is forced. */
function deleteEnvironment({ simulation, query }: ApiCall, environment: SimEnvironment): unknown {
  const { depth, pending } = environment.queue.counts(simulation.world.now);
  if (depth + pending > 0 && query.force !== 'true') {
    throw new Rejection(
      409,
      'Cannot delete self-hosted environment with work in the queue. Either archive the environment first to allow the queue to drain, or use force=true to delete immediately.',
    );
  }
  simulation.world.remove(environment);
  return { id: environment.id, type: 'environment_deleted' };
}

/** One page of the items of an environment, stopped ones included. */
function listWork(call: ApiCall, environment: SimEnvironment): unknown {
  const { queue, id, configType, archivedAt } = environment;
  if (configType === 'cloud') {
    if (archivedAt !== null) throw archivedRejection(id);
    throw new Rejection(
      404,
      `Environment \`${id}\` not found, or does not support work listing. The work API is only available for self-hosted environments.`,
    );
  }
  const { maxPageSize, overLimit, paging, listOrder } = queue.switches;
  const { limit, page = null, after_id: afterId } = read(INPUT.page, call.query);
  const isById = paging === 'cursor-or-last-id' && afterId !== undefined;
  const { items, nextPage } = queue.list(call.simulation.world.now, {
    limit: pageSize(limit, maxPageSize, overLimit),
    page: isById ? encodeCursor(queue.find(afterId).seq, listOrder) : page,
  });
  const stamp = queue.stamps.at(call.simulation.world.now);
  return pageJson(
    items.map((work) => workJson(work, environment, stamp)),
    nextPage,
    paging,
  );
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
  const workerId = headers[simulation.preset.workerIdHeader];
  const request = {
    workerId: typeof workerId === 'string' ? workerId : null,
    ...(reclaimOlderThanMs && { reclaimOlderThanMs }),
  };
  const deadline = simulation.real.monotonic() + blockMs;
  for (;;) {
    // A client that has gone must not be handed an item.
    if (gone()) return null;
    const work = queue.poll(simulation.catchUp(), request);
    const left = deadline - simulation.real.monotonic();
    if (work !== null) return shown(call, environment, work, secretOf(simulation, id, work));
    if (left <= 0) return null;
    await sleep(simulation.real, Math.min(left, LOOK_EVERY_MS));
  }
}

/** From which the official worker takes its token: docs/design/work-api.md#what-the-official-worker-calls. */
function secretOf({ access, url, world }: Simulation, environmentId: string, { sessionId }: WorkRecord): string | null {
  if (world.switches.secret !== 'issued') return null;
  const sessions_token = access.sessionsToken(environmentId, sessionId);
  return Buffer.from(JSON.stringify({ sessions_token, api_base_url: url })).toString('base64url');
}

/** Events, filtered by `types` and in the requested `order`. */
function listEvents(call: ApiCall): unknown {
  const { query, simulation } = call;
  const { limit, order, page } = read(INPUT.events, query);
  // A list may be written as `name[]` or as a repeated `name`; empty values are ignored.
  const types = [query.types, query['types[]']].flat().filter(Boolean);
  const { events } = simulation.sessions.transcript(sessionOf(call).work);
  const wanted = events.map(({ event }) => event).filter(({ type }) => types.length === 0 || types.includes(type));
  const ordered = order === 'asc' ? wanted : wanted.toReversed();
  return pageAfter(ordered, { size: limit, page, prefix: 'page_evt_' }, (event) => event);
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

function shown(
  { simulation }: ApiCall,
  environment: SimEnvironment,
  work: WorkRecord,
  secret?: string | null,
): unknown {
  return workJson(work, environment, environment.queue.stamps.at(simulation.world.now), secret);
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
): unknown {
  const last = page === undefined ? -1 : all.findIndex(({ id }) => prefix + id === page);
  if (page !== undefined && last === -1) throw new Rejection(400, 'page: Invalid cursor');
  const data = all.slice(last + 1, last + 1 + size);
  return { data: data.map(json), next_page: last + 1 + size < all.length ? prefix + data.at(-1)!.id : null };
}
