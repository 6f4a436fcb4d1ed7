import { CATALOGUE, METRIC_NAMES, type MetricName } from '../metrics/catalogue.ts';
import { ANY, ENVIRONMENT_LABELS, METRIC_GROUPS, type MetricDefinition, PRESENCE } from '../metrics/metric.ts';
import { table } from './tables.ts';

/** The generated parts of docs/metrics.md: a list for each group, and the tables that it refers to. */
export function metricsParts(): Readonly<Record<string, string>> {
  const presence = Object.values(PRESENCE).map(({ word, exists }) => [word, exists]);
  const histograms = METRIC_NAMES.filter((name) => CATALOGUE[name].type === 'histogram');
  const buckets = histograms.map((name) => [`\`${name}\``, CATALOGUE[name].buckets!.join(', ')]);
  const groups = METRIC_GROUPS.map((group) => {
    const shown = new Set<string>();
    const entries = METRIC_NAMES.filter((name) => CATALOGUE[name].group === group).map((name) => entry(name, shown));
    return [group, entries.join('\n')];
  });
  return {
    presence: table(['word', 'the series exists'], presence),
    ...Object.fromEntries(groups),
    buckets: table(['metric', 'buckets'], buckets),
  };
}

/** A line of a list: name, labels, when it exists, and what it means. */
function entry(name: MetricName, shown: Set<string>): string {
  const { stability, absent, help, note, presence, ...metric } = CATALOGUE[name];
  const exists = `*${PRESENCE[presence].word}*${absent === undefined ? '' : `, absent if ${absent}`}`;
  const facts = [labelsText(metric, shown), exists, stability === 'experimental' ? '*experimental*' : ''];
  const known = facts.filter((fact) => fact !== '').join('; ');
  return `- \`${name}\` (${known}): ${help}${note === undefined ? '' : ` ${note}`}`;
}

/** The values of a label are listed once in a section; `shown` remembers which were. */
function labelsText(
  { labels, labelPrefix }: Pick<MetricDefinition, 'labels' | 'labelPrefix'>,
  shown: Set<string>,
): string {
  const own = Object.entries(labels).filter(([label]) => !Object.hasOwn(ENVIRONMENT_LABELS, label));
  const described = own.map(([label, closed]) => {
    const set = `${label}: ${closed}`;
    if (closed === ANY || shown.has(set)) return `\`${label}\``;
    shown.add(set);
    return `\`${label}\` (${closed.map((value) => `\`${value}\``).join(', ')})`;
  });
  const environment = own.length === Object.keys(labels).length ? [] : ['E'];
  const prefixed = labelPrefix === undefined ? [] : [`\`${labelPrefix}<key>\``];
  return [...environment, ...described, ...prefixed].join(', ');
}
