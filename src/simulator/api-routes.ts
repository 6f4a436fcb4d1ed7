import type { ApiRoute } from './answer-request.ts';
import type { ApiHandler } from './api-call.ts';
import {
  archiveEnvironment,
  createEnvironment,
  deleteEnvironment,
  listEnvironments,
  retrieveEnvironment,
} from './environment-handlers.ts';
import type { Endpoint } from './faults.ts';
import { listSessionEvents, retrieveSession, sendSessionEvents, streamSessionEvents } from './session-handlers.ts';
import type { Simulation } from './simulation.ts';
import {
  ackWork,
  heartbeatWork,
  listWork,
  pollWork,
  retrieveWork,
  stopWork,
  updateWork,
  workStats,
} from './work-handlers.ts';

interface PlacedRoute extends ApiRoute {
  readonly method: 'GET' | 'POST' | 'DELETE';
  /** Parts that begin with a colon stand for any. */
  readonly path: string;
}

/** The routes of the Work API under the provider's path prefix. */
export function apiRoutes(simulation: Simulation): readonly PlacedRoute[] {
  const route = (
    method: PlacedRoute['method'],
    path: string,
    endpoint: Endpoint,
    handler: ApiHandler,
  ): PlacedRoute => ({ method, path, endpoint, handler });
  const environments = `${simulation.preset.pathPrefix}/environments`;
  const work = `${environments}/:environment/work`;
  const session = `${simulation.preset.pathPrefix}/sessions/:session`;
  return [
    route('GET', environments, 'environments', (call) => listEnvironments(simulation, call)),
    route('POST', environments, 'create_environment', (call) => createEnvironment(simulation, call)),
    route('GET', `${environments}/:environment`, 'environment', retrieveEnvironment),
    route('POST', `${environments}/:environment/archive`, 'archive_environment', (call) =>
      archiveEnvironment(simulation, call),
    ),
    route('DELETE', `${environments}/:environment`, 'delete_environment', (call) =>
      deleteEnvironment(simulation, call),
    ),
    route('GET', work, 'list', listWork),
    route('GET', `${work}/stats`, 'stats', workStats),
    route('GET', `${work}/poll`, 'poll', (call) => pollWork(simulation, call)),
    route('GET', `${work}/:work`, 'retrieve', retrieveWork),
    route('POST', `${work}/:work`, 'update', updateWork),
    route('POST', `${work}/:work/ack`, 'ack', ackWork),
    route('POST', `${work}/:work/heartbeat`, 'heartbeat', heartbeatWork),
    route('POST', `${work}/:work/stop`, 'stop', stopWork),
    route('GET', session, 'session', (call) => retrieveSession(simulation, call)),
    route('GET', `${session}/events`, 'session_events', (call) => listSessionEvents(simulation, call)),
    route('GET', `${session}/events/stream`, 'session_stream', (call) => streamSessionEvents(simulation, call)),
    route('POST', `${session}/events`, 'session_send', (call) => sendSessionEvents(simulation, call)),
  ];
}
