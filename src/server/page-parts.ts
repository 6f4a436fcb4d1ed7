import { counted } from '../base/text.ts';
import { alertOf, CONDITIONS } from '../diagnosis/conditions.ts';
import type { Condition } from '../diagnosis/report.ts';
import {
  capitalised,
  durationText,
  environmentPath,
  type Html,
  html,
  nameHtml,
  sinceHtml,
  textWithName,
  timeHtml,
  withCode,
} from './html.ts';
import type { ConnectionHealth } from './server-deps.ts';
import { LEVELS, type Level, levelOfCondition, type Notice, type Trouble } from './view.ts';

/** More names of environments are counted. */
const MOST_NAMES = 8;

/** Sign and word of a level: the sign is for the eye, the word for everybody. */
export function markHtml(level: Level): Html {
  const { word, sign, tone } = LEVELS[level];
  return html`<span class="mark ${tone}"><span class="sign" aria-hidden="true">${sign}</span>${word}</span>`;
}

/** The sign alone; screen readers read its word. */
export function signHtml(level: Level): Html {
  const { word, sign, tone } = LEVELS[level];
  return html`<span class="sign ${tone}" aria-hidden="true">${sign}</span><span class="unseen">${word}: </span>`;
}

/** The name of an alert without what all of them begin with. */
export function shortName(alert: string): string {
  return alert.replace(/^AnthropicWork/, '');
}

/** The numbers that it was judged by. */
export function evidenceHtml({ evidence }: Condition): Html | null {
  return evidence === '' ? null : html`: ${evidence}`;
}

/** Whether its alert fires, since when, or when it will, and its runbook with commands for an environment. */
export function phaseHtml(condition: Condition, environmentId: string | null, now: number): Html {
  const phase = html`<span class="phase">${phaseWords(condition, now)}</span>`;
  // What to do stands with its cause.
  if (condition.phase === 'explained') return phase;
  const alert = alertOf(condition.name);
  const query = environmentId === null ? '' : `?environment=${encodeURIComponent(environmentId)}`;
  return html`${phase}&nbsp;· <a class="runbook" href="/runbooks/${alert}${query}">${shortName(alert)} runbook</a>`;
}

function phaseWords({ phase, value, since, holdsFrom, explainedBy }: Condition, now: number): Html {
  const from = since ?? now;
  if (phase === 'explained') {
    return html`silent: ${explainedBy === null ? 'another one' : shortName(alertOf(explainedBy.name))} explains it`;
  }
  if (phase === 'ending') return html`gone for ${sinceHtml(from, now)}, its alert is about to end`;
  if (phase === 'holds') return html`began ${timeHtml(from, now)}, firing for ${sinceHtml(holdsFrom ?? from, now)}`;
  // After a start nobody knows what the process before has said.
  const caveat = value === null ? ' unless it fired before this exporter started' : '';
  const fires = holdsFrom === null ? null : html`, fires ${timeHtml(Math.max(holdsFrom, now), now)}${caveat}`;
  return html`began ${timeHtml(from, now)}${fires}`;
}

/** What is wrong, the numbers that show it, and what to do, which of what is explained stands with its cause. */
export function troubleLine(
  { first, conditions, text, name, key }: Trouble,
  environmentId: string | null,
  now: number,
  about: Html | null = null,
): Html {
  const level = levelOfCondition(first);
  const toDo = first.phase === 'explained' ? null : html`<p>${withCode(CONDITIONS[first.name].description)}</p>`;
  return html`<li class="${LEVELS[level].tone}" data-key="${key}"><p>${markHtml(level)} <strong>${textWithName(text, name)}</strong>${conditions.length === 1 ? evidenceHtml(first) : null}</p>
<p class="soft">${phaseHtml(first, environmentId, now)}</p>${toDo}${about}</li>`;
}

/** Some of the environments, each with its page. */
export function namesHtml(ids: readonly string[], names: ReadonlyMap<string, string>): Html | null {
  if (ids.length === 0) return null;
  const links = ids
    .slice(0, MOST_NAMES)
    .map(
      (id) =>
        html`<span data-key="name ${id}"><a href="${environmentPath(id)}">${nameHtml(names.get(id) ?? id)}</a></span> `,
    );
  const left = ids.length - links.length;
  return html`<p class="names">${links}${left > 0 ? html`<span class="soft">and ${left} more</span>` : null}</p>`;
}

/** What is wrong without an alert, and what to do. */
export function noticeLine({ text, remedy }: Notice): Html {
  return html`<li class="idle"><p>${markHtml('notice')} <strong>${capitalised(text)}</strong></p> <p class="soft">${remedy}</p></li>`;
}

/** The connections: how much of their budget is used, what the API allows, and their clocks. */
export function connectionSection(connections: readonly ConnectionHealth[]): Html | null {
  if (connections.length === 0) return null;
  const lines = connections.map(({ name, sentLastMinute, requestsPerMinute, allowedPerMinute, skewMs }) => {
    const used = `${sentLastMinute} of ${counted(requestsPerMinute, ['request', 'requests'])} in the last minute`;
    const limited = `; the API rate-limits it: ${Math.floor(allowedPerMinute)} requests a minute are allowed`;
    const skew = `; its clock is ${durationText(Math.abs(skewMs) / 1000)} ${skewMs > 0 ? 'ahead of' : 'behind'} ours, and ages are corrected by it`;
    return html`<li><strong>${name}</strong> ${used}${allowedPerMinute < requestsPerMinute ? limited : null}${skewMs === 0 ? null : skew}.</li>`;
  });
  return html`<details data-key="exporter"><summary>${counted(connections.length, ['connection', 'connections'])}</summary>
<ul>${lines}</ul></details>`;
}
