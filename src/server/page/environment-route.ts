import type { FastifyInstance } from 'fastify';
import { environmentDetailJson } from '../api/environment-json.ts';
import { momentOf } from '../api/environments-routes.ts';
import { answerError, environmentUnknown } from '../http/answer-error.ts';
import type { ServerDeps } from '../http/server-deps.ts';
import { environmentPage } from './environment-page.ts';
import { exporterSection } from './markup/exporter-section.ts';
import { pageReply } from './page-reply.ts';
import { environmentView } from './view/environment-view.ts';

/** `GET /environments/{id}`: one environment for people. */
export function environmentRoute<Format>(app: FastifyInstance, deps: ServerDeps<Format>): void {
  app.get<{ Params: { id: string } }>('/environments/:id', (request, reply) => {
    const { id } = request.params;
    const state = deps.states.get(id);
    if (state === undefined) {
      const unknown = environmentUnknown(id, { states: deps.states, list: '/' });
      return answerError(request, reply, { status: 404, ...unknown });
    }
    const now = deps.clock.now();
    const moment = momentOf(deps, state, now);
    const report = deps.diagnosis();
    const { itemIds, dashboardBaseUrl } = deps.config;
    const detail = environmentDetailJson(state, moment, { itemIds, dashboardBaseUrl, report });
    const { shard, version, startedAt } = deps;
    const { thresholds } = state.environment;
    const exporter = `${request.protocol}://${request.host}`;
    const view = environmentView(state, moment, report);
    const connections = deps.connections().filter(({ name }) => name === state.environment.connection);
    const reads = exporterSection(connections, [state], now);
    const hour = deps.lastHour(state.environment.id);
    const judgement = { report, startedAt, now };
    const page = environmentPage({ view, detail, reads, hour, judgement, exporter, thresholds, now, shard, version });
    return pageReply(reply).send(page);
  });
}
