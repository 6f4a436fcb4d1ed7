import type { FastifyInstance } from 'fastify';
import { counted, duration, toTenths } from '../base/text.ts';
import { CONDITIONS } from '../diagnosis/conditions.ts';
import type { Charted, History } from '../diagnosis/history.ts';
import { type DiagnosisReport, gravestFirst, isCurrent, NO_REPORT, troubles } from '../diagnosis/report.ts';
import { OPERATIONS } from '../domain/environment.ts';
import type { EnvironmentState } from '../state/environment-state.ts';
import { type Answers, watched } from './answers.ts';
import {
  type ConditionJson,
  conditionJson,
  type EnvironmentDetail,
  type EnvironmentJson,
  environmentDetailJson,
  environmentJson,
  type JsonContext,
} from './environment-json.ts';
import { asPage, environmentPath, type Html, html, nameHtml, pageFrame, timeHtml } from './page.ts';
import { shortName } from './runbooks.ts';
import type { ExporterProblem, ServerDeps } from './server-deps.ts';

/** If more environments than this are healthy, they are collapsed. */
const FOLD_FROM = 12;
/** More names of environments are counted. */
const MOST_NAMES = 8;
const COLUMNS = ['Status', 'Environment', 'Oldest', 'Waiting', 'Pending', 'Polling', 'Live', 'Stale', 'Last read'];
/** The height of a chart, in units of its own; a sample is one unit wide. */
const HEIGHT = 40;

type PageContext = JsonContext & { readonly itemIds: boolean };

/** `GET /`: one sentence, each cause once, then a row per environment. `GET /environments/{id}`: what is wrong, then what was read. */
export function pageRoutes(app: FastifyInstance, deps: ServerDeps, answers: Answers, moment: () => PageContext): void {
  const context = () => {
    const { report, ...rest } = moment();
    // What nobody has looked at lately may be neither wrong nor fine any more.
    return { ...rest, report: isCurrent(report, rest.now) ? report : NO_REPORT };
  };

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
  const views = deps.states.all().map((state) => environmentView(environmentJson(state, context), report));
  views.sort(worseFirst);
  const troubles = troublesOf(report);
  const problems = [...deps.discoveryProblems(), ...deps.exporterProblems()];
  const [level, text] = headlineOf({ report, troubles, views, problems });
  const names = new Map(views.map(({ json: { id, name } }) => [id, name]));
  const causes = [...troubles.map((one) => causeLine(one, names, now)), ...problems.map(noticeLine)];
  return pageFrame(deps, {
    title: text,
    now,
    main: html`<h1 class="${LEVELS[level].tone}" data-key="headline">${markHtml(level)} ${text}</h1>
${causes.length === 0 ? null : html`<ul class="causes" data-key="causes">${causes}</ul>`}
${environments(views, now)}`,
  });
}

