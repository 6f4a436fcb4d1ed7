import type { EnvironmentView } from '../view/environment-view.ts';
import { capitalised, durationText } from '../view/human-text.ts';
import { LEVELS } from '../view/level.ts';
import { causesFirst, levelOfCondition, summaryOf } from '../view/trouble.ts';
import { evidenceHtml, phaseHtml } from './condition-html.ts';
import { type Html, html } from './html.ts';
import { markHtml, signHtml } from './mark-html.ts';
import { nameHtml } from './name-html.ts';
import { timeHtml } from './time-html.ts';

const COLUMNS = ['Status', 'Environment', 'Oldest', 'Waiting', 'Pending', 'Polling', 'Live', 'Stale', 'Last read'];

/** A table of environments. The roles are explicit, because a narrow screen shows each row as a card. */
export function environmentTable(views: readonly EnvironmentView[], now: number): Html {
  const headings = COLUMNS.map(
    (name, index) => html`<th role="columnheader" scope="col"${index > 1 ? NUMERIC : null}>${name}</th>`,
  );
  return html`<table role="table">
<thead role="rowgroup"><tr role="row">${headings}</tr></thead>
${views.map((view) => rows(view, now))}
</table>`;
}

const NUMERIC = html` class="n"`;

function rows(view: EnvironmentView, now: number): Html {
  const { id, name, labels, queue, items } = view.json;
  const isLastKnown = queue?.stale === true;
  const areItemsLastKnown = items?.stale === true;
  const { owner } = labels;
  return html`<tbody role="rowgroup" data-key="${id}">
<tr role="row" class="${LEVELS[view.level].tone}">
<td role="cell">${markHtml(view.level)}</td>
<th role="rowheader" scope="row"><a href="/environments/${encodeURIComponent(id)}">${nameHtml(name)}</a><span class="id">${id}${owner === undefined ? null : html` · ${nameHtml(owner)}`}</span></th>
${number('Oldest', duration(queue?.oldest_age_seconds), isLastKnown)}
${number('Waiting', count(queue?.depth), isLastKnown)}
${number('Pending', count(queue?.pending), isLastKnown)}
${polling(view, isLastKnown)}
${number('Live', count(items?.live), areItemsLastKnown)}
${number('Stale', count(items?.stale_heartbeats), areItemsLastKnown)}
<td role="cell" class="n" data-label="Last read">${view.lastReadAt === null ? 'never' : timeHtml(view.lastReadAt, now)}</td>
</tr>
${explanation(view, now)}
</tbody>
`;
}

function number(label: string, text: string | Html, isLastKnown: boolean): Html {
  return html`<td role="cell" class="${isLastKnown ? 'n held' : 'n'}" data-label="${label}">${text}${isLastKnown ? html`<span class="unseen"> (last known)</span>` : null}</td>`;
}

/** No worker polls while work waits and none is busy: that is not a healthy zero. */
function polling({ json: { queue, items } }: EnvironmentView, isLastKnown: boolean): Html {
  const waits = queue !== null && queue.depth + queue.pending > 0;
  const nobody = waits && queue.workers_polling === 0 && (items?.live ?? 0) === (items?.stale_heartbeats ?? 0);
  const text = count(queue?.workers_polling);
  return number(
    'Polling',
    nobody ? html`<span class="warn"><span aria-hidden="true">▲ </span>none</span>` : text,
    isLastKnown,
  );
}

function explanation(view: EnvironmentView, now: number): Html | null {
  const alerts = causesFirst(view.conditions).map(
    (
      condition,
    ) => html`<li>${signHtml(levelOfCondition(condition))}<span class="${LEVELS[levelOfCondition(condition)].tone}">${summaryOf(condition)}</span>${evidenceHtml(condition)}
<span class="soft">${phaseHtml(condition, view.json.id, now)}</span></li>`,
  );
  const notices = view.notices.map(
    ({ text, remedy }) => html`<li>${signHtml('notice')}${capitalised(text)}. <span class="soft">${remedy}</span></li>`,
  );
  if (alerts.length + notices.length === 0) return null;
  return html`<tr role="row" class="why"><td role="cell"></td><td role="cell" colspan="${COLUMNS.length - 1}"><ul>${alerts}${notices}</ul></td></tr>`;
}

type Shown = number | '+Inf' | null | undefined;

function count(value: Shown): string {
  return value === null || value === undefined ? '–' : String(value);
}

function duration(value: Shown): string {
  if (value === 0) return '0';
  return typeof value === 'number' ? durationText(value) : count(value);
}
