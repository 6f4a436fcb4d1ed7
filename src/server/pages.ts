import type { FastifyInstance } from 'fastify';
import { counted, toTenths } from '../base/text.ts';
import type { Charted } from '../diagnosis/history.ts';
import type { EnvironmentState } from '../state/environment-state.ts';
import type { Answers } from './answers.ts';
import { watched } from './answers.ts';
import {
  type ConditionJson,
  type EnvironmentDetail,
  environmentDetailJson,
  environmentJson,
  type JsonContext,
} from './environment-json.ts';
import { asPage, durationText, environmentPath, type Html, html, nameHtml, pageFrame, timeHtml } from './page.ts';
import type { LastHour, ServerDeps } from './server-deps.ts';
import {
  conditionLine,
  type EnvironmentView,
  environmentView,
  failureText,
  headlineOf,
  knownWord,
  LEVELS,
  markHtml,
  noticeLine,
  stoppedNotice,
  type Trouble,
  troublesOf,
  worseFirst,
} from './view.ts';

/** If more environments than this are healthy, they are collapsed. */
const FOLD_FROM = 12;
/** More names of environments are counted. */
const MOST_NAMES = 8;
const COLUMNS = ['Status', 'Environment', 'Oldest', 'Waiting', 'Pending', 'Polling', 'Live', 'Stale', 'Last read'];
/** The height of a chart, in units of its own; a sample is one unit wide. */
const HEIGHT = 40;

type PageContext = JsonContext & { readonly itemIds: boolean };

/** `GET /`: one sentence, each cause once, then a row per environment. `GET /environments/{id}`: what is wrong, then what was read. */
export function pageRoutes(app: FastifyInstance, deps: ServerDeps, answers: Answers, context: () => PageContext): void {
  app.get('/', async (request, reply) => {
    return answers.send(request, asPage(reply), { key: '/', render: () => statusPage(deps, context()) });
  });

  app.get<{ Params: { id: string } }>('/environments/:id', (request, reply) => {
    const state = watched(request.params.id, deps.states);
    return asPage(reply).send(environmentPage(deps, state, context()));
  });
}

function statusPage(deps: ServerDeps, context: JsonContext): string {
  const { now, report } = context;
  const views = deps.states.all().map((state) => environmentView(environmentJson(state, context), context));
  views.sort(worseFirst);
  const troubles = troublesOf(report);
  const problems = [...stoppedNotice(report, now), ...deps.discoveryProblems(), ...deps.exporterProblems()];
  const [level, text] = headlineOf({ report, now, troubles, views, problems });
  const names = new Map(views.map(({ json: { id, name } }) => [id, name]));
  const causes = [...troubles.flatMap((trouble) => causeLine(trouble, names, now)), ...problems.map(noticeLine)];
  return pageFrame(deps, {
    title: text,
    now,
    main: html`<h1 class="${LEVELS[level].tone}" data-key="headline">${markHtml(level)} ${text}</h1>
${causes.length === 0 ? null : html`<ul class="causes" data-key="causes">${causes}</ul>`}
${environments(views, now)}`,
  });
}

/** A trouble with the environments that have it, unless it is in the row of the only one: one that has left has none. */
function causeLine({ first, conditions, text }: Trouble, names: ReadonlyMap<string, string>, now: number) {
  const ids = conditions.flatMap(({ environments }) => environments);
  if (conditions.length === 1 && first.connection === null) {
    return names.has(ids[0]!) ? [] : [conditionLine(first, { environmentId: ids[0]!, now })];
  }
  const links = ids.slice(0, MOST_NAMES).map((id) => {
    const link = html`<a href="${environmentPath(id)}">${nameHtml(names.get(id) ?? id)}</a>`;
    return html`<span data-key="name ${id}">${link}</span> `;
  });
  const more = ids.length > MOST_NAMES ? html`<span class="soft">and ${ids.length - MOST_NAMES} more</span>` : null;
  const about = html`<p class="names">${links}${more}</p>`;
  return [conditionLine(first, { environmentId: null, now, text, about })];
}

