import type { FastifyInstance } from 'fastify';
import type { EnvironmentState } from '../../state/environment-state.ts';
import { answerJsonError, environmentUnknown } from '../http/answer-error.ts';
import { answerJson, JSON_TYPE, jsonText } from '../http/answer-json.ts';
import { sendShared } from '../http/send-shared.ts';
import type { ServerDeps } from '../http/server-deps.ts';
import type { SharedAnswers } from '../load/shared-answers.ts';
import { environmentDetailJson, type Moment } from './environment-json.ts';
import { environmentsJson } from './environments-json.ts';
import { scalingJson } from './scaling-json.ts';

/** `GET /api/v1/environments` and `/{id}`: the state, for programs. */
export function environmentsRoutes<Format>(
  app: FastifyInstance,
  deps: ServerDeps<Format>,
  shared: SharedAnswers,
): void {
  const unknown = (id: string) => environmentUnknown(id, { states: deps.states, list: '/api/v1/environments' });

  app.get('/api/v1/environments', async (request, reply) => {
    const all = { shared, key: '/api/v1/environments', render: () => allJson(deps) };
    return sendShared(request, reply.type(JSON_TYPE), all);
  });

  app.get<{ Params: { id: string } }>('/api/v1/environments/:id', (request, reply) => {
    const state = deps.states.get(request.params.id);
    if (state === undefined) return answerJsonError(reply, 404, unknown(request.params.id));
    const body = environmentDetailJson(state, momentOf(deps, state, deps.clock.now()), {
      itemIds: deps.config.itemIds,
      dashboardBaseUrl: deps.config.dashboardBaseUrl,
      report: deps.diagnosis(),
    });
    return answerJson(reply, body);
  });

  app.get<{ Params: { id: string } }>('/api/v1/environments/:id/scaling', (request, reply) => {
    const state = deps.states.get(request.params.id);
    if (state === undefined) return answerJsonError(reply, 404, unknown(request.params.id));
    const scaling = scalingJson(state, deps.clock.now());
    if (!scaling.known) {
      return answerJsonError(reply.header('retry-after', scaling.retryAfterSeconds), 503, scaling.error);
    }
    return answerJson(reply, scaling.body);
  });
}

function allJson<Format>(deps: ServerDeps<Format>): string {
  const skewMs = (connection: string) => deps.skewMs(connection);
  const { dashboardBaseUrl } = deps.config;
  const moment = { now: deps.clock.now(), shard: deps.shard, skewMs, report: deps.diagnosis(), dashboardBaseUrl };
  return jsonText(environmentsJson(deps.states.all(), moment));
}

/** Now, with the skew of the state's connection. */
export function momentOf<Format>(deps: ServerDeps<Format>, state: EnvironmentState, now: number): Moment {
  return { now, skewMs: deps.skewMs(state.environment.connection) };
}
