import type { Cause } from '../view/cause.ts';
import type { PageProblem } from '../view/headline.ts';
import { capitalised } from '../view/human-text.ts';
import { LEVELS } from '../view/level.ts';
import { levelOfCondition, phaseHtml, runbookLink } from './condition-html.ts';
import { type Html, html } from './html.ts';
import { markHtml } from './mark-html.ts';
import { nameHtml, textWithName } from './name-html.ts';

const NAMES = 8;

/** What several environments share, or the exporter itself has. */
export function causeList(shared: readonly Cause[], problems: readonly PageProblem[], now: number): Html | null {
  if (shared.length + problems.length === 0) return null;
  return html`<ul class="causes" data-key="causes">${shared.map((cause) => causeLine(cause, now))}${problems.map(noticeLine)}</ul>`;
}

function causeLine(cause: Cause, now: number): Html {
  const { first, conditions, text } = cause;
  const level = levelOfCondition(first);
  const more =
    conditions.length === 1 ? html`<p class="soft">${textWithName(first.description, cause.name)}</p>` : namesOf(cause);
  return html`<li class="${LEVELS[level].tone}" data-key="${cause.key}"><p>${markHtml(level)} <strong>${textWithName(text, cause.name)}</strong></p>
<p class="soft">${phaseHtml(first, now)}&nbsp;· ${runbookLink(conditions.length === 1 ? first : { ...first, subject: { kind: 'exporter' } })}</p>${more}</li>`;
}

/** Some of the environments that share a cause, each with its page. */
function namesOf({ conditions }: Cause): Html {
  const links = conditions.flatMap(({ subject }) =>
    subject.kind === 'environment'
      ? html`<span data-key="name ${subject.id}"><a href="/environments/${encodeURIComponent(subject.id)}">${nameHtml(subject.name)}</a></span> `
      : [],
  );
  const left = links.length - NAMES;
  return html`<p class="names">${links.slice(0, NAMES)}${left > 0 ? html`<span class="soft">and ${left} more</span>` : null}</p>`;
}

/** What is wrong without an alert, and what to do. */
export function noticeLine({ text, remedy }: PageProblem): Html {
  return html`<li class="idle"><p>${markHtml('notice')} <strong>${capitalised(text)}</strong></p> <p class="soft">${remedy}</p></li>`;
}