function environments(views: readonly EnvironmentView[], now: number): Html {
  const fine = views.filter(({ level }) => level === 'ok');
  if (fine.length <= FOLD_FROM) return html`<div data-key="all">${table(views, now)}</div>`;
  const others = views.filter(({ level }) => level !== 'ok');
  return html`<div data-key="all">${table(others, now)}</div>
<details data-key="fine"><summary>${markHtml('ok')} ${counted(fine.length)} without an alert or a notice</summary>
${table(fine, now)}</details>`;
}

/** The roles are explicit, because a narrow screen shows each row as a card. */
function table(views: readonly EnvironmentView[], now: number): Html | null {
  if (views.length === 0) return null;
  const headings = COLUMNS.map(
    (name, index) => html`<th role="columnheader" scope="col" class="${index > 1 ? 'n' : ''}">${name}</th>`,
  );
  return html`<table role="table">
<thead role="rowgroup"><tr role="row">${headings}</tr></thead>
${views.map((view) => rows(view, now))}
</table>`;
}

function rows(view: EnvironmentView, now: number): Html {
  const { id, name, labels, queue, items, operations } = view.json;
  const owner = labels.owner === undefined ? null : html` · ${nameHtml(labels.owner)}`;
  const age = queue?.oldest_age_seconds;
  const { last_success_at: readAt } = operations[operations.stats.status === 'not_attempted' ? 'list' : 'stats'];
  return html`<tbody role="rowgroup" data-key="${id}">
<tr role="row" class="${LEVELS[view.level].tone}">
<td role="cell">${markHtml(view.level)}</td>
<th role="rowheader" scope="row"><a href="${environmentPath(id)}">${nameHtml(name)}</a><span class="id">${id}${owner}</span></th>
${cell('Oldest', age ? durationText(age) : age, queue)}
${cell('Waiting', queue?.depth, queue)}
${cell('Pending', queue?.pending, queue)}
${cell('Polling', queue?.workers_polling, queue)}
${cell('Live', items?.live, items)}
${cell('Stale', items?.stale_heartbeats, items)}
<td role="cell" class="n" data-label="Last read">${readAt === null ? 'never' : timeHtml(Date.parse(readAt), now)}</td>
</tr>
${explanation(view, now)}
</tbody>`;
}

/** A number of a read; in italics if a later read failed. */
function cell(
  label: string,
  value: string | number | null | undefined,
  read: { readonly stale: boolean } | null,
): Html {
  const held = read?.stale ? html`<span class="unseen"> (last known)</span>` : null;
  return html`<td role="cell" class="${held ? 'n held' : 'n'}" data-label="${label}">${value ?? '–'}${held}</td>`;
}

/** What is wrong with it, and why numbers of it are missing. */
function explanation({ conditions, notices, json }: EnvironmentView, now: number): Html | null {
  const lines = [
    ...conditions.map((one) => conditionLine(one, { environmentId: json.id, now, isBrief: true })),
    ...notices.map(noticeLine),
  ];
  if (lines.length === 0) return null;
  return html`<tr role="row" class="why"><td role="cell" colspan="${COLUMNS.length}"><ul class="causes">${lines}</ul></td></tr>`;
}

function environmentPage(deps: ServerDeps, state: EnvironmentState, context: PageContext): string {
  const { now } = context;
  const detail = environmentDetailJson(state, context);
  const { id, name, connection, labels, dashboard_url: board } = detail;
  const view = environmentView(detail, context);
  const owner = labels.owner === undefined ? null : html` · owner ${nameHtml(labels.owner)}`;
  return pageFrame(deps, {
    title: `${LEVELS[view.level].word}: ${name} (${id})`,
    now,
    main: html`<h1 class="${LEVELS[view.level].tone}">${nameHtml(name)} <span class="id">${id}</span></h1>
<p class="facts">${markHtml(view.level)} connection ${connection}${owner}&nbsp;· <a href="/api/v1/environments/${encodeURIComponent(id)}">JSON</a>${board === null ? null : html`&nbsp;· <a href="${board}">board in Grafana</a>`}&nbsp;· <a href="/">all environments</a></p>
${attention(view, context)}
<h2>Last hour</h2>
${charts(deps.lastHour(id))}
<h2>Worst items</h2>
${items(detail.worst_items, now)}
<h2>Recent failures</h2>
${failures(detail.recent_failures, now)}`,
  });
}

