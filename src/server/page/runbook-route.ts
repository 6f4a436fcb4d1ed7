import { readFile } from 'node:fs/promises';
import type { FastifyInstance } from 'fastify';
import { ALERT_NAMES } from '../../rules/alert-names.ts';
import { answerError } from '../http/answer-error.ts';
import type { ServerDeps } from '../http/server-deps.ts';
import { runbookFile } from './first-command.ts';
import { html } from './html.ts';
import { pageFrame } from './page-frame.ts';
import { CONTENT_SECURITY_POLICY } from './page-style.ts';

/**
 * `GET /runbooks/{alert}`: what to do, for when the link of an alert does not work, as may happen at three in the
 * morning.
 */
export function runbookRoute<Format>(app: FastifyInstance, deps: ServerDeps<Format>): void {
  app.get<{ Params: { alert: string } }>('/runbooks/:alert', async (request, reply) => {
    const alert = ALERT_NAMES.find((name) => name === request.params.alert);
    if (alert === undefined) {
      const message = 'There is no alert of that name.';
      return answerError(request, reply, {
        status: 404,
        code: 'alert_unknown',
        message,
        remedy: 'GET / links those that are out.',
      });
    }
    const text = await readFile(runbookFile(alert), 'utf8');
    const main = html`<h1>${alert.replace(/^AnthropicWork/, '')} runbook</h1>
<pre class="runbook-text" tabindex="0">${text.replace(/^# .*\n+/, '')}</pre>`;
    const { shard, version } = deps;
    reply.type('text/html; charset=utf-8').header('content-security-policy', CONTENT_SECURITY_POLICY);
    return reply.send(pageFrame({ title: `Runbook of ${alert}`, main, now: deps.clock.now(), shard, version }));
  });
}
