import { counted } from '../../base/text.ts';
import type { DiagnosisReport } from '../../diagnosis/report.ts';
import type { DrillInfo } from '../http/server-deps.ts';
import { environmentTable } from './markup/environment-rows.ts';
import { type Html, html } from './markup/html.ts';
import { markHtml } from './markup/mark-html.ts';
import { textWithName } from './markup/name-html.ts';
import { pageFrame } from './markup/page-frame.ts';
import { troubleList } from './markup/trouble-list.ts';
import { type EnvironmentView, worseFirst } from './view/environment-view.ts';
import { type Headline, headlineOf, type PageProblem } from './view/headline.ts';
import { stoppedNotice } from './view/judgement.ts';
import { LEVEL_NAMES, LEVELS } from './view/level.ts';
import { matchesFilter, NO_FILTER, type PageFilter } from './view/page-filter.ts';
import { type Trouble, troublesOf } from './view/trouble.ts';

export interface StatusPageFacts {
  readonly views: readonly EnvironmentView[];
  readonly report: DiagnosisReport;
  /** When the process started. */
  readonly startedAt: number;
  readonly problems?: readonly PageProblem[];
  /** Its connections, and below all what the exporter says of them. */
  readonly exporter?: Html | null;
  readonly drill?: DrillInfo | null;
  readonly filter?: PageFilter;
  /** On the own clock. */
  readonly now: number;
  readonly shard: string;
  readonly version: string;
}

/** If more environments than this are healthy, they are collapsed. */
const FOLD_FROM = 12;

/** The page for people: one sentence, each cause once, then a row per environment, the worst first. */
export function statusPage(facts: StatusPageFacts): string {
  const { report, startedAt, problems: others = [], filter = NO_FILTER, now } = facts;
  const views = facts.views.toSorted(worseFirst);
  const troubles = troublesOf(report);
  const judgement = { report, startedAt, now };
  const stopped = stoppedNotice(judgement);
  const problems = stopped === null ? others : [stopped, ...others];
  const headline = headlineOf({ troubles, views, problems, shard: facts.shard, judgement });
  const names = new Map(views.map(({ json: { id, name } }) => [id, name]));
  return pageFrame({
    title: headline.text,
    ...facts,
    main: html`${headlineHtml(headline)}
${troubleList({ troubles: troubles.filter((trouble) => isWide(trouble, names)), problems, names, now })}
${facts.views.length > 1 ? filterForm(filter) : null}
${environments(views, filter, now)}
${facts.exporter ?? null}`,
    notes: html`<span>– = unknown. <i>Italics</i> = last known value.</span>
${sessionsLine(views)}`,
  });
}

function headlineHtml({ level, text, name }: Headline): Html {
  const { sign, word, tone } = LEVELS[level];
  return html`<h1 class="${tone}" data-key="headline"><span class="sign" aria-hidden="true">${sign}</span><span class="unseen">${word}: </span>${textWithName(text, name)}</h1>`;
}

/** What concerns a single environment is in its row, if it has one: one that has left has none, nor has a drill's. */
function isWide({ conditions, first: { subject } }: Trouble, names: ReadonlyMap<string, string>): boolean {
  return conditions.length > 1 || subject.kind !== 'environment' || !names.has(subject.id);
}

/** A form, so that it also works without a script. */
function filterForm({ text, level }: PageFilter): Html {
  const options = LEVEL_NAMES.map(
    (name) => html`<option value="${name}"${name === level ? SELECTED : null}>${LEVELS[name].word}</option>`,
  );
  return html`<form role="search" method="get" action="/" data-key="filter">
<label>Search <input type="search" name="q" value="${text}" placeholder="name, id, owner…" autocomplete="off"></label>
<label>Status <select name="status"><option value="">All</option>${options}</select></label>
<button>Show</button>
</form>`;
}

const SELECTED = html` selected`;

function environments(views: readonly EnvironmentView[], filter: PageFilter, now: number): Html | null {
  if (views.length === 0) return null;
  const shown = views.filter((view) => matchesFilter(view, filter));
  if (shown.length === 0)
    return html`<p data-key="none" role="status">No environment matches. <a href="/">Show all ${views.length}</a></p>`;
  const fine = shown.filter(({ level }) => level === 'ok');
  const others = shown.filter(({ level }) => level !== 'ok');
  const isFiltered = filter.text !== '' || filter.level !== null;
  if (fine.length <= FOLD_FROM || isFiltered) return section('all', environmentTable(shown, now));
  return html`${others.length === 0 ? null : section('others', environmentTable(others, now))}
<details data-key="fine"><summary>${markHtml('ok')} ${counted(fine.length)} without an alert or a notice</summary>
${environmentTable(fine, now)}</details>`;
}

function section(key: string, table: Html): Html {
  return html`<div data-key="${key}">${table}</div>`;
}

/** Said once: it is not a fault, and no other number depends on it. */
function sessionsLine(views: readonly EnvironmentView[]): Html | null {
  const missing = views.filter(({ sessionsMissing }) => sessionsMissing).length;
  if (missing === 0) return null;
  return html`<span>Sessions of long runs are not read in ${counted(missing)}: no key can read them, or the service has none.</span>`;
}
