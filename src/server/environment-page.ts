import type { FastifyInstance } from 'fastify';
import { counted, toTenths } from '../base/text.ts';
import { alertOf } from '../diagnosis/conditions.ts';
import type { Charted } from '../diagnosis/history.ts';
import { isCurrent } from '../diagnosis/report.ts';
import type { BySeverity, Thresholds } from '../domain/environment.ts';
import { type EnvironmentDetail, environmentDetailJson, type JsonContext } from './environment-json.ts';
import { answerUnknown } from './errors.ts';
import { durationText, type Html, html, nameHtml, sinceHtml, timeHtml } from './html.ts';
import { asPage, pageFrame } from './page-frame.ts';
import { connectionSection, markHtml, noticeLine, shortName, troubleLine } from './page-parts.ts';
import type { LastHour, ServerDeps } from './server-deps.ts';
import {
  type EnvironmentView,
  environmentView,
  failureWords,
  type Judgement,
  LEVELS,
  stoppedNotice,
  summaryOf,
  youthText,
} from './view.ts';

/** The height of a chart, in units of its own; a sample is one unit wide. */
const HEIGHT = 40;

/** `GET /environments/{id}`: what is wrong and what to do, then what was read. */
export function environmentRoute<Format>(
  app: FastifyInstance,
  deps: ServerDeps<Format>,
  context: () => Required<JsonContext> & { readonly itemIds: boolean },
): void {
  app.get<{ Params: { id: string } }>('/environments/:id', (request, reply) => {
    const { id } = request.params;
    const state = deps.states.get(id);
    if (state === undefined) return answerUnknown(request, reply, id, deps.states);
    const json = context();
    const judgement = { report: json.report, now: json.now, startedAt: deps.startedAt };
    const page = environmentPage(deps, judgement, {
      view: environmentView(state, json),
      detail: environmentDetailJson(state, json),
      thresholds: state.environment.thresholds,
    });
    return asPage(reply).send(page);
  });
}

interface EnvironmentPageFacts {
  readonly view: EnvironmentView;
  readonly detail: EnvironmentDetail;
  readonly thresholds: Thresholds;
}

function environmentPage<Format>(
  deps: ServerDeps<Format>,
  judgement: Judgement,
  { view, detail, thresholds }: EnvironmentPageFacts,
): string {
  const { now } = judgement;
  const { id, name, connection, labels, dashboard_url: board } = detail;
  const owner = labels.owner === undefined ? null : html` · owner ${nameHtml(labels.owner)}`;
  const unknown = view.unknown.map((one) => shortName(alertOf(one))).join(', ');
  const connections = deps.connections().filter((one) => one.name === connection);
  return pageFrame(deps, {
    title: `${name} (${id})`,
    now,
    main: html`<h1 class="${LEVELS[view.level].tone}">${nameHtml(name)} <span class="id">${id}</span></h1>
<p class="facts">${markHtml(view.level)} connection ${connection}${owner}&nbsp;· <a href="/api/v1/environments/${encodeURIComponent(id)}">JSON</a>${board === null ? null : html`&nbsp;· <a href="${board}">board in Grafana</a>`}&nbsp;· <a href="/">all environments</a></p>
${attention(view, judgement)}
${unknown === '' ? null : html`<p class="soft">Not known yet, or switched off: ${unknown}.</p>`}
<h2>Last hour</h2>
${charts(deps.lastHour(id))}
<h2>Worst items</h2>
${items(detail.worst_items, now)}
<h2>Reads</h2>
${connectionSection(connections)}
${reads(detail, now)}
<h2>Thresholds in force</h2>
${thresholdList(thresholds)}`,
  });
}

