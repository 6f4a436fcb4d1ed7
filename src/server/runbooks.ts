import { readdirSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { FastifyInstance } from 'fastify';
import type { Token, Tokens } from 'marked';
import { packageFile } from '../base/package-files.ts';
import { answerError } from './errors.ts';
import { environmentPath, type Html, html, nameHtml } from './html.ts';
import { asPage, pageFrame } from './page-frame.ts';
import { shortName } from './page-parts.ts';
import type { ServerDeps } from './server-deps.ts';

/** What a shell command may contain unquoted. */
const PLAIN = /^[\w.:/[\]-]+$/;

interface RunbookContext {
  /** What words in capitals stand for, as far as it is known; null: not known here. */
  readonly words: Readonly<Record<string, string | null>>;
  /** Appended to the address of another runbook. */
  readonly query: string;
}

let names: readonly string[] | null = null;

/** The alerts that have a runbook. */
export function runbookNames(): readonly string[] {
  names ??= readdirSync(fileURLToPath(packageFile('alerts/runbooks'))).flatMap((file) =>
    /^AnthropicWork\w+\.md$/.test(file) ? file.slice(0, -'.md'.length) : [],
  );
  return names;
}

interface RunbookRequest {
  readonly Params: { readonly alert: string };
  readonly Querystring: { readonly environment?: unknown };
}

/** `GET /runbooks`, each as a page: for when the link of an alert does not work, as may happen at three in the morning. */
export function runbookRoutes<Format>(app: FastifyInstance, deps: ServerDeps<Format>): void {
  const { states, clock } = deps;

  app.get('/runbooks', async (_request, reply) => {
    const main = html`<h1>Runbooks</h1>
${await runbookHtml('README', { words: {}, query: '' })}`;
    return asPage(reply).send(pageFrame(deps, { title: 'Runbooks', main, now: clock.now() }));
  });

  app.get<RunbookRequest>('/runbooks/:alert', async (request, reply) => {
    // As links have it; or as people type it, who see the names without their common beginning.
    const typed = request.params.alert.toLowerCase().replace(/\.md$/, '');
    const alert = runbookNames().find((name) => [typed, `anthropicwork${typed}`].includes(name.toLowerCase()));
    if (alert === undefined) return answerError(request, reply, 'alert_unknown');
    const { environment: id } = request.query;
    const environment = typeof id === 'string' ? states.get(id)?.environment : undefined;
    const words = {
      EXPORTER: `${request.protocol}://${request.host}`,
      ENV: environment?.id ?? null,
      API: deps.apiAddress(environment?.connection ?? null),
    };
    const query = environment === undefined ? '' : `?environment=${encodeURIComponent(environment.id)}`;
    const filledFor =
      environment === undefined
        ? null
        : html`Commands are filled in for <a href="${environmentPath(environment.id)}">${nameHtml(environment.name)}</a>. `;
    const main = html`<h1>${shortName(alert)} runbook</h1>
<p class="facts">${filledFor}<a href="/runbooks">How to run the commands</a>.</p>
${await runbookHtml(alert, { words, query })}`;
    return asPage(reply).send(pageFrame(deps, { title: `Runbook of ${alert}`, main, now: clock.now() }));
  });
}

/** A runbook, or `README` about all of them, as part of a page, with its commands ready to run. */
async function runbookHtml(name: string, context: RunbookContext): Promise<Html> {
  return markdownHtml(await readFile(packageFile(`alerts/runbooks/${name}.md`), 'utf8'), context);
}

export async function markdownHtml(text: string, context: RunbookContext): Promise<Html> {
  // Loaded by the first who asks: hardly any process shows a runbook, and it costs every start.
  const { lexer } = await import('marked');
  // The page has a title of its own.
  const tokens = lexer(text).filter((token) => !(token.type === 'heading' && token.depth === 1));
  return html`<article class="runbook-text">${blocks(tokens, context)}</article>`;
}

function blocks(tokens: readonly Token[], context: RunbookContext): readonly Html[] {
  return tokens.filter(({ type }) => type !== 'space').map((token) => block(token as Tokens.Generic, context));
}

/** Markdown that is not rendered here is shown as it is written. */
function block(token: Tokens.Generic, context: RunbookContext): Html {
  switch (token.type) {
    case 'heading':
      return html`<h2>${inline(token.tokens, context)}</h2>`;
    case 'paragraph':
    case 'text':
      return html`<p>${inline(token.tokens, context)}</p>`;
    case 'code': {
      // Prometheus takes one query at a time: each has a line, and what is indented below goes on with it.
      const commands: string[] = token.lang === 'promql' ? token.text.split(/\n(?=\S)/) : [token.text];
      return html`${commands.map((text) => command(filled(text, context)))}`;
    }
    case 'list': {
      const items = (token as Tokens.List).items.map((item) => html`<li>${blocks(item.tokens, context)}</li>`);
      return token.ordered ? html`<ol>${items}</ol>` : html`<ul>${items}</ul>`;
    }
    case 'table': {
      const { header, rows } = token as Tokens.Table;
      const heading = header.map(({ tokens }) => html`<th scope="col">${inline(tokens, context)}</th>`);
      const row = (cells: readonly Tokens.TableCell[]) =>
        html`<tr>${cells.map(({ tokens }) => html`<td>${inline(tokens, context)}</td>`)}</tr>`;
      return html`<table class="plain"><thead><tr>${heading}</tr></thead><tbody>${rows.map(row)}</tbody></table>`;
    }
    default:
      return html`<p>${token.raw.trim()}</p>`;
  }
}

function command(code: string): Html {
  return html`<div class="command"><pre tabindex="0"><code>${code}</code></pre><button type="button" data-copy="${code}">Copy</button></div>`;
}

/** Only what is plain: nobody shall paste what a name of somebody else makes of a command. */
function filled(text: string, { words }: RunbookContext): string {
  return text.replaceAll(/\b[A-Z]+\b/g, (word) => (PLAIN.test(words[word] ?? '') ? words[word]! : word));
}

/** Links to other runbooks lead to their pages here; of other files, which are not served, only the text is shown. */
function inline(tokens: readonly Token[] = [], context: RunbookContext): readonly Html[] {
  return tokens.map((token) => {
    const { type, raw, text = raw, href, tokens: inner } = token as Tokens.Generic;
    if (type === 'codespan') return html`<code>${filled(text, context)}</code>`;
    if (type === 'em') return html`<em>${inline(inner, context)}</em>`;
    if (type !== 'link') return html`${type === 'text' ? text.replaceAll('\n', ' ') : raw}`;
    const label = inline(inner, context);
    const alert = runbookNames().find((name) => href === `${name}.md`);
    if (alert !== undefined) return html`<a href="/runbooks/${alert}${context.query}">${label}</a>`;
    return href.startsWith('https://') ? html`<a href="${href}" rel="noreferrer">${label}</a>` : html`${label}`;
  });
}
