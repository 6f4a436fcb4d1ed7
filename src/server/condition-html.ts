import { alertOf, CONDITIONS } from '../diagnosis/conditions.ts';
import type { Condition } from '../diagnosis/report.ts';
import { levelOfCondition, type Notice } from './environment-view.ts';
import type { Trouble } from './headline.ts';
import { type Html, html, markHtml, nameHtml, sinceHtml, textWithName, timeHtml, withCode } from './html.ts';
import { capitalised, LEVELS } from './words.ts';

/** More names of environments are counted. */
const MOST_NAMES = 8;

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
  if (phase === 'explained')
    return html`silent: ${explainedBy === null ? 'another one' : shortName(alertOf(explainedBy.name))} explains it`;
  if (phase === 'ending') return html`gone for ${sinceHtml(from, now)}, its alert is about to end`;
  if (phase === 'holds') return html`began ${timeHtml(from, now)}, firing for ${sinceHtml(holdsFrom ?? from, now)}`;
  // After a start nobody knows what the process before has said.
  const caveat = value === null ? ' unless it fired before this exporter started' : '';
  const fires = holdsFrom === null ? null : html`, fires ${timeHtml(Math.max(holdsFrom, now), now)}${caveat}`;
  return html`began ${timeHtml(from, now)}${fires}`;
}

/** One kind of trouble, with the environments that it is about by name. */
export function troubleLine(
  { first, conditions, text, name, key }: Trouble,
  names: ReadonlyMap<string, string>,
  now: number,
): Html {
  const level = levelOfCondition(first);
  const isOne = conditions.length === 1;
  const id = isOne && first.subject.kind === 'environment' ? first.subject.id : null;
  const about =
    id === null
      ? namesOf(
          conditions.flatMap(({ environments }) => environments),
          names,
        )
      : null;
  return html`<li class="${LEVELS[level].tone}" data-key="${key}"><p>${markHtml(level)} <strong>${textWithName(text, name)}</strong>${isOne ? evidenceHtml(first) : null}</p>
<p class="soft">${phaseHtml(first, id, now)}</p><p class="soft">${withCode(CONDITIONS[first.name].description)}</p>${about}</li>`;
}

/** Some of the environments, each with its page. */
function namesOf(ids: readonly string[], names: ReadonlyMap<string, string>): Html | null {
  if (ids.length === 0) return null;
  const links = ids
    .slice(0, MOST_NAMES)
    .map(
      (id) =>
        html`<span data-key="name ${id}"><a href="/environments/${encodeURIComponent(id)}">${nameHtml(names.get(id) ?? id)}</a></span> `,
    );
  const left = ids.length - links.length;
  return html`<p class="names">${links}${left > 0 ? html`<span class="soft">and ${left} more</span>` : null}</p>`;
}

/** What is wrong without an alert, and what to do. */
export function noticeLine({ text, remedy }: Notice): Html {
  return html`<li class="idle"><p>${markHtml('notice')} <strong>${capitalised(text)}</strong></p> <p class="soft">${remedy}</p></li>`;
}

/** Each cause with what it explains behind it. Of what is explained in two severities, the graver says all. */
export function causesFirst(conditions: readonly Condition[]): readonly Condition[] {
  const causes = conditions.filter(({ phase }) => phase !== 'explained');
  const explained = [...Map.groupBy(conditions, ({ name }) => name).values()].flatMap(([gravest]) =>
    gravest!.phase === 'explained' ? gravest! : [],
  );
  const of = (cause: Condition) => explained.filter(({ explainedBy }) => explainedBy?.name === cause.name);
  return [...new Set([...causes.flatMap((cause) => [cause, ...of(cause)]), ...explained])];
}
