import { lexer, type Token, type Tokens } from 'marked';
import { runbookNames } from '../view/first-command.ts';
import { type Html, html } from './html.ts';

export interface RunbookContext {
  /** Puts what is known here into a command, or into code in a sentence. */
  fill(command: string): string;
  /** Appended to the address of another runbook. */
  readonly query: string;
}

/** A runbook as part of a page. Markdown that is not rendered here is shown as it is written. */
export function runbookHtml(markdown: string, context: RunbookContext): Html {
  // The page has a title of its own.
  const tokens = lexer(markdown).filter((token) => !(token.type === 'heading' && token.depth === 1));
  return html`${blocks(tokens, context)}`;
}

function blocks(tokens: readonly Token[], context: RunbookContext): readonly Html[] {
  return tokens.flatMap((token) => block(token as Tokens.Generic, context) ?? []);
}

function block(token: Tokens.Generic, context: RunbookContext): Html | null {
  const { type } = token;
  if (type === 'space') return null;
  if (type === 'heading') return html`<h2>${inline(token.tokens, context)}</h2>`;
  if (type === 'paragraph' || type === 'text') return html`<p>${inline(token.tokens, context)}</p>`;
  if (type === 'code')
    return html`${(token.lang === 'promql' ? queriesOf(token.text) : [token.text]).map((text) => command(text, context))}`;
  if (type === 'list') return list(token as Tokens.List, context);
  if (type === 'table') return table(token as Tokens.Table, context);
  return html`<p>${token.raw.trim()}</p>`;
}

function list({ ordered, items }: Tokens.List, context: RunbookContext): Html {
  const shown = items.map((item) => html`<li>${blocks(item.tokens, context)}</li>`);
  return ordered ? html`<ol>${shown}</ol>` : html`<ul>${shown}</ul>`;
}

/** Prometheus takes one query at a time: each has a line, and what is indented below goes on with it. */
function queriesOf(text: string): readonly string[] {
  return text.split(/\n(?=\S)/);
}

function command(text: string, { fill }: RunbookContext): Html {
  const code = fill(text);
  return html`<div class="command"><pre tabindex="0"><code>${code}</code></pre><button type="button" data-copy="${code}">Copy</button></div>`;
}

function table({ header, rows }: Tokens.Table, context: RunbookContext): Html {
  const heading = header.map(({ tokens }) => html`<th scope="col">${inline(tokens, context)}</th>`);
  return html`<table class="plain"><thead><tr>${heading}</tr></thead><tbody>${rows.map(
    (row) => html`<tr>${row.map(({ tokens }) => html`<td>${inline(tokens, context)}</td>`)}</tr>`,
  )}</tbody></table>`;
}

/** Links to other runbooks lead to their pages here; of other files, which are not served, only the text is shown. */
function inline(tokens: readonly Token[] = [], context: RunbookContext): readonly Html[] {
  return tokens.map((token) => {
    const { type, raw, text = raw, href, tokens: inner } = token as Tokens.Generic;
    if (type === 'codespan') return html`<code>${context.fill(text)}</code>`;
    if (type === 'em') return html`<em>${inline(inner, context)}</em>`;
    if (type !== 'link') return html`${type === 'text' ? text.replaceAll('\n', ' ') : raw}`;
    const label = inline(inner, context);
    const alert = runbookNames().find((name) => href === `${name}.md`);
    if (alert !== undefined) return html`<a href="/runbooks/${alert}${context.query}">${label}</a>`;
    return href.startsWith('https://') ? html`<a href="${href}" rel="noreferrer">${label}</a>` : html`${label}`;
  });
}