/** What is wrong, and the environments that have it, as far as they are watched: a drill and one that has left are not. */
function causeLine(condition: ConditionJson, names: ReadonlyMap<string, string>, now: number): Html {
  const ids = condition.environments;
  const links = ids.slice(0, MOST_NAMES).flatMap((id) => {
    const name = names.get(id);
    if (name === undefined) return [];
    return [html`<span data-key="name ${id}"><a href="${environmentPath(id)}">${nameHtml(name)}</a></span> `];
  });
  const more = ids.length > MOST_NAMES ? html`<span class="soft">and ${ids.length - MOST_NAMES} more</span>` : null;
  const about = html`<p class="names">${links}${more}</p>`;
  return conditionLine(condition, ids.length === 1 ? ids[0]! : null, now, about);
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
  const notices =
    view.notices.length === 0
      ? null
      : html`<tr role="row" class="why"><td role="cell" colspan="${COLUMNS.length}"><ul class="causes">${view.notices.map(noticeLine)}</ul></td></tr>`;
  const { last_success_at: readAt } = operations[operations.stats.status === 'not_attempted' ? 'list' : 'stats'];
  return html`<tbody role="rowgroup" data-key="${id}">
<tr role="row" class="${LEVELS[view.level].tone}">
<td role="cell">${markHtml(view.level)}</td>
<th role="rowheader" scope="row"><a href="${environmentPath(id)}">${nameHtml(name)}</a><span class="id">${id}${owner}</span></th>
${cell('Oldest', age ? duration(age) : age, queue)}
${cell('Waiting', queue?.depth, queue)}
${cell('Pending', queue?.pending, queue)}
${cell('Polling', queue?.workers_polling, queue)}
${cell('Live', items?.live, items)}
${cell('Stale', items?.stale_heartbeats, items)}
<td role="cell" class="n" data-label="Last read">${readAt === null ? 'never' : timeHtml(Date.parse(readAt), now)}</td>
</tr>
${notices}
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

function environmentPage(deps: ServerDeps, state: EnvironmentState, context: PageContext): string {
  const { now } = context;
  const detail = environmentDetailJson(state, context);
  const { id, name, connection, labels, dashboard_url: board } = detail;
  const view = environmentView(detail, context.report);
  const owner = labels.owner === undefined ? null : html` · owner ${nameHtml(labels.owner)}`;
  return pageFrame(deps, {
    title: `${LEVELS[view.level].word}: ${name} (${id})`,
    now,
    main: html`<h1 class="${LEVELS[view.level].tone}">${nameHtml(name)} <span class="id">${id}</span></h1>
<p class="facts">${markHtml(view.level)} connection ${connection}${owner}&nbsp;· <a href="/api/v1/environments/${encodeURIComponent(id)}">JSON</a>${board === null ? null : html`&nbsp;· <a href="${board}">board in Grafana</a>`}&nbsp;· <a href="/">all environments</a></p>
${attention(view, now)}
<h2>Last hour</h2>
${charts(deps.lastHour(id))}
<h2>Worst items</h2>
${items(detail.worst_items, now)}
<h2>Recent failures</h2>
${failures(detail.recent_failures, now)}`,
  });
}

/** What is wrong with its connection and with it, and the notices; or that there is nothing. */
function attention({ json, ofConnection, notices, level }: EnvironmentView, now: number): Html {
  const conditions = [...ofConnection, ...json.conditions].map((one) => conditionLine(one, json.id, now));
  const lines = [...conditions, ...notices.map(noticeLine)];
  if (lines.length > 0) return html`<ul class="causes" data-key="causes">${lines}</ul>`;
  if (level !== 'ok') return html`<p>Whether an alert is firing is not known. If that lasts, the log says why.</p>`;
  return html`<p>No known alert is firing or about to fire, and there is nothing else to report.</p>`;
}

const CHARTS: readonly (readonly [name: Charted, title: string, format: (value: number) => string])[] = [
  ['waiting', 'Waiting', String],
  ['oldestSeconds', 'Oldest waits', duration],
  ['polling', 'Workers polling', String],
  ['live', 'Live items', String],
  ['stale', 'Stale items', String],
];

/** The last hour as small charts, each with what it says in words beside it; the exporter keeps it in memory. */
function charts(hour: Pick<History<Charted>, 'numbersOf'> | undefined): Html {
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
    const age = item.age_seconds === null ? '' : ` for ${duration(item.age_seconds)}`;
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

/** How an environment, or all of them, do, the worst first; word and sign say it to those who see no colours. */
const LEVELS = {
  critical: { word: 'Critical', sign: '✖', tone: 'bad' },
  unreadable: { word: 'Not readable', sign: '⊘', tone: 'bad' },
  warning: { word: 'Warning', sign: '▲', tone: 'warn' },
  pending: { word: 'Pending', sign: '◔', tone: 'warn' },
  notice: { word: 'Notice', sign: '◆', tone: 'idle' },
  unjudged: { word: 'Not judged', sign: '?', tone: 'idle' },
  ok: { word: 'OK', sign: '✔', tone: 'good' },
} as const;

type Level = keyof typeof LEVELS;
const LEVEL_NAMES = Object.keys(LEVELS) as readonly Level[];

/** An environment as the pages show it: what the JSON says of it, and how it does. */
interface EnvironmentView {
  readonly json: EnvironmentJson;
  /** What is wrong with its connection and concerns it. */
  readonly ofConnection: readonly ConditionJson[];
  /** Why its numbers are unknown or incomplete. */
  readonly notices: readonly ExporterProblem[];
  readonly level: Level;
}

function environmentView(json: EnvironmentJson, report: DiagnosisReport): EnvironmentView {
  const ofConnection = gravestFirst(report.connections.get(json.connection) ?? [])
    .filter(({ environments, phase }) => environments.includes(json.id) && phase !== 'explained')
    .map(conditionJson);
  const notices = noticesOf(json);
  const levels: readonly Level[] = [
    ...[...ofConnection, ...json.conditions].map(levelOfCondition),
    ...(json.status === 'blind' || json.status === 'misconfigured' ? (['unreadable'] as const) : []),
    ...(notices.length > 0 ? (['notice'] as const) : []),
    isKnownToPageNobody(json, report) ? 'ok' : 'unjudged',
  ];
  return { json, ofConnection, notices, level: LEVEL_NAMES.find((name) => levels.includes(name))! };
}

function isKnownToPageNobody({ id, status }: EnvironmentJson, { environments }: DiagnosisReport): boolean {
  const judged = environments.get(id) ?? [];
  const isKnown = judged.every(({ severity, value }) => severity !== 'critical' || value !== null);
  return status !== 'starting' && judged.length > 0 && isKnown;
}

/** The most severe first; within a level, the one that has waited longest. */
function worseFirst(one: EnvironmentView, other: EnvironmentView): number {
  const byLevel = LEVEL_NAMES.indexOf(one.level) - LEVEL_NAMES.indexOf(other.level);
  const waits = ({ json: { queue } }: EnvironmentView) => queue?.oldest_age_seconds ?? 0;
  return byLevel || waits(other) - waits(one) || (other.json.queue?.depth ?? 0) - (one.json.queue?.depth ?? 0);
}

function levelOfCondition({ state, severity }: ConditionJson): Level {
  if (state === 'explained') return 'notice';
  return state === 'pending' ? 'pending' : severity;
}

/** What no condition says, or not at once. */
export function noticesOf({ status, queue, operations }: EnvironmentJson): readonly ExporterProblem[] {
  const failing = OPERATIONS.flatMap((name) => {
    const { error } = operations[name];
    if (error === null) return [];
    return [{ text: `${name} fails: ${failureText(error.reason, error.http_status)}`, remedy: error.remedy }];
  });
  if (failing.length > 0) return failing;
  if (queue !== null && queue.oldest_age_seconds === null) {
    const waiting = counted(queue.depth + queue.pending, ['item waits', 'items wait']);
    const text = `${waiting}, and the API does not say since when: no alert on the age of the queue can fire`;
    return [{ text, remedy: 'Compare oldest_queued_at of work/stats with the clock, and look for an update.' }];
  }
  if (status === 'ok' || status === 'starting') return [];
  const remedy = 'It has no key, its list is too long, or the API limits requests: its JSON and the log say more.';
  return [{ text: 'some of its numbers are not known now', remedy }];
}

/** Why a read failed, without the text of the API: it may be long and name a key. */
function failureText(reason: string, httpStatus: number | null): string {
  return httpStatus === null ? reason : `${reason} (${httpStatus})`;
}

/** The gravest first. Conditions of one kind in one state are one, however many environments have them. */
function troublesOf(report: DiagnosisReport): readonly ConditionJson[] {
  const shown = troubles(report).filter(({ phase }) => phase !== 'explained');
  const kinds = Map.groupBy(shown, ({ name, severity, phase, subject }) =>
    [name, severity, phase, subject.kind === 'connection' && subject.name].join(' '),
  );
  return [...kinds.values()].map((found) => {
    const first = conditionJson(found[0]!);
    if (found.length === 1) return first;
    const summary = `${counted(found.length)}: ${CONDITIONS[first.condition].summary}`;
    return { ...first, summary, evidence: '', environments: found.flatMap(({ environments }) => environments) };
  });
}

interface HeadlineFacts {
  readonly report: DiagnosisReport;
  readonly troubles: readonly ConditionJson[];
  readonly views: readonly EnvironmentView[];
  /** Of discovery, or of the exporter itself. */
  readonly problems: readonly ExporterProblem[];
}

/** One sentence about everything, the first thing read at three in the morning: the alert that pages, if one does. */
function headlineOf({ report, troubles: all, views, problems }: HeadlineFacts): [level: Level, text: string] {
  // The gravest first, and what fires before what is pending.
  const firing = all.find(({ state }) => state !== 'pending');
  if (firing !== undefined) return sentenceOf(firing, all.length - 1);
  // The raw answer of an API may be long: it comes after the colon, and is shown below the headline.
  const problem = problems[0]?.text.split(': ')[0];
  if (problem !== undefined) return [views.length === 0 ? 'unreadable' : 'warning', capitalised(problem)];
  if (all[0] !== undefined) return sentenceOf(all[0], all.length - 1);
  if (views.length === 0) return ['unjudged', 'No environment is watched yet.'];
  const environments = counted(views.length);
  for (const level of ['unreadable', 'unjudged', 'notice'] as const) {
    const count = views.filter((view) => view.level === level).length;
    if (count === 0) continue;
    const others = report.at !== null && count < views.length ? ', and no known alert is firing.' : '.';
    return [level, `${count} of ${environments}: ${LEVELS[level].word.toLowerCase()}${others}`];
  }
  // Of what this process cannot know, an alert may be firing.
  const conditions = [...report.environments.values(), ...report.connections.values()].flat();
  if (conditions.some(({ value }) => value === null)) return ['notice', 'No known alert is firing.'];
  return ['ok', `All fine: ${environments}.`];
}

function textOf({ connection, summary }: ConditionJson): string {
  return connection === null ? summary : `Connection ${summary}`;
}

/** What is wrong, what shows it, and how many others there are. */
function sentenceOf(condition: ConditionJson, more: number): [level: Level, text: string] {
  const { state, evidence } = condition;
  const shown = evidence === '' ? '' : ` — ${evidence}`;
  const others = more > 0 ? ` (and ${counted(more, ['more alert', 'more alerts'])})` : '';
  const prefix = state === 'firing' ? '' : `${capitalised(state)}: `;
  return [levelOfCondition(condition), `${prefix}${textOf(condition)}${shown}${others}`];
}

/** Sign and word of a level: the sign is for the eye, the word for everybody. */
function markHtml(level: Level): Html {
  const { word, sign, tone } = LEVELS[level];
  return html`<span class="mark ${tone}"><span class="sign" aria-hidden="true">${sign}</span>${word}</span>`;
}

/** Whether its alert fires, since when, or when it will; or why it does not. */
function stateHtml({ state, since, fires_at: firesAt, explained_by: cause }: ConditionJson, now: number): Html {
  if (state === 'explained') return html`silent, because of ${cause}`;
  const from = since === null ? now : Date.parse(since);
  if (state === 'ending') return html`gone ${timeHtml(from, now)}, its alert is about to end`;
  if (state === 'firing') return html`firing, began ${timeHtml(from, now)}`;
  const fires = firesAt === null ? null : html`, fires ${timeHtml(Math.max(Date.parse(firesAt), now), now)}`;
  return html`began ${timeHtml(from, now)}${fires}`;
}

/** What is wrong, the numbers that show it, its runbook with commands for the environment, and what to do. */
function conditionLine(condition: ConditionJson, environmentId: string | null, now: number, about: Html | null = null) {
  const { alert, evidence, severity, remedy } = condition;
  const [level, text] = [levelOfCondition(condition), textOf(condition)];
  const query = environmentId === null ? '' : `?environment=${encodeURIComponent(environmentId)}`;
  const shown = evidence === '' ? null : `: ${evidence}`;
  return html`<li class="${LEVELS[level].tone}" data-key="${`${alert} ${severity} ${text}`}"><p>${markHtml(level)} <strong>${text}</strong>${shown}</p>
<p class="soft"><span class="phase">${stateHtml(condition, now)}</span>&nbsp;· <a class="runbook" href="/runbooks/${alert}${query}">${shortName(alert)} runbook</a></p><p>${remedy}</p>${about}</li>`;
}

/** What is wrong without an alert, and what to do. */
function noticeLine({ text, remedy }: ExporterProblem): Html {
  return html`<li class="idle"><p>${markHtml('notice')} <strong>${capitalised(text)}</strong></p> <p class="soft">${remedy}</p></li>`;
}

/** `text` as the start of a line. */
function capitalised(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
