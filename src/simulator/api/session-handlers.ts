import { Rejection } from '../queue/rejection.ts';
import type { SessionView } from '../world/sessions.ts';
import type { Simulation } from '../world/simulation.ts';
import { type ApiCall, param, queryInteger, queryText } from './api-call.ts';

const MAX_EVENTS = 1000;
const CURSOR_PREFIX = 'page_evt_';

export function retrieveSession(simulation: Simulation, call: ApiCall): unknown {
  const view = sessionOf(simulation, call);
  const { work, environment } = view;
  const createdAt = environment.queue.text(work.createdAt);
  return {
    id: work.sessionId,
    type: 'session',
    status: simulation.sessions.status(view),
    environment_id: environment.id,
    agent: { id: 'agent_sim', type: 'agent', name: 'simulated', version: 1, skills: [], mcp_servers: [], tools: [] },
    resources: [],
    metadata: work.metadata,
    title: null,
    vault_ids: [],
    created_at: createdAt,
    updated_at: createdAt,
    archived_at: null,
  };
}

export function listSessionEvents(simulation: Simulation, call: ApiCall): unknown {
  const limit = queryInteger(call, 'limit', [1, MAX_EVENTS]) ?? MAX_EVENTS;
  const events = simulation.sessions.history(sessionOf(simulation, call));
  const page = queryText(call, 'page');
  const start = page === null ? 0 : Number(page.replace(CURSOR_PREFIX, ''));
  if (!Number.isInteger(start) || start < 0) throw new Rejection(400, 'page: Invalid cursor');
  const end = start + limit;
  return { data: events.slice(start, end), next_page: end < events.length ? `${CURSOR_PREFIX}${end}` : null };
}

/** Events as they happen; what was before is in the list. */
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
