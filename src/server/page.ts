import { createHash } from 'node:crypto';
import type { FastifyReply } from 'fastify';
import { duration } from '../base/text.ts';
import type { ServerDeps } from './server-deps.ts';

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Markup that can safely be inserted into a page. Only `html` creates it from texts. */
export class Html {
  readonly #markup: string;

  constructor(markup: string) {
    this.#markup = markup;
  }

  toString(): string {
    return this.#markup;
  }
}

type Insert = Html | readonly Html[] | string | number | null;

/** Markup from a template: inserts are escaped unless they are markup themselves; null inserts nothing. */
export function html(parts: TemplateStringsArray, ...inserts: readonly Insert[]): Html {
  return new Html(parts.reduce((markup, part, index) => markup + shown(inserts[index - 1] ?? null) + part));
}

function shown(insert: Insert): string {
  if (insert === null) return '';
  if (insert instanceof Html) return insert.toString();
  if (typeof insert === 'object') return insert.join('');
  return String(insert).replace(/[&<>"']/g, (character) => ENTITIES[character]!);
}

/** A name with a direction of its own: one from right to left would pull the numbers behind it in front. */
export function nameHtml(name: string): Html {
  return html`<bdi>${name}</bdi>`;
}

/** The page of an environment. */
export function environmentPath(id: string): string {
  return `/environments/${encodeURIComponent(id)}`;
}

/** A moment as `5 min ago` or `in 5 min`. */
export function timeHtml(at: number, now: number): Html {
  const exact = new Date(at).toISOString();
  const seconds = (now - at) / 1000;
  const text = seconds < 0 ? `in ${duration(-seconds)}` : `${duration(seconds)} ago`;
  return html`<time datetime="${exact}" title="${exact}">${text}</time>`;
}

/** The only style sheet. It is inline, so that a page needs nothing else; the policy allows only this one. */
const STYLE = `
:root { color-scheme: light dark; --ink: #1c2128; --soft: #57606a; --line: #d8dee4; --paper: #fff; --raised: #f6f8fa;
  --good: #17702f; --warn: #825200; --bad: #b3202a; --idle: #57606a; --link: #0550ae; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e6edf3; --soft: #9fa7b0; --line: #30363d; --paper: #0d1117; --raised: #161b22;
    --good: #3fb950; --warn: #d8a03a; --bad: #ff8078; --idle: #9fa7b0; --link: #79b8ff; } }
* { box-sizing: border-box; }
.good { --tone: var(--good); } .warn { --tone: var(--warn); } .bad { --tone: var(--bad); } .idle { --tone: var(--idle); }
h1, .mark { background: color-mix(in srgb, var(--tone, var(--soft)) 9%, var(--paper)); }
body { margin: 0 auto; max-width: 80rem; padding: 1.25rem 1.5rem 2rem; background: var(--paper); color: var(--ink);
  font: .9375rem/1.5 system-ui, -apple-system, "Segoe UI", "Liberation Sans", sans-serif; text-size-adjust: 100%; }
a { color: var(--link); text-underline-offset: .2em; text-decoration-thickness: 1px; }
header, footer { display: flex; flex-wrap: wrap; gap: .25rem 1.25rem; align-items: baseline; color: var(--soft); }
header a, nav a { color: var(--soft); display: inline-block; padding: .25rem 0; text-decoration: none; }
header strong { color: var(--ink); }
nav { display: flex; flex-wrap: wrap; gap: .25rem 1.25rem; margin-left: auto; }
main a { display: inline-block; min-height: 24px; min-width: 24px; }
p { margin: .5rem 0; }
h1 { font-size: 1.4375rem; line-height: 1.3; letter-spacing: -.01em; text-wrap: pretty; margin: 1rem 0; padding: .8rem 1rem; border-radius: .4rem;
  border-left: .4rem solid var(--tone, var(--line)); overflow-wrap: anywhere; }
h1 .mark { font-size: 1rem; }
h2 { font-size: 1.0625rem; line-height: 1.35; margin: 2rem 0 .6rem; }
.sign { margin-right: .4em; } span.sign, span.good, span.warn, span.bad, span.idle { color: var(--tone); }
.mark { display: inline-block; font-weight: 600; font-size: .875rem; line-height: 1.35; white-space: nowrap; padding: .1rem .5rem .15rem; border-radius: .3rem; }
.soft { color: var(--soft); }
.facts { color: var(--soft); margin: 0 0 1rem; } .facts .mark { margin-right: .4rem; }
.unseen { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
.gone { position: sticky; top: 0; z-index: 1; margin: .75rem 0 0; padding: .6rem 1rem; border-radius: .4rem; background: var(--bad); color: var(--paper); font-weight: 600; }
ul, ol { margin: .5rem 0; padding-left: 1.25rem; }
.causes, .lines { padding: 0; list-style: none; }
.causes { margin: 0 0 1.25rem; display: grid; gap: .6rem; }
.causes li { padding: .65rem 1rem; border: 1px solid var(--line); border-left: .25rem solid var(--tone, var(--line)); border-radius: .4rem; overflow-wrap: anywhere; min-width: 0; }
.causes p { margin: 0 0 .15rem; max-width: 90ch; } .causes .mark { margin-right: .25rem; }
.causes .names { display: flex; flex-wrap: wrap; gap: 0 .9rem; max-width: none; }
.lines li { padding: .35rem 0; border-top: 1px solid var(--line); overflow-wrap: anywhere; } .lines li:first-child { border: 0; }
.charts { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(10rem, 100%), 1fr)); gap: 1rem 1.5rem; }
figure { margin: 0; min-width: 0; } figcaption { color: var(--soft); font-size: .8125rem; }
figcaption strong { display: block; color: var(--ink); font-size: 1.25rem; line-height: 1.3; font-variant-numeric: tabular-nums; }
svg { display: block; width: 100%; height: 2.75rem; margin-top: .35rem; border-bottom: 1px solid var(--line); }
path { fill: none; stroke: var(--link); stroke-width: 1.5px; stroke-linejoin: round; vector-effect: non-scaling-stroke; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
th, td { padding: .55rem .75rem; text-align: left; vertical-align: top; }
th:first-child, td:first-child { padding-left: 0; } th:last-child, td:last-child { padding-right: 0; }
thead th { color: var(--soft); font-weight: 600; font-size: .8125rem; border-bottom: 1px solid var(--soft); white-space: nowrap; }
tbody { border-top: 1px solid var(--line); }
tbody th { font-weight: 600; overflow-wrap: anywhere; min-width: 10rem; }
tbody th a { color: var(--ink); }
.n { text-align: right; white-space: nowrap; }
.id { display: block; color: var(--soft); font: .8125rem/1.4 ui-monospace, "Liberation Mono", monospace; }
.held { color: var(--soft); font-style: italic; }
.why td { padding-top: 0; }
.why .causes { margin: 0; }
pre { margin: .4rem 0; padding: .4rem .6rem; border-radius: .3rem; background: var(--raised); white-space: pre-wrap; user-select: all; }
code { overflow-wrap: anywhere; font: .8125rem/1.55 ui-monospace, "Liberation Mono", monospace; }
.runbook-text { max-width: 48rem; line-height: 1.6; overflow-wrap: anywhere; } .runbook-text li { margin: .4rem 0; }
.runbook-text td { border-top: 1px solid var(--line); }
details { border-top: 1px solid var(--line); }
summary { padding: .75rem 0; cursor: pointer; min-height: 24px; }
footer { margin-top: 2rem; padding-top: .75rem; border-top: 1px solid var(--line); font-size: .8125rem; }
@media (max-width: 60rem) {
  body { padding: .75rem .75rem 1.5rem; } nav { margin-left: 0; gap: .25rem 1rem; } h1 { font-size: 1.1875rem; padding: .65rem .8rem; } .causes li { padding: .6rem .8rem; }
  [role=table], [role=table] tbody, [role=table] tr, [role=table] td, [role=table] tbody th { display: block; }
  [role=table] thead { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
  tbody { padding: .6rem 0; } [role=table] th, [role=table] td { padding: .1rem 0; } tbody th { min-width: 0; }
  [role=table] tr { display: flex; flex-wrap: wrap; } [role=table] tbody th { order: -3; flex: 1 1 55%; } [role=table] td:first-child { order: -2; flex: none; }
  [role=table] tr:not(.why)::before { content: ''; order: -1; flex: 0 0 100%; }
  tbody td.n { flex: 0 0 25%; text-align: left; } tbody td.n:last-child { flex-basis: 50%; } .why td[colspan] { flex: 1 0 100%; }
  [role=table] td.n::before { display: block; content: attr(data-label); color: var(--soft); font-style: normal; font-size: .75rem; line-height: 1.3; }
  .charts { grid-template-columns: 1fr 1fr; }
}
`;

/**
 * The only script: it fetches the page again and changes only what differs, so that focus and scroll position stay.
 * Inline, so that the page needs nothing else; the policy allows only this script. Without it the page is complete, but
 * not refreshed.
 */
const SCRIPT = `
'use strict';
{
  const EVERY_MS = 15000;
  const gone = document.getElementById('gone');
  const news = document.getElementById('news');
  let title = document.title;
  let answeredAt = new Date();

  /** Makes one element like another, and touches nothing that is the same already. */
  const morph = (one, other) => {
    if (one.isEqualNode(other)) return;
    if (one.nodeType === Node.TEXT_NODE) { one.data = other.data; return; }
    for (const { name, value } of other.attributes) one.setAttribute(name, value);
    for (const { name } of [...one.attributes]) if (name !== 'open' && !other.hasAttribute(name)) one.removeAttribute(name);
    const keyOf = (node) => node.nodeName + ' ' + (node.dataset?.key ?? '');
    const wantedKeys = new Set([...other.children].map(keyOf));
    for (const child of [...one.children]) if (child.dataset.key && !wantedKeys.has(keyOf(child))) child.remove();
    const keyed = new Map([...one.children].filter((child) => child.dataset.key).map((child) => [keyOf(child), child]));
    let place = one.firstChild;
    for (const wanted of [...other.childNodes]) {
      const known = wanted.dataset?.key ? keyed.get(keyOf(wanted)) : place;
      if (!known || keyOf(known) !== keyOf(wanted)) { one.insertBefore(document.importNode(wanted, true), place); continue; }
      if (known === place) place = place.nextSibling;
      else one.insertBefore(known, place);
      morph(known, wanted);
    }
    while (place) { const next = place.nextSibling; place.remove(); place = next; }
  };
  /** What moved has lost the focus, and a row in another table is a new one: its link, or the fold around it, gets it. */
  const update = (next) => {
    const focused = document.activeElement;
    const key = focused.closest('[data-key]')?.dataset.key;
    for (const part of ['main', 'footer']) morph(document.querySelector(part), next.querySelector(part));
    if (key === undefined || document.activeElement === focused) return;
    const links = document.querySelectorAll('[data-key="' + CSS.escape(key) + '"] a');
    const twin = focused.isConnected ? focused : [...links].find(({ href }) => href === focused.href);
    (twin?.closest('details:not([open])')?.querySelector('summary') ?? twin)?.focus();
  };

  /** Without how long ago that was: a screen reader says this once, not at every attempt. */
  const silent = (what) => {
    gone.hidden = false;
    const text = 'The exporter ' + what + '. What you see is from ' + answeredAt.toLocaleTimeString() + '.';
    if (gone.textContent !== text) gone.textContent = text;
    document.title = 'No answer — ' + title;
  };
  const refresh = async () => {
    try {
      const answer = await fetch(location.href, { signal: AbortSignal.timeout(EVERY_MS - 1000) });
      if (!answer.ok) { silent('answers with an error (' + answer.status + ')'); return; }
      const next = new DOMParser().parseFromString(await answer.text(), 'text/html');
      answeredAt = new Date();
      gone.hidden = true;
      update(next);
      // For ears: a screen reader does not notice what changes where the focus is not. Numbers change always: no news.
      const gist = (text) => text.replace(/[\\d.]+/g, '');
      if (gist(next.title) !== gist(title)) news.textContent = next.title;
      document.title = title = next.title;
    } catch {
      silent('does not answer');
    }
  };

  setInterval(() => { if (!document.hidden) void refresh(); }, EVERY_MS);
  document.addEventListener('visibilitychange', () => { if (!document.hidden) void refresh(); });
}
`;

const hash = (text: string) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;

/** Nothing may be loaded, framed or posted. Only the page's own style and script apply, and it may fetch itself. */
export const CONTENT_SECURITY_POLICY = `default-src 'none'; style-src ${hash(STYLE)}; script-src ${hash(SCRIPT)}; connect-src 'self'; img-src data:; base-uri 'none'; form-action 'self'; frame-ancestors 'none'`;

/** What all pages share. It loads nothing from elsewhere, and is complete without its script. */
export function pageFrame(
  { shard, version }: Pick<ServerDeps, 'shard' | 'version'>,
  { title, main, now }: { readonly title: string; readonly main: Html; readonly now: number },
): string {
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
<link rel="icon" href="data:,">
<style>${new Html(STYLE)}</style>
</head>
<body>
<header><a href="/"><strong>anthropic-work-exporter</strong></a>
<nav aria-label="Other pages">
<a href="/metrics">Metrics</a>
<a href="/api/v1/environments">JSON</a>
<a href="/-/healthy">Health</a>
<a href="/-/ready">Readiness</a>
<a href="/runbooks">Runbooks</a>
</nav></header>
<p id="gone" class="gone" role="alert" hidden></p>
<p id="news" class="unseen" role="status"></p>
<main>
${main}
</main>
<footer>
<span>As of ${timeHtml(now, now)}. <noscript>Reload the page to see more recent numbers.</noscript></span>
<span>– = unknown. <i>Italics</i> = last known value.</span>
<span>Version ${version}, shard ${shard}</span>
</footer>
<script>${new Html(SCRIPT)}</script>
</body>
</html>
`.toString();
}

/** The policy of pages allows their style and script, and nothing else. */
export function asPage(reply: FastifyReply): FastifyReply {
  return reply.type('text/html; charset=utf-8').header('content-security-policy', CONTENT_SECURITY_POLICY);
}
