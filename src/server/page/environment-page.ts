import { counted } from '../../base/text.ts';
import { alertOf, CONDITIONS, type ConditionName } from '../../diagnosis/conditions.ts';
import type { Condition } from '../../diagnosis/report.ts';
import type { Thresholds } from '../../domain/environment.ts';
import type { environmentDetailJson } from '../api/environment-json.ts';
import type { LastHour } from '../http/server-deps.ts';
import { evidenceHtml, phaseHtml, shortName } from './markup/condition-html.ts';
import { type Html, html } from './markup/html.ts';
import { lastHour } from './markup/last-hour.ts';
import { markHtml } from './markup/mark-html.ts';
import { nameHtml, textWithName } from './markup/name-html.ts';
import { pageFrame } from './markup/page-frame.ts';
import { thresholdList } from './markup/threshold-list.ts';
import { sinceHtml, timeHtml } from './markup/time-html.ts';
import { noticeLine } from './markup/trouble-list.ts';
import type { EnvironmentView } from './view/environment-view.ts';
import { firstCommand } from './view/first-command.ts';
import { durationText } from './view/human-text.ts';
import { type Judgement, nothingWrongText, stoppedNotice } from './view/judgement.ts';
import { LEVELS } from './view/level.ts';
import { failureWords } from './view/read-words.ts';
import { causesFirst, levelOfCondition, summaryOf } from './view/trouble.ts';

export interface EnvironmentPageFacts {
  readonly view: EnvironmentView;
  readonly detail: ReturnType<typeof environmentDetailJson>;
  readonly judgement: Judgement;
  readonly hour: LastHour | undefined;
  /** How its connection does. */
  readonly reads: Html | null;
  /** The address at which the reader reaches this exporter, without a path. */
  readonly exporter: string;
  readonly thresholds: Thresholds;
  readonly now: number;
  readonly shard: string;
  readonly version: string;
}

type WorstItem = EnvironmentPageFacts['detail']['worst_items'][number];

/** The page of one environment: what is wrong and what to do, then what was read. */
export function environmentPage({
  view,
  detail,
  judgement,
  hour,
  reads,
  exporter,
  thresholds,
  ...frame
}: EnvironmentPageFacts): string {
  const { now } = frame;
  const { id, name } = detail;
  return pageFrame({
    ...frame,
    title: `${name} (${id})`,
    main: html`<h1 class="${LEVELS[view.level].tone}">${nameHtml(name)} <span class="id">${id}</span></h1>
<p class="facts">${markHtml(view.level)} connection ${detail.connection}${owner(detail.labels)}&nbsp;· <a href="/api/v1/environments/${encodeURIComponent(id)}">JSON</a>${boardLink(detail.dashboard_url)}&nbsp;· <a href="/">all environments</a></p>
${attention(view, judgement, { id, exporter })}
${unknownLine(view.unknown)}
<h2>Last hour</h2>
${lastHour(hour)}
<h2>Worst items</h2>
${items(detail.worst_items, now)}
<h2>Reads</h2>
${reads}
${recentReads(detail.recent_polls, now)}
<h3>Recent failures</h3>
${failures(detail.recent_failures, now)}
<h2>Thresholds in force</h2>
${thresholdList(thresholds)}`,
  });
}

function owner(labels: Readonly<Record<string, string>>): Html | null {
  return labels.owner === undefined ? null : html` · owner ${nameHtml(labels.owner)}`;
}

function boardLink(url: string | null): Html | null {
  return url === null ? null : html`&nbsp;· <a href="${url}">board in Grafana</a>`;
}

/** What is wrong with it and with its connection, then the notices; or that there is nothing. */
function attention(
  { conditions, ofConnection, notices: own }: EnvironmentView,
  judgement: Judgement,
  here: { readonly id: string; readonly exporter: string },
): Html {
  const stopped = stoppedNotice(judgement);
  const notices = [...(stopped === null ? [] : [stopped]), ...own];
  const all = [...ofConnection, ...causesFirst(conditions)];
  if (all.length + notices.length === 0) return html`<p>${nothingWrongText(judgement)}</p>`;
  return html`<ul class="causes" data-key="causes">${all.map((condition) => conditionLine(condition, here, judgement.now))}${notices.map(noticeLine)}</ul>`;
}

