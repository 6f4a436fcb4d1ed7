import { alertOf } from '../../../diagnosis/conditions.ts';
import type { Condition } from '../../../diagnosis/report.ts';
import { type Html, html } from './html.ts';
import { sinceHtml, timeHtml } from './time-html.ts';

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
  if (phase === 'explained')
    return html`silent: ${explainedBy === null ? 'another one' : shortName(alertOf(explainedBy.name))} explains it`;
  if (phase === 'ending') return html`gone for ${sinceHtml(from, now)}, its alert is about to end`;
  if (phase === 'holds') return html`began ${timeHtml(from, now)}, firing for ${sinceHtml(holdsFrom ?? from, now)}`;
  // After a start nobody knows what the process before has said.
  const caveat = value === null ? ' unless it fired before this exporter started' : '';
  const fires = holdsFrom === null ? null : html`, fires ${timeHtml(Math.max(holdsFrom, now), now)}${caveat}`;
  return html`began ${timeHtml(from, now)}${fires}`;
}

/** The numbers that it was judged by. */
export function evidenceHtml({ evidence }: Condition): Html | null {
  return evidence === '' ? null : html`: ${evidence}`;
}

/** The name of an alert without what all of them begin with. */
export function shortName(alert: string): string {
  return alert.replace(/^AnthropicWork/, '');
}
