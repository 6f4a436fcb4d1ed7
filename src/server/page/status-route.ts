import type { FastifyInstance } from 'fastify';
import { momentOf } from '../api/environments-routes.ts';
import { sendShared } from '../http/send-shared.ts';
import type { ServerDeps } from '../http/server-deps.ts';
import type { SharedAnswers } from '../load/shared-answers.ts';
import { exporterSection } from './markup/exporter-section.ts';
import { pageReply } from './page-reply.ts';
import { statusPage } from './status-page.ts';
import { environmentView } from './view/environment-view.ts';
import { type PageFilter, readFilter } from './view/page-filter.ts';

/** `GET /`: the state for people. */
export function statusRoute<Format>(app: FastifyInstance, deps: ServerDeps<Format>, shared: SharedAnswers): void {
  app.get('/', async (request, reply) => {
    const filter = readFilter(request.query);
    const key = `/ ${JSON.stringify(filter)}`;
    return sendShared(request, pageReply(reply), { shared, key, render: () => page(deps, filter) });
  });
}

function page<Format>(deps: ServerDeps<Format>, filter: PageFilter): string {
  const now = deps.clock.now();
  const report = deps.diagnosis();
  return statusPage({
    views: deps.states.all().map((state) => environmentView(state, momentOf(deps, state, now), report)),
    report,
    startedAt: deps.startedAt,
    problems: [...deps.discoveryProblems(), ...deps.exporterProblems()],
    exporter: exporterSection(deps.connections(), deps.states.all(), now),
    drill: deps.drill.info,
    filter,
    now,
    shard: deps.shard,
    version: deps.version,
  });
}