/** What is wrong with it and with its connection, the notices, then what something graver explains; or that there is nothing. */
function attention(view: EnvironmentView, { report, now }: PageContext): Html {
  const { json, conditions, ofConnection, notices, level } = view;
  const line = (condition: ConditionJson) => conditionLine(condition, { environmentId: json.id, now });
  const lines = [
    ...[...ofConnection, ...conditions].map(line),
    ...[...stoppedNotice(report, now), ...notices].map(noticeLine),
    ...json.conditions.filter(({ state }) => state === 'explained').map(line),
  ];
  if (lines.length > 0) return html`<ul class="causes" data-key="causes">${lines}</ul>`;
  if (level !== 'ok') return html`<p>Whether an alert is firing is not known yet.</p>`;
  return html`<p>No ${knownWord(report)}alert is firing or about to fire, and there is nothing else to report.</p>`;
}

const CHARTS: readonly (readonly [name: Charted, title: string, format: (value: number) => string])[] = [
  ['waiting', 'Waiting', String],
  ['oldestSeconds', 'Oldest waits', durationText],
  ['polling', 'Workers polling', String],
  ['live', 'Live items', String],
  ['stale', 'Stale items', String],
];

/** The last hour as small charts, each with what it says in words beside it; the exporter keeps it in memory. */
function charts(hour: LastHour | undefined): Html {
  if (hour === undefined) return html`<p>Nothing is kept yet: the exporter has just started to watch it.</p>`;
  return html`<div class="charts">${CHARTS.map(([key, title, format]) => {
    const numbers = hour.numbersOf(key);
    const known = numbers.filter((value) => !Number.isNaN(value));
    const most = Math.max(...known);
    const latest = numbers.at(-1) ?? Number.NaN;
    const range =
      known.length === 0 ? 'not known in the last hour' : `${format(Math.min(...known))} to ${format(most)}`;
    return html`<figure data-key="chart-${key}"><figcaption>${title} <strong>${Number.isNaN(latest) ? '–' : format(latest)}</strong> <span class="soft">${range}</span></figcaption>
<svg viewBox="0 0 ${numbers.length - 1} ${HEIGHT}" preserveAspectRatio="none" aria-hidden="true"><path d="${lineOf(numbers, most)}"/></svg></figure>`;
  })}</div>`;
}

/** Steps, as a number holds until the next; nothing is drawn where it was not known. */
function lineOf(numbers: readonly number[], most: number): string {
  const steps = numbers.map((value, x) => {
    if (Number.isNaN(value)) return '';
    const height = toTenths(HEIGHT - 1 - (most > 0 ? (value / most) * (HEIGHT - 2) : 0));
    const begins = x === 0 || Number.isNaN(numbers[x - 1]);
    return `${begins ? `M${x} ` : 'V'}${height}${x < numbers.length - 1 ? `H${x + 1}` : ''}`;
  });
  return steps.join('');
}

function items(worst: EnvironmentDetail['worst_items'], now: number): Html {
  if (worst.length === 0) return html`<p>No live item is known.</p>`;
  return html`<ul class="lines">${worst.map((item) => {
    const age = item.age_seconds === null ? '' : ` for ${durationText(item.age_seconds)}`;
    const deliveries = item.deliveries > 1 ? `, delivered ${item.deliveries} times` : '';
    const since = item.session_since === null ? null : html` since ${timeHtml(Date.parse(item.session_since), now)}`;
    const reason = item.session_wait_reason === null ? '' : ` (${item.session_wait_reason})`;
    const session = item.session_status === null ? null : html`, session ${item.session_status}${since}${reason}`;
    return html`<li><code>${item.id ?? 'an item'}</code> ${item.state}${age}${item.stale ? ', no fresh heartbeat' : ''}${deliveries}${session}</li>`;
  })}</ul>`;
}

function failures(polls: EnvironmentDetail['recent_failures'], now: number): Html {
  if (polls.length === 0) return html`<p>None.</p>`;
  return html`<ul>${polls.map(({ at, operation, reason, http_status: status, request_id: request }) => {
    const when = at === null ? null : timeHtml(Date.parse(at), now);
    return html`<li>${when}: ${operation}, ${failureText(reason ?? 'failed', status)} ${request}</li>`;
  })}</ul>`;
}
