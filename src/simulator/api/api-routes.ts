import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Endpoint } from '../scenarios/fault.ts';
import type { Simulation } from '../world/simulation.ts';
import type { ApiHandler } from './api-call.ts';
import {
  archiveEnvironment,
  createEnvironment,
  deleteEnvironment,
  listEnvironments,
  retrieveEnvironment,
} from './environment-handlers.ts';
import { handleApiRequest } from './handle-api-request.ts';
import { listWork } from './list-work.ts';
import { listSessionEvents, retrieveSession, sendSessionEvents, streamSessionEvents } from './session-handlers.ts';
import { ackWork, heartbeatWork, pollWork, retrieveWork, stopWork, updateWork, workStats } from './work-handlers.ts';

/** The routes of the Work API under the provider's path prefix. */
export function addApiRoutes(app: FastifyInstance, simulation: Simulation): void {
  const serve = (endpoint: Endpoint, handler: ApiHandler) => (request: FastifyRequest, reply: FastifyReply) =>
    handleApiRequest(simulation, { request, reply, endpoint, handler });
  const environments = `${simulation.preset.pathPrefix}/environments`;
  const work = `${environments}/:environment/work`;
  const session = `${simulation.preset.pathPrefix}/sessions/:session`;

  app.get(
    environments,
    serve('environments', (call) => listEnvironments(simulation, call)),
  );
  app.post(
    environments,
    serve('create_environment', (call) => createEnvironment(simulation, call)),
  );
  app.get(`${environments}/:environment`, serve('environment', retrieveEnvironment));
  app.post(
    `${environments}/:environment/archive`,
    serve('archive_environment', (call) => archiveEnvironment(simulation, call)),
  );
  app.delete(
    `${environments}/:environment`,
    serve('delete_environment', (call) => deleteEnvironment(simulation, call)),
  );
  app.get(work, serve('list', listWork));
  app.get(`${work}/stats`, serve('stats', workStats));
  app.get(
    `${work}/poll`,
    serve('poll', (call) => pollWork(simulation, call)),
  );
  app.get(`${work}/:work`, serve('retrieve', retrieveWork));
  app.post(`${work}/:work`, serve('update', updateWork));
  app.post(`${work}/:work/ack`, serve('ack', ackWork));
  app.post(`${work}/:work/heartbeat`, serve('heartbeat', heartbeatWork));
  app.post(`${work}/:work/stop`, serve('stop', stopWork));

  app.get(
    session,
    serve('session', (call) => retrieveSession(simulation, call)),
  );
  app.get(
    `${session}/events`,
    serve('session_events', (call) => listSessionEvents(simulation, call)),
  );
  app.get(
    `${session}/events/stream`,
    serve('session_stream', (call) => streamSessionEvents(simulation, call)),
  );
  app.post(
    `${session}/events`,
    serve('session_send', (call) => sendSessionEvents(simulation, call)),
  );
}
