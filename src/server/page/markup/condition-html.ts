import type { Condition, ConditionPhase } from '../../../conditions/condition.ts';
import type { Level } from '../view/level.ts';
import { type Html, html } from './html.ts';
import { sinceHtml, timeHtml } from './time-html.ts';

/** An alert of severity `info` is never more than a notice. */
export function levelOfCondition({ phase, severity }: Pick<Condition, 'phase' | 'severity'>): Level {
  if (phase === 'pending') return severity === 'info' ? 'notice' : 'pending';
  return severity === 'critical' ? 'critical' : severity === 'warning' ? 'warning' : 'notice';
}

const PHASES: Readonly<Record<ConditionPhase, string>> = {
  firing: 'firing for',
  recovering: 'recovering for',
  pending: 'pending for',
};

/** Whether the alert is firing, and since when: the moment that a notification names. */
export function phaseHtml({ phase, since, firesAt, mayBeOlder = false, labels }: Condition, now: number): Html {
  const caveat = mayBeOlder ? ' unless it fired before this exporter started' : null;
  const atLeast = mayBeOlder && phase === 'firing' ? 'at least ' : null;
  const firing = phase === 'pending' ? html`, fires ${timeHtml(Math.max(firesAt, now), now)}${caveat}` : null;
  // Alertmanager mutes it while that page is firing: nobody is paged twice.
  const partOf = labels.told_by === undefined ? null : `, part of ${shortName(labels.told_by)}`;
  return html`<span class="phase">${PHASES[phase]} ${atLeast}${sinceHtml(phase === 'firing' ? firesAt : since, now)}${firing}${partOf}</span>`;
}

/** The name of an alert without what all of them begin with. */
export function shortName(alert: string): string {
  return alert.replace(/^AnthropicWork/, '');
}

/** Its runbook, with commands for its environment. */
export function runbookLink({ alert, subject }: Pick<Condition, 'alert' | 'subject'>): Html {
  const query = subject.kind === 'environment' ? `?environment=${encodeURIComponent(subject.id)}` : '';
  return html`<a class="runbook" href="/runbooks/${alert}${query}">${shortName(alert)} runbook</a>`;
}

/** What a condition says about an environment, without its name, which the page already shows in front. */
export function summaryWithoutName({ summary, subject }: Condition): string {
  return subject.kind === 'environment' && summary.startsWith(`${subject.name}: `)
    ? summary.slice(subject.name.length + 2)
    : summary;
}