/** What is explained needs no words of its own: what to do stands with its cause. */
function conditionLine(
  condition: Condition,
  here: { readonly id: string; readonly exporter: string },
  now: number,
): Html {
  const level = levelOfCondition(condition);
  const { name, phase, subject, severity } = condition;
  const whose = subject.kind === 'connection' ? ` (connection ${subject.name})` : '';
  const toDo = html`<p>${textWithName(CONDITIONS[name].description, null)}</p>${command(firstCommand(alertOf(name), here))}`;
  return html`<li class="${LEVELS[level].tone}" data-key="${name} ${severity}"><p>${markHtml(level)} <strong>${summaryOf(condition)}${whose}</strong>${evidenceHtml(condition)}</p>
<p class="soft">${phaseHtml(condition, here.id, now)}</p>${phase === 'explained' ? null : toDo}</li>`;
}

/** What is not known is neither fine nor wrong. */
function unknownLine(unknown: readonly ConditionName[]): Html | null {
  if (unknown.length === 0) return null;
  const names = unknown.map((name) => shortName(alertOf(name)));
  return html`<p class="soft">Not known yet, or switched off: ${names.join(', ')}.</p>`;
}

/** The first question of the runbook. */
function command(text: string | null): Html | null {
  if (text === null) return null;
  return html`<span class="command"><code>${text}</code><button type="button" data-copy="${text}">Copy</button></span>`;
}

function items(worst: readonly WorstItem[], now: number): Html {
  if (worst.length === 0) return html`<p>No live item is known.</p>`;
  return html`<ul class="lines">${worst.map((item) => {
    const age = typeof item.age_seconds === 'number' ? ` for ${durationText(item.age_seconds)}` : '';
    const deliveries = item.deliveries > 1 ? `, delivered ${item.deliveries} times` : '';
    const stale = item.stale ? ', no fresh heartbeat' : '';
    return html`<li><code>${item.id ?? 'an item'}</code> ${item.state}${age}${stale}${deliveries}${session(item, now)}</li>`;
  })}</ul>`;
}

/** What the item's session does, since when, and what an idle session waits for. */
function session({ session_status, session_wait_reason, session_since }: WorstItem, now: number): Html | null {
  if (session_status === null) return null;
  const since = session_since === null ? null : html` for ${sinceHtml(Date.parse(session_since), now)}`;
  const reason = session_wait_reason === null ? '' : ` (${session_wait_reason})`;
  return html`, session ${session_status}${since}${reason}`;
}

function recentReads(recent: EnvironmentPageFacts['detail']['recent_polls'], now: number): Html {
  if (recent.length === 0) return html`<p>Nothing has been read yet.</p>`;
  const failed = recent.filter(({ ok }) => !ok).length;
  return html`<details data-key="reads"><summary>Last ${counted(recent.length, ['read', 'reads'])}: ${failed === 0 ? 'none' : failed} failed</summary><ul>${recent.map(
    ({ at, operation, ok, reason, http_status: status, duration_seconds: seconds }) => {
      const how = ok || reason === null ? (ok ? 'ok' : 'failed') : failureWords(reason, null, status);
      const took = typeof seconds === 'number' ? ` in ${durationText(seconds)}` : '';
      return html`<li>${at === null ? null : timeHtml(Date.parse(at), now)}: ${operation}, ${how}${took}</li>`;
    },
  )}</ul></details>`;
}

function failures(recent: EnvironmentPageFacts['detail']['recent_failures'], now: number): Html {
  if (recent.length === 0) return html`<p>None.</p>`;
  return html`<ul>${recent.map(({ at, operation, reason, http_status: status, request_id }) => {
    const why = reason === null ? 'failed' : failureWords(reason, null, status);
    const request = request_id === null ? '' : ` (${request_id})`;
    return html`<li>${at === null ? null : timeHtml(Date.parse(at), now)}: ${operation}, ${why}${request}</li>`;
  })}</ul>`;
}
