import type { ConnectionProblem, ExporterProblem } from '../http/server-deps.ts';
import { type EnvironmentView, summaryOf } from './attention.ts';
import type { AttentionIssue } from './attention-issue.ts';
import { Html, html } from './html.ts';
import { capitalised, durationText } from './human-text.ts';
import { STYLE } from './status-page-style.ts';

type PageProblem = ConnectionProblem | ExporterProblem;

export interface StatusPageFacts {
  readonly views: readonly EnvironmentView[];
  /** Of discovery and of the exporter itself. */
  readonly problems?: readonly PageProblem[];
  /** RFC 3339. */
  readonly generatedAt: string;
  readonly shard: string;
  readonly version: string;
}

/** By rank: the colour of its word. The word itself says the same to those who see no colours. */
const TONES = ['bad', 'warn', 'idle', 'good'] as const;
const COLUMNS = ['Status', 'Environment', 'Oldest', 'Waiting', 'Pending', 'Polling', 'Live', 'Stale', 'Last read'];

/** The page for people: one sentence, then a row per environment, the worst first. No script, nothing from elsewhere. */
export function statusPage(facts: StatusPageFacts): string {
  const views = facts.views.toSorted((a, b) => a.rank - b.rank);
  const { problems = [] } = facts;
  const { summary, tone } = headline(views, facts);
  const page = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="refresh" content="15">
<title>${summary}</title>
<link rel="icon" href="data:,">
<style>${new Html(STYLE)}</style>
</head>
<body>
<header><strong>anthropic-work-exporter</strong>${navigation}</header>
<main>
<h1 class="${tone}">${summary}</h1>
${problems.length === 0 ? null : html`<ul>${problems.map(problemLine)}</ul>`}
${views.length === 0 ? null : table(views)}
</main>
<footer>
<span>As of ${facts.generatedAt}; reloads every 15 s.</span>
<span>– = unknown. <i>Italics</i> = last known value.</span>
${sessionsLine(views)}<span>Version ${facts.version}</span>
<span>Shard ${facts.shard}${isPart(facts) ? ': other shards watch the other environments' : null}</span>
</footer>
</body>
</html>
`;
  return page.toString();
}

/** Whether there are other shards. */
function isPart({ shard }: StatusPageFacts): boolean {
  return !shard.endsWith('/1');
}

/** Said once: it is no fault, and other numbers do not depend on it. */
function sessionsLine(views: readonly EnvironmentView[]): Html | null {
  const missing = views.filter(({ sessionsMissing }) => sessionsMissing).length;
  if (missing === 0) return null;
  const where = missing === 1 ? '1 environment' : `${missing} environments`;
  return html`<span>Sessions of long runs are not read in ${where}: no key opens them, or the service has none.</span>
`;
}

/** An environment that is not watched has no row, so issues of discovery come first, unless an environment needs attention now. */
function headline(views: readonly EnvironmentView[], facts: StatusPageFacts) {
  const [problem] = facts.problems ?? [];
  const urgent = views[0]?.rank === 0;
  if (problem === undefined && views.length === 0 && isPart(facts)) {
    return { summary: `Shard ${facts.shard} has no environment to watch.`, tone: toneOf(undefined) };
  }
  if (problem === undefined || urgent) return { summary: summaryOf(views), tone: toneOf(views[0]) };
  return { summary: capitalised(problem.text), tone: views.length === 0 ? TONES[0] : TONES[1] };
}

function problemLine(problem: PageProblem): Html {
  const { text, remedy } = problem;
  const alert = 'alert' in problem ? ` Alert ${problem.alert}.` : '';
  return html`<li><span class="warn">${capitalised(text)}</span> <span class="do">${remedy}${alert}</span></li>`;
}

const navigation = html`<nav>
<a href="/metrics">/metrics</a>
<a href="/api/v1/environments">/api/v1/environments</a>
<a href="/-/healthy">/-/healthy</a>
<a href="/-/ready">/-/ready</a>
</nav>`;

function table(views: readonly EnvironmentView[]): Html {
  const headings = COLUMNS.map((name, index) => html`<th scope="col"${index > 1 ? numeric : null}>${name}</th>`);
  return html`<div class="scroll"><table>
<thead><tr>${headings}</tr></thead>
${views.map(rows)}
</table></div>`;
}

const numeric = html` class="n"`;

function rows(view: EnvironmentView): Html {
  const { id, name, queue, items, operations } = view.json;
  const queueClass = queue?.stale === true ? 'n held' : 'n';
  const itemsClass = items?.stale === true ? 'n held' : 'n';
  return html`<tbody>
<tr>
<td><span class="word ${toneOf(view)}">${wordOf(view)}</span></td>
<td class="name">${name}<a class="id" href="/api/v1/environments/${encodeURIComponent(id)}">${id}</a></td>
<td class="${queueClass}">${duration(queue?.oldest_age_seconds)}</td>
<td class="${queueClass}">${count(queue?.depth)}</td>
<td class="${queueClass}">${count(queue?.pending)}</td>
<td class="${queueClass}">${count(queue?.workers_polling)}</td>
<td class="${itemsClass}">${count(items?.live)}</td>
<td class="${itemsClass}">${count(items?.stale_heartbeats)}</td>
<td class="${queueClass}">${ago(view.lastReadSeconds)}</td>
</tr>
${explanation(view.issues, operations.list.status === 'not_attempted')}
</tbody>
`;
}

function explanation(issues: readonly AttentionIssue[], listMissing: boolean): Html | null {
  const lines = issues.map(({ severity, text, remedy, alert }) => {
    const advice = remedy ?? (alert === null ? null : `Alert ${alert}`);
    const tone = severity === 'critical' ? 'bad' : 'warn';
    const hint = advice === null ? null : html` <span class="do">${advice}</span>`;
    return html`<li><span class="${tone}">${capitalised(text)}</span>${hint}</li>`;
  });
  if (listMissing) {
    const how = 'Items are not read: no credential for the list. Configure an environment key to see them.';
    lines.push(html`<li class="do">${how}</li>`);
  }
  if (lines.length === 0) return null;
  return html`<tr class="why"><td></td><td colspan="${COLUMNS.length - 1}"><ul>${lines}</ul></td></tr>`;
}

/** An environment whose reads succeed may still have issues with its work. */
function wordOf({ json, rank }: EnvironmentView): string {
  if (json.status !== 'ok') return json.status;
  return ['critical', 'warning'][rank] ?? 'ok';
}

function toneOf(view: EnvironmentView | undefined): string {
  return TONES[view?.rank ?? 2] ?? 'idle';
}

type Shown = number | '+Inf' | null | undefined;

function count(value: Shown): string {
  return value === null || value === undefined ? '–' : String(value);
}

function duration(value: Shown): string {
  if (value === 0) return '0';
  return typeof value === 'number' ? durationText(value) : count(value);
}

function ago(seconds: number | null): string {
  return seconds === null ? 'never' : `${durationText(seconds)} ago`;
}