/** What is wrong with it and with its connection, then the notices; or that there is nothing. */
function attention({ conditions, ofConnection, notices: own, json }: EnvironmentView, judgement: Judgement): Html {
  const { report, now } = judgement;
  const notices = [...stoppedNotice(judgement), ...own];
  const lines = [...ofConnection, ...conditions].map((first) => {
    const key = `${first.name} ${first.severity}`;
    return troubleLine({ key, first, conditions: [first], text: summaryOf(first), name: null }, json.id, now);
  });
  if (lines.length + notices.length > 0) {
    return html`<ul class="causes" data-key="causes">${lines}${notices.map(noticeLine)}</ul>`;
  }
  if (!isCurrent(report, now)) return html`<p>The exporter has just started: nothing has been judged yet.</p>`;
  const youth = youthText(judgement);
  return html`<p>No ${youth === null ? '' : 'known '}alert is firing or about to fire, and there is nothing else to report. ${youth}</p>`;
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
    const [least, most] = [Math.min(...known), Math.max(...known)];
    const latest = numbers.at(-1) ?? Number.NaN;
    const between = least === most ? `always ${format(most)}` : `${format(least)} to ${format(most)}`;
    return html`<figure data-key="chart-${key}"><figcaption>${title} <strong>${Number.isNaN(latest) ? '–' : format(latest)}</strong> <span class="soft">${known.length === 0 ? 'not known in the last hour' : `(${between})`}</span></figcaption>
<svg viewBox="0 0 ${numbers.length - 1} ${HEIGHT}" preserveAspectRatio="none" aria-hidden="true"><path d="${lineOf(numbers, most)}"/></svg></figure>`;
  })}</div>`;
}

/** Steps, as a number holds until the next; nothing is drawn where it was not known. */
function lineOf(numbers: readonly number[], most: number): string {
  const steps = numbers.map((value, x) => {
    if (Number.isNaN(value)) return '';
    const height = toTenths(HEIGHT - 1 - (most > 0 ? (value / most) * (HEIGHT - 2) : 0));
    const begins = x === 0 || Number.isNaN(numbers[x - 1]);
    const from = begins ? `M${x} ${height}` : value === numbers[x - 1] ? '' : `V${height}`;
    const holds = x < numbers.length - 1 && numbers[x + 1] !== value;
    return `${from}${holds || (x === numbers.length - 2 && !holds) ? `H${x + 1}` : ''}`;
  });
  return steps.join('');
}

function items(worst: EnvironmentDetail['worst_items'], now: number): Html {
  if (worst.length === 0) return html`<p>No live item is known.</p>`;
  return html`<ul class="lines">${worst.map((item) => {
    const age = typeof item.age_seconds === 'number' ? ` for ${durationText(item.age_seconds)}` : '';
    const deliveries = item.deliveries > 1 ? `, delivered ${item.deliveries} times` : '';
    const since = item.session_since === null ? null : html` for ${sinceHtml(Date.parse(item.session_since), now)}`;
    const reason = item.session_wait_reason === null ? '' : ` (${item.session_wait_reason})`;
    const session = item.session_status === null ? null : html`, session ${item.session_status}${since}${reason}`;
    return html`<li><code>${item.id ?? 'an item'}</code> ${item.state}${age}${item.stale ? ', no fresh heartbeat' : ''}${deliveries}${session}</li>`;
  })}</ul>`;
}

function reads({ recent_polls: polls, recent_failures: failures }: EnvironmentDetail, now: number): Html {
  const line = ({ at, operation, ok, reason, ...poll }: EnvironmentDetail['recent_polls'][number]) => {
    const took = typeof poll.duration_seconds === 'number' ? ` in ${durationText(poll.duration_seconds)}` : '';
    const why = reason === null ? 'failed' : failureWords(reason, null, poll.http_status);
    const request = poll.request_id === null || ok ? '' : ` (${poll.request_id})`;
    const when = at === null ? null : timeHtml(Date.parse(at), now);
    return html`<li>${when}: ${operation}, ${ok ? 'ok' : why}${took}${request}</li>`;
  };
  const failed = polls.filter(({ ok }) => !ok).length;
  return html`<details data-key="reads"><summary>Last ${counted(polls.length, ['read', 'reads'])}: ${failed === 0 ? 'none' : failed} failed</summary><ul>${polls.map(line)}</ul></details>
<h3>Recent failures</h3>
${failures.length === 0 ? html`<p>None.</p>` : html`<ul>${failures.map(line)}</ul>`}`;
}

/** The limits that the alerts of an environment compare with. */
function thresholdList(thresholds: Thresholds): Html {
  const one = (value: number, format: (value: number) => string = durationText) =>
    value === Number.POSITIVE_INFINITY ? 'no limit' : format(value);
  const both = ({ warning, critical }: BySeverity, format?: (value: number) => string) =>
    `warning ${one(warning, format)}, critical ${one(critical, format)}`;
  const { starting, active, stopping } = thresholds.stateAgeSeconds;
  const rows: readonly (readonly [what: string, limit: string])[] = [
    ['Age of the oldest item', both(thresholds.queueAgeSeconds)],
    ['Number of waiting items', both(thresholds.queueDepth, String)],
    ['Items with a stale heartbeat', both(thresholds.staleHeartbeatItems, String)],
    ['A heartbeat is stale after', one(thresholds.staleHeartbeatSeconds)],
    ['An item may be starting for', one(starting)],
    ['An item may be active for', one(active)],
    ['An item may be stopping for', one(stopping)],
    ['A session may wait for', one(thresholds.sessionWaitSeconds)],
    ['Redeliveries of an item', one(thresholds.redeliveries, String)],
    ['Minimum number of workers', thresholds.minWorkers === 0 ? 'none' : String(thresholds.minWorkers)],
  ];
  return html`<dl>${rows.map(([what, limit]) => html`<div><dt>${what}</dt><dd>${limit}</dd></div>`)}</dl>`;
}
