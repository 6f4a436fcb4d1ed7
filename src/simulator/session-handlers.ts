import { type ApiCall, param, queryInteger, queryText } from './api-call.ts';
import { Rejection } from './rejection.ts';
import type { SessionView } from './sessions.ts';
import type { Simulation } from './simulation.ts';

const MAX_EVENTS = 1000;
const CURSOR_PREFIX = 'page_evt_';

/** A session as the API shows it. */
export function retrieveSession(simulation: Simulation, call: ApiCall): unknown {
  const view = sessionOf(simulation, call);
  const { work, environment } = view;
  const { stamps } = environment.queue;
  const { archivedAt, terminatedAt, events } = simulation.sessions.transcript(work);
  const now = stamps.at(call.now);
  const endedAt = terminatedAt ?? now;
  const idleSince = events.at(-1)?.at ?? now;
  const status = simulation.sessions.status(view);
  const activeUntil = status === 'running' ? now : idleSince;
  return {
    id: work.sessionId,
    type: 'session',
    status,
    environment_id: environment.id,
    agent: { id: 'agent_sim', type: 'agent', name: 'simulated', version: 1, skills: [], mcp_servers: [], tools: [] },
    resources: [],
    metadata: work.metadata,
    title: null,
    vault_ids: [],
    stats: {
      active_seconds: Math.max(0, activeUntil - (work.acknowledgedAt ?? activeUntil)) / 1000,
      duration_seconds: Math.max(0, endedAt - work.createdAt) / 1000,
    },
    created_at: stamps.text(work.createdAt),
    updated_at: stamps.text(Math.max(work.createdAt, events.at(-1)?.at ?? 0)),
    archived_at: archivedAt === null ? null : stamps.text(archivedAt),
  };
}

/** Events, filtered by `types` and in the requested `order`; oldest first by default. */
export function listSessionEvents(simulation: Simulation, call: ApiCall): unknown {
  const limit = queryInteger(call, 'limit', [1, MAX_EVENTS]) ?? MAX_EVENTS;
  const order = queryText(call, 'order') ?? 'asc';
  if (order !== 'asc' && order !== 'desc') throw new Rejection(400, "order: Input should be 'asc' or 'desc'");
  const types = queryList(call, 'types');
  const { events: all } = simulation.sessions.transcript(sessionOf(simulation, call).work);
  const wanted = all.map(({ event }) => event).filter(({ type }) => types.length === 0 || types.includes(type));
  const events = order === 'asc' ? wanted : wanted.toReversed();
  const page = queryText(call, 'page');
  // A position would shift with every new event: the cursor names the last event that was shown.
  const last = events.findIndex(({ id }) => `${CURSOR_PREFIX}${id}` === page);
  if (page !== null && last === -1) throw new Rejection(400, 'page: Invalid cursor');
  const data = events.slice(last + 1, last + 1 + limit);
  return { data, next_page: last + 1 + limit < events.length ? `${CURSOR_PREFIX}${data.at(-1)!.id}` : null };
}

/** A list may be written as `name[]` or as a repeated `name`; empty values are ignored. */
function queryList({ query }: ApiCall, name: string): readonly string[] {
  const given = [query[name], query[`${name}[]`]].flat();
  return given.filter((value): value is string => typeof value === 'string' && value !== '');
}

/** Events as they happen; earlier ones are in the list. */
export function streamSessionEvents(simulation: Simulation, call: ApiCall): unknown {
  const view = sessionOf(simulation, call);
  let unlisten = () => {};
  const stream = call.stream(() => unlisten());
  unlisten = simulation.sessions.listen(view, (event) => stream.send(event));
  return undefined;
}

export function sendSessionEvents(simulation: Simulation, call: ApiCall): unknown {
  const view = sessionOf(simulation, call);
  const events = (call.body as { events?: unknown } | undefined)?.events;
  const isList = Array.isArray(events) && events.every((event) => typeof event?.type === 'string');
  if (!isList) throw new Rejection(400, 'events: Input should be a list of events');
  return { data: simulation.sessions.send(view, events) };
}

/** The session of the path, if the caller may see it. */
function sessionOf(simulation: Simulation, call: ApiCall): SessionView {
  const view = simulation.sessions.find(param(call, 'session'));
  const { caller } = call;
  const allowed =
    caller.kind === 'api_key' ||
    (caller.kind === 'environment_key' && caller.environmentId === view.environment.id) ||
    (caller.kind === 'sessions_token' && caller.sessionId === view.work.sessionId);
  if (!allowed) throw new Rejection(403, 'Token not authorized for this session');
  return view;
}
