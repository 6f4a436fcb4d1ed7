import {
  DatasourceVariableBuilder,
  QueryVariableBuilder,
  VariableHide,
  VariableRefresh,
  VariableSort,
} from '@grafana/grafana-foundation-sdk/dashboard';
import { E, ofAllEnvironments, ofJob } from '../expressions/promql.ts';
import { age, status } from '../expressions/queue-expressions.ts';
import { DATA_SOURCE } from './targets.ts';

/** How many environments are drawn at once where each has its own lines. */
export const MOST_DRAWN = 10;

/** What the reader selects environments by, besides their names, and the value that means everything. */
const FILTERS = [
  { name: 'connection', label: 'Connection', all: '.+' },
  // A label that an environment lacks is matched only by an expression that also matches the empty text.
  { name: 'owner', label: 'Owner', all: '.*' },
  { name: 'tier', label: 'Tier', all: '.*' },
] as const;

/** People choose an environment by its name; queries and links use its id, whatever a name pretends to be. */
const BY_NAME =
  '/(?=.*?environment_name="(?<text>.+?)"(?:,environment_id="[^"]+")?})' +
  '(?=(?:{|.*",)environment_id="(?<value>[^"]+)"(?:,environment_name="|}))/';
const BY_ID = '/environment_id="([^"]+)"/';

const info = 'anthropic_work_environment_info';
/** Includes those that are gone by now, if the time range shows them. */
const seen = (selector: string) => `last_over_time(${selector}[$__range])`;
const everyEnvironment = `group by (environment_id) (${seen(ofJob(info))})`;
const labelled = seen(ofJob('anthropic_work_environment_labels', 'label_owner=~"$owner", label_tier=~"$tier"'));
const filtered = (matcher: string, by: string) =>
  `(group by (${by}) (${seen(ofJob(info, `connection=~"$connection"${matcher}`))}) and on (environment_id) ${labelled})`;
const chosen = filtered(', environment_id=~"$environment"', 'environment_id');

/** The status and, among equals, the age of the oldest item; −1 for an environment that is no longer watched. */
const badness =
  `(((${ofAllEnvironments(status)}) + on (${E}) (${ofAllEnvironments(age)}) / 1e9)` +
  ` or on (${E}) (${ofAllEnvironments(status)}))`;
const byBadness = (environments: string) =>
  `((${badness}) and on (environment_id) ${environments}) or on (environment_id) (0 * ${environments} - 1)`;

const query = (name: string, expression: string) =>
  new QueryVariableBuilder(name)
    .datasource(DATA_SOURCE)
    .query(expression)
    .refresh(VariableRefresh.OnTimeRangeChanged)
    .sort(VariableSort.AlphabeticalCaseInsensitiveAsc)
    .multi(true)
    .includeAll(true);
const ALL = { text: ['All'], value: ['$__all'] };

const job = () =>
  query('job', 'label_values(anthropic_work_exporter_build_info, job)').label('Job').allValue('.+').current(ALL);

const filters = () =>
  FILTERS.map(({ name, label, all }) =>
    query(name, valuesOf(name)).label(label).allValue(all).current(ALL).allowCustomValue(false),
  );

function valuesOf(name: (typeof FILTERS)[number]['name']): string {
  return name === 'connection'
    ? `label_values(${ofJob(info)}, connection)`
    : `label_values(${ofJob('anthropic_work_environment_labels')}, label_${name})`;
}

/** Which environments a board opens with: all, or the worst, and then at most {@link MOST_DRAWN}. */
export type Opening = 'all' | 'worst';

function environments(opening: Opening) {
  const names = filtered('', E);
  const variable = query('environment', `query_result(${opening === 'all' ? names : `sort_desc(${byBadness(names)})`})`)
    .label('Environment')
    .regex(BY_NAME)
    .allValue('.+');
  // Without a value Grafana takes the first, which is the worst.
  return opening === 'all'
    ? variable.current(ALL)
    : variable.current({ text: '', value: '' }).sort(VariableSort.Disabled);
}

/** See `SHOWN`. For every environment it is no list of ids, which could have a thousand. */
function shown(opening: Opening) {
  const everything = `label_replace(count(${chosen}) == count(${everyEnvironment}), "environment_id", ".+", "", "")`;
  const expression =
    opening === 'all' ? `${everything} or on () ${chosen}` : `topk(${MOST_DRAWN}, ${byBadness(chosen)})`;
  return query('shown', `query_result(${expression})`)
    .label('Shown')
    .regex(BY_ID)
    .current(ALL)
    .hide(VariableHide.HideVariable);
}

/** The variables at the top of a board. */
export function variables(opening: Opening) {
  const dataSource = new DatasourceVariableBuilder('datasource')
    .label('Data source')
    .type('prometheus')
    .current({ text: 'default', value: 'default' });
  return [dataSource, job(), ...filters(), environments(opening), shown(opening)];
}
