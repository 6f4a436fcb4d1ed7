import { readdirSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { FastifyInstance } from 'fastify';
import { packageFile } from '../base/package-files.ts';
import { Refusal } from './answers.ts';
import { asPage, environmentPath, Html, html, nameHtml, pageFrame } from './page.ts';
import type { ServerDeps } from './server-deps.ts';

/** What a shell command may contain unquoted. */
const PLAIN = /^[\w.:/[\]-]+$/;

interface RunbookContext {
  /** What words in capitals stand for, as far as it is known; null: not known here. */
  readonly words: Readonly<Record<string, string | null>>;
  readonly query: string;
}

let names: readonly string[] | null = null;

export function runbookNames(): readonly string[] {
  names ??= readdirSync(fileURLToPath(packageFile('alerts/runbooks'))).flatMap((file) =>
    /^AnthropicWork\w+\.md$/.test(file) ? file.slice(0, -'.md'.length) : [],
  );
  return names;
}

/** `GET /runbooks`, each as a page: for when the link of an alert does not work, as may happen at three in the morning. */
export function runbookRoutes(app: FastifyInstance, deps: ServerDeps): void {
  app.get('/runbooks', async (_request, reply) => {
    const main = html`<h1>Runbooks</h1>
${await runbookHtml('README', { words: {}, query: '' })}`;
    return asPage(reply).send(pageFrame(deps, { title: 'Runbooks', main, now: deps.clock.now() }));
  });

  app.get<{ Params: { alert: string }; Querystring: { environment?: unknown } }>(
    '/runbooks/:alert',
    async (request, reply) => {
      // As links have it; or as people type it, who see the names without their common beginning.
      const typed = request.params.alert.toLowerCase().replace(/\.md$/, '');
      const alert = runbookNames().find((name) => [typed, `anthropicwork${typed}`].includes(name.toLowerCase()));
      if (alert === undefined) throw new Refusal('alert_unknown');
      const { environment: id } = request.query;
      const { id: ENV = null, name = '', connection = null } = deps.states.get(String(id))?.environment ?? {};
      const words = { EXPORTER: `${request.protocol}://${request.host}`, ENV, API: deps.apiAddress(connection) };
      const link = ENV === null ? null : html`<a href="${environmentPath(ENV)}">${nameHtml(name)}</a>`;
      const query = ENV === null ? '' : `?environment=${encodeURIComponent(ENV)}`;
      const main = html`<h1>${shortName(alert)} runbook</h1>
<p class="facts">${link === null ? null : html`Commands are filled in for ${link}. `}<a href="/runbooks">How to run the commands</a>.</p>
${await runbookHtml(alert, { words, query })}`;
      return asPage(reply).send(pageFrame(deps, { title: `Runbook of ${alert}`, main, now: deps.clock.now() }));
    },
  );
}

async function runbookHtml(name: string, context: RunbookContext): Promise<Html> {
  return markdownHtml(await readFile(packageFile(`alerts/runbooks/${name}.md`), 'utf8'), context);
}

/** Of our own files: only what is filled in comes from elsewhere. */
export async function markdownHtml(text: string, { words, query }: RunbookContext): Promise<Html> {
  // Loaded by the first who asks: hardly any process shows a runbook, and it costs every start.
  const { Marked } = await import('marked');
  // Only what is plain: nobody shall paste what a name of somebody else makes of a command.
  const filled = (code: string) =>
    code.replaceAll(/\b[A-Z]+\b/g, (word) => (PLAIN.test(words[word] ?? '') ? words[word]! : word));
  const marked = new Marked({
    renderer: {
      // The page has a title of its own.
      heading({ depth, tokens }) {
        return depth === 1 ? '' : `<h2>${this.parser.parseInline(tokens)}</h2>`;
      },
      code({ text: code, lang }) {
        // Prometheus takes one query at a time: each has a line, and what is indented below goes on with it.
        const commands = lang === 'promql' ? code.split(/\n(?=\S)/) : [code];
        return commands.map((command) => html`<pre tabindex="0"><code>${filled(command)}</code></pre>`).join('');
      },
      codespan: ({ text: code }) => html`<code>${filled(code)}</code>`.toString(),
      html: ({ text: markup }) => html`${markup}`.toString(),
      // Links to other runbooks lead to their pages here; of other files, which are not served, only the text is shown.
      link({ href, tokens }) {
        const label = this.parser.parseInline(tokens);
        const alert = runbookNames().find((name) => href === `${name}.md`);
        if (alert !== undefined) return `<a href="/runbooks/${alert}${query}">${label}</a>`;
        return href.startsWith('https://') ? `<a href="${href}">${label}</a>` : label;
      },
    },
  });
  return html`<article class="runbook-text">${new Html(marked.parse(text, { async: false }))}</article>`;
}

/** The name of an alert without what all of them begin with. */
export function shortName(alert: string): string {
  return alert.replace(/^AnthropicWork/, '');
}
