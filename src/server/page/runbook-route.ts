import { readFile } from 'node:fs/promises';
import type { FastifyInstance } from 'fastify';
import { answerError } from '../http/answer-error.ts';
import type { ServerDeps } from '../http/server-deps.ts';
import { shortName } from './markup/condition-html.ts';
import { type Html, html } from './markup/html.ts';
import { nameHtml } from './markup/name-html.ts';
import { pageFrame } from './markup/page-frame.ts';
import type { RunbookContext } from './markup/runbook-html.ts';
import { pageReply } from './page-reply.ts';
import { runbookFile, runbookNames } from './view/first-command.ts';
import { fillPlaceholders } from './view/runbook-placeholders.ts';

interface RunbookRequest {
  readonly Params: { readonly alert: string };
  readonly Querystring: { readonly environment?: unknown };
}

/**
 * `GET /runbooks`: how to run their commands, and all of them. `GET /runbooks/{alert}`: what to do, for when the link of
 * an alert does not work, as may happen at three in the morning. With an environment, its commands are ready to run. Links
 * of alerts end in `.md`, so they may lead here, too.
 */
export function runbookRoute<Format>(app: FastifyInstance, deps: ServerDeps<Format>): void {
  app.get('/runbooks', async (_, reply) => {
    const { shard, version } = deps;
    const text = await runbookText('README', { fill: (command) => command, query: '' });
    const main = html`<h1>Runbooks</h1>
${text}`;
    return pageReply(reply).send(pageFrame({ title: 'Runbooks', main, now: deps.clock.now(), shard, version }));
  });

  app.get<RunbookRequest>('/runbooks/:alert', async (request, reply) => {
    const alert = alertOf(request.params.alert);
    if (alert === undefined) {
      const message = 'There is no alert of that name.';
      return answerError(request, reply, {
        status: 404,
        code: 'alert_unknown',
        message,
        remedy: 'GET /runbooks lists those that there are.',
      });
    }
    const id = request.query.environment;
    const environment = typeof id === 'string' ? deps.states.get(id)?.environment : undefined;
    const values = {
      id: environment?.id ?? null,
      exporter: `${request.protocol}://${request.host}`,
      api: deps.apiAddress(environment?.connection ?? null),
    };
    const query = environment === undefined ? '' : `?environment=${encodeURIComponent(environment.id)}`;
    const fill = (command: string) => fillPlaceholders(command, values);
    const text = await runbookText(alert, { fill, query });
    const main = html`<h1>${shortName(alert)} runbook</h1>
<p class="facts">${environment === undefined ? null : filledFor(environment)}<a href="/runbooks">How to run the commands</a>.</p>
${text}`;
    const { shard, version } = deps;
    return pageReply(reply).send(
      pageFrame({ title: `Runbook of ${alert}`, main, now: deps.clock.now(), shard, version }),
    );
  });
}

/** As links have it; or as people type it, who see the names without their common beginning. */
function alertOf(asked: string) {
  const typed = asked.toLowerCase().replace(/\.md$/, '');
  return runbookNames().find((name) => [typed, `anthropicwork${typed}`].includes(name.toLowerCase()));
}

async function runbookText(name: string, context: RunbookContext): Promise<Html> {
  // Loaded by the first who asks: hardly any process shows a runbook, and it costs every start.
  const { runbookHtml } = await import('./markup/runbook-html.ts');
  const text = await readFile(runbookFile(name), 'utf8');
  return html`<article class="runbook-text">${runbookHtml(text, context)}</article>`;
}

function filledFor({ id, name }: { readonly id: string; readonly name: string }): Html {
  return html`Commands are filled in for <a href="/environments/${encodeURIComponent(id)}">${nameHtml(name)}</a>. `;
}
