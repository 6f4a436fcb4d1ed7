import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Answers } from './answers.ts';
import { shortName } from './condition-html.ts';
import { environmentDetailJson, type JsonContext } from './environment-json.ts';
import { environmentPage } from './environment-page.ts';
import { environmentView } from './environment-view.ts';
import { answerError, environmentUnknown } from './errors.ts';
import { html, nameHtml } from './html.ts';
import { CONTENT_SECURITY_POLICY, pageFrame } from './page-frame.ts';
import type { ServerDeps } from './server-deps.ts';
import { readFilter, statusPage } from './status-page.ts';

interface RunbookRequest {
  readonly Params: { readonly alert: string };
  readonly Querystring: { readonly environment?: unknown };
}

/** The state for people, and the runbooks: for when the link of an alert does not work, as may happen at three in the morning. */
export function pageRoutes<Format>(
  app: FastifyInstance,
  deps: ServerDeps<Format>,
  answers: Answers,
  context: () => Required<JsonContext> & { readonly itemIds: boolean },
): void {
  const { states, startedAt } = deps;

  app.get('/', async (request, reply) => {
    const filter = readFilter(request.query);
    const render = () => {
      const { now, report, ...rest } = context();
      const views = states.all().map((state) => environmentView(state, { now, report, ...rest }));
      return statusPage(deps, { views, filter, report, startedAt, now });
    };
    return answers.send(request, asPage(reply), { key: `/ ${JSON.stringify(filter)}`, render });
  });

  app.get<{ Params: { id: string } }>('/environments/:id', (request, reply) => {
    const { id } = request.params;
    const state = states.get(id);
    if (state === undefined) return answerError(request, reply, environmentUnknown(id, states, '/'));
    const json = context();
    const { report, now } = json;
    const [view, detail] = [environmentView(state, json), environmentDetailJson(state, json)];
    return asPage(reply).send(environmentPage(deps, { state, view, detail, report, startedAt, now }));
  });

  app.get('/runbooks', async (_request, reply) => {
    // Loaded by the first who asks: hardly any process shows a runbook, and it costs every start.
    const { runbookHtml } = await import('./runbooks.ts');
    const main = html`<h1>Runbooks</h1>
${await runbookHtml('README', { words: {}, query: '' })}`;
    return asPage(reply).send(pageFrame(deps, { title: 'Runbooks', main, now: deps.clock.now() }));
  });

  app.get<RunbookRequest>('/runbooks/:alert', async (request, reply) => {
    const { runbookHtml, runbookNames } = await import('./runbooks.ts');
    // As links have it; or as people type it, who see the names without their common beginning.
    const typed = request.params.alert.toLowerCase().replace(/\.md$/, '');
    const alert = runbookNames().find((name) => [typed, `anthropicwork${typed}`].includes(name.toLowerCase()));
    if (alert === undefined) return answerError(request, reply, ALERT_UNKNOWN);
    const { environment: id } = request.query;
    const environment = typeof id === 'string' ? states.get(id)?.environment : undefined;
    const API = deps.apiAddress(environment?.connection ?? null);
    const words = { EXPORTER: addressOf(request), ENV: environment?.id ?? null, API };
    const path = `/environments/${encodeURIComponent(environment?.id ?? '')}`;
    const query = environment === undefined ? '' : `?environment=${encodeURIComponent(environment.id)}`;
    const filledFor =
      environment === undefined
        ? null
        : html`Commands are filled in for <a href="${path}">${nameHtml(environment.name)}</a>. `;
    const main = html`<h1>${shortName(alert)} runbook</h1>
<p class="facts">${filledFor}<a href="/runbooks">How to run the commands</a>.</p>
${await runbookHtml(alert, { words, query })}`;
    return asPage(reply).send(pageFrame(deps, { title: `Runbook of ${alert}`, main, now: deps.clock.now() }));
  });
}

/** The policy of pages allows their style and script, and nothing else. */
function asPage(reply: FastifyReply): FastifyReply {
  return reply.type('text/html; charset=utf-8').header('content-security-policy', CONTENT_SECURITY_POLICY);
}

/** At which the reader reaches this exporter. */
function addressOf({ protocol, host }: FastifyRequest): string {
  return `${protocol}://${host}`;
}

const ALERT_UNKNOWN = {
  status: 404,
  code: 'alert_unknown',
  message: 'There is no alert of that name.',
  remedy: 'GET /runbooks lists those that there are.',
};
