import type { FastifyInstance } from 'fastify';
import { hasKnownKey } from '../base/key-shape.ts';
import { counted } from '../base/text.ts';
import type { Answers } from './answers.ts';
import type { JsonContext } from './environment-json.ts';
import {
  capitalised,
  durationText,
  environmentPath,
  type Html,
  html,
  nameHtml,
  textWithName,
  timeHtml,
} from './html.ts';
import { asPage, pageFrame } from './page-frame.ts';
import {
  connectionSection,
  evidenceHtml,
  markHtml,
  namesHtml,
  noticeLine,
  phaseHtml,
  signHtml,
  troubleLine,
} from './page-parts.ts';
import type { ServerDeps } from './server-deps.ts';
import {
  type EnvironmentView,
  environmentView,
  type Headline,
  headlineOf,
  type Judgement,
  LEVEL_NAMES,
  LEVELS,
  type Level,
  levelOfCondition,
  stoppedNotice,
  summaryOf,
  troublesOf,
  worseFirst,
} from './view.ts';

/** If more environments than this are healthy, they are collapsed. */
const FOLD_FROM = 12;
const LONGEST_SEARCH = 100;
const COLUMNS = ['Status', 'Environment', 'Oldest', 'Waiting', 'Pending', 'Polling', 'Live', 'Stale', 'Last read'];

/** What a reader wants to see; everything without a filter. */
export interface PageFilter {
  /** Searched in the name, id, labels and connection; all words must occur. */
  readonly text: string;
  readonly level: Level | null;
}

/** From the query of the address. The page repeats it, but no key that somebody pasted. */
export function readFilter(query: unknown): PageFilter {
  const { q, status } = (query ?? {}) as { readonly q?: unknown; readonly status?: unknown };
  const level = LEVEL_NAMES.find((name) => name === status) ?? null;
  return { level, text: typeof q === 'string' && !hasKnownKey(q) ? q.slice(0, LONGEST_SEARCH).trim() : '' };
}

/** `GET /`: one sentence, each cause once, then a row per environment, the worst first. */
export function statusRoute<Format>(
  app: FastifyInstance,
  deps: ServerDeps<Format>,
  answers: Answers,
  context: () => Required<JsonContext>,
): void {
  app.get('/', async (request, reply) => {
    const filter = readFilter(request.query);
    const render = () => {
      const { states, startedAt } = deps;
      const json = context();
      const views = states.all().map((state) => environmentView(state, json));
      return statusPage(deps, { views, filter, report: json.report, startedAt, now: json.now });
    };
    return answers.send(request, asPage(reply), { key: `/ ${JSON.stringify(filter)}`, render });
  });
}

interface StatusPageFacts extends Judgement {
  readonly views: readonly EnvironmentView[];
  readonly filter: PageFilter;
}

export function statusPage<Format>(
  deps: ServerDeps<Format>,
  { views: unsorted, filter, ...judgement }: StatusPageFacts,
): string {
  const { now } = judgement;
  const views = unsorted.toSorted(worseFirst);
  const troubles = troublesOf(judgement.report);
  const problems = [...stoppedNotice(judgement), ...deps.discoveryProblems(), ...deps.exporterProblems()];
  const headline = headlineOf({ ...judgement, troubles, views, problems, shard: deps.shard });
  const names = new Map(views.map(({ json: { id, name } }) => [id, name]));
  const lines = troubles.flatMap((trouble) => {
    const { conditions, first } = trouble;
    const isOne = conditions.length === 1 && first.subject.kind === 'environment';
    if (!isOne) {
      const ids = conditions.flatMap(({ environments }) => environments);
      return troubleLine(trouble, null, now, namesHtml(ids, names));
    }
    // It is in the row of its environment, if it has one: one that has left has none, nor has a drill's.
    const [id] = first.environments;
    return names.has(id!) ? [] : troubleLine(trouble, id!, now);
  });
  const causes = [...lines, ...problems.map(noticeLine)];
  return pageFrame(deps, {
    title: headline.text,
    now,
    main: html`${headlineHtml(headline)}
${causes.length === 0 ? null : html`<ul class="causes" data-key="causes">${causes}</ul>`}
${views.length > 1 ? filterForm(filter) : null}
${environments(views, filter, now)}
${connectionSection(deps.connections())}`,
    notes: html`<span>– = unknown. <i>Italics</i> = last known value.</span>`,
  });
}

function headlineHtml({ level, text, name = null }: Headline): Html {
  const { sign, word, tone } = LEVELS[level];
  return html`<h1 class="${tone}" data-key="headline"><span class="sign" aria-hidden="true">${sign}</span><span class="unseen">${word}: </span>${textWithName(text, name)}</h1>`;
}

