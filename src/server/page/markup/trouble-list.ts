import { CONDITIONS } from '../../../diagnosis/conditions.ts';
import type { PageProblem } from '../view/headline.ts';
import { capitalised } from '../view/human-text.ts';
import { LEVELS } from '../view/level.ts';
import { levelOfCondition, type Trouble } from '../view/trouble.ts';
import { evidenceHtml, phaseHtml } from './condition-html.ts';
import { type Html, html } from './html.ts';
import { markHtml } from './mark-html.ts';
import { nameHtml, textWithName } from './name-html.ts';

const NAMES = 8;

interface TroubleListFacts {
  readonly troubles: readonly Trouble[];
  readonly problems: readonly PageProblem[];
  /** Of the environments, by their ids. */
  readonly names: ReadonlyMap<string, string>;
  readonly now: number;
}

/** What several environments share, a connection has, or the exporter itself. */
export function troubleList({ troubles, problems, names, now }: TroubleListFacts): Html | null {
  if (troubles.length + problems.length === 0) return null;
  return html`<ul class="causes" data-key="causes">${troubles.map((one) => troubleLine(one, names, now))}${problems.map(noticeLine)}</ul>`;
}

function troubleLine(
  { first, conditions, text, name, key }: Trouble,
  names: ReadonlyMap<string, string>,
  now: number,
): Html {
  const level = levelOfCondition(first);
  const isOne = conditions.length === 1;
  const id = isOne && first.subject.kind === 'environment' ? first.subject.id : null;
  const environments = conditions.flatMap((one) => one.environments);
  return html`<li class="${LEVELS[level].tone}" data-key="${key}"><p>${markHtml(level)} <strong>${textWithName(text, name)}</strong>${isOne ? evidenceHtml(first) : null}</p>
<p class="soft">${phaseHtml(first, id, now)}</p><p class="soft">${textWithName(CONDITIONS[first.name].description, null)}</p>${id === null ? namesOf(environments, names) : null}</li>`;
}

/** Some of the environments that it is about, each with its page. */
function namesOf(ids: readonly string[], names: ReadonlyMap<string, string>): Html | null {
  if (ids.length === 0) return null;
  const links = ids
    .slice(0, NAMES)
    .map(
      (id) =>
        html`<span data-key="name ${id}"><a href="/environments/${encodeURIComponent(id)}">${nameHtml(names.get(id) ?? id)}</a></span> `,
    );
  const left = ids.length - links.length;
  return html`<p class="names">${links}${left > 0 ? html`<span class="soft">and ${left} more</span>` : null}</p>`;
}

/** What is wrong without an alert, and what to do. */
export function noticeLine({ text, remedy }: PageProblem): Html {
  return html`<li class="idle"><p>${markHtml('notice')} <strong>${capitalised(text)}</strong></p> <p class="soft">${remedy}</p></li>`;
}