/** A form, so that it also works without a script. */
function filterForm({ text, level }: PageFilter): Html {
  const options = LEVEL_NAMES.map(
    (name) => html`<option value="${name}"${name === level ? html` selected` : null}>${LEVELS[name].word}</option>`,
  );
  return html`<form role="search" method="get" action="/" data-key="filter">
<label>Search <input type="search" name="q" value="${text}" placeholder="name, id, owner…" autocomplete="off"></label>
<label>Status <select name="status"><option value="">All</option>${options}</select></label>
<button>Show</button>
</form>`;
}

function environments(views: readonly EnvironmentView[], filter: PageFilter, now: number): Html | null {
  if (views.length === 0) return null;
  const shown = views.filter((view) => matches(view, filter));
  if (shown.length === 0)
    return html`<p data-key="none" role="status">No environment matches. <a href="/">Show all ${views.length}</a></p>`;
  const fine = shown.filter(({ level }) => level === 'ok');
  const others = shown.filter(({ level }) => level !== 'ok');
  const isFiltered = filter.text !== '' || filter.level !== null;
  if (fine.length <= FOLD_FROM || isFiltered) return html`<div data-key="all">${table(shown, now)}</div>`;
  return html`${others.length === 0 ? null : html`<div data-key="others">${table(others, now)}</div>`}
<details data-key="fine"><summary>${markHtml('ok')} ${counted(fine.length)} without an alert or a notice</summary>
${table(fine, now)}</details>`;
}

function matches({ json, level }: EnvironmentView, filter: PageFilter): boolean {
  if (filter.level !== null && filter.level !== level) return false;
  const labels = Object.entries(json.labels).map(([label, value]) => `${label}=${value}`);
  const text = [json.name, json.id, json.connection, LEVELS[level].word, ...labels].join('\n').toLowerCase();
  const words = filter.text.toLowerCase().split(/\s+/);
  return words.every((word) => text.includes(word));
}

/** The roles are explicit, because a narrow screen shows each row as a card. */
function table(views: readonly EnvironmentView[], now: number): Html {
  const headings = COLUMNS.map(
    (name, index) => html`<th role="columnheader" scope="col" class="${index > 1 ? 'n' : ''}">${name}</th>`,
  );
  return html`<table role="table">
<thead role="rowgroup"><tr role="row">${headings}</tr></thead>
${views.map((view) => rows(view, now))}
</table>`;
}

function rows(view: EnvironmentView, now: number): Html {
  const { id, name, labels, queue, items, operations } = view.json;
  const { owner } = labels;
  const age = queue?.oldest_age_seconds;
  const { last_success_at: readAt } = operations[operations.stats.status === 'not_attempted' ? 'list' : 'stats'];
  return html`<tbody role="rowgroup" data-key="${id}">
<tr role="row" class="${LEVELS[view.level].tone}">
<td role="cell">${markHtml(view.level)}</td>
<th role="rowheader" scope="row"><a href="${environmentPath(id)}">${nameHtml(name)}</a><span class="id">${id}${owner === undefined ? null : html` · ${nameHtml(owner)}`}</span></th>
${cell('Oldest', typeof age === 'number' && age > 0 ? durationText(age) : age, queue)}
${cell('Waiting', queue?.depth, queue)}
${cell('Pending', queue?.pending, queue)}
${cell('Polling', queue?.workers_polling, queue)}
${cell('Live', items?.live, items)}
${cell('Stale', items?.stale_heartbeats, items)}
<td role="cell" class="n" data-label="Last read">${readAt === null ? 'never' : timeHtml(Date.parse(readAt), now)}</td>
</tr>
${explanation(view, now)}
</tbody>
`;
}

/** A number of a read; in italics if a later read failed. */
function cell(
  label: string,
  value: string | number | null | undefined,
  read: { readonly stale: boolean } | null,
): Html {
  const isHeld = read?.stale === true;
  return html`<td role="cell" class="${isHeld ? 'n held' : 'n'}" data-label="${label}">${value ?? '–'}${isHeld ? html`<span class="unseen"> (last known)</span>` : null}</td>`;
}

function explanation({ conditions, notices, json }: EnvironmentView, now: number): Html | null {
  const alerts = conditions.map((condition) => {
    const level = levelOfCondition(condition);
    return html`<li>${signHtml(level)}<span class="${LEVELS[level].tone}">${summaryOf(condition)}</span>${evidenceHtml(condition)}
<span class="soft">${phaseHtml(condition, json.id, now)}</span></li>`;
  });
  const others = notices.map(
    ({ text, remedy }) => html`<li>${signHtml('notice')}${capitalised(text)}. <span class="soft">${remedy}</span></li>`,
  );
  if (alerts.length + others.length === 0) return null;
  return html`<tr role="row" class="why"><td role="cell"></td><td role="cell" colspan="${COLUMNS.length - 1}"><ul>${alerts}${others}</ul></td></tr>`;
}
