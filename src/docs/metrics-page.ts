import { CATALOGUE, METRIC_NAMES, type MetricName } from '../metrics/catalogue.ts';
import {
  ANY,
  ENVIRONMENT_LABELS,
  METRIC_GROUPS,
  type MetricDefinition,
  type MetricGroup,
  PRESENCE,
} from '../metrics/metric.ts';

const SECTIONS: Readonly<Record<MetricGroup, { readonly title: string; readonly text: string }>> = {
  conditions: {
    title: 'Conditions',
    text: 'What is wrong, judged every 15 s: alerts, page and JSON agree with it. The [runbooks](../alerts/runbooks) explain each condition. After a restart the series go on if there is a `state_file`; otherwise they are absent until judged again. `/probe` has none of them.',
  },
  configuration: {
    title: 'Per environment, from the configuration',
    text: 'What is watched, and the thresholds of the alerts.',
  },
  stats: {
    title: 'Per environment, from `stats`',
    text: 'The queue, as the API counts it.',
  },
  list: {
    title: 'Per environment, from the list',
    text: 'The work items, for environments whose list can be read (`anthropic_work_list_attempted` is 1).',
  },
  progress: {
    title: 'Progress',
    text: 'Whether running work makes progress: the worker may send heartbeats while its session waits forever. Only sessions of live items count.',
  },
  polls: {
    title: 'Polls and the API',
    text: 'The requests that the exporter sends.',
  },
  self: {
    title: 'The exporter itself',
    text: 'Also the `process_*` and `nodejs_*` metrics of prom-client, except `nodejs_active_handles`, which can crash Node 22.',
  },
};

/** docs/metrics.md: the catalogue for people. */
export function metricsPage(): string {
  return `${[INTRODUCTION, ...METRIC_GROUPS.map(groupSection), BUCKETS, REPLICAS].join('\n\n')}\n`;
}

const INTRODUCTION = `<!-- Generated from src/metrics by \`npm run generate\`: change it there. -->

# Metrics

[Stable](upgrading.md#what-is-stable) unless marked *experimental*. **E** stands for the labels
${Object.keys(ENVIRONMENT_LABELS)
  .map((label) => `\`${label}\``)
  .join(' and ')}. Counters end in \`_total\`, histograms are [below](#buckets), all others are gauges.
Durations are in seconds; no sample carries a timestamp. Exemplars are in OpenMetrics only.

## Freshness

- The exporter polls the API on its own timer. A scrape reads memory only.
- A value that is unknown, or null in the API, is absent, never 0.
- After a failed poll \`anthropic_work_up\` is 0 at once. The last good values stay for \`stale_after\`, or for three scheduled intervals if that
  is longer. Then their series disappear.
- \`anthropic_work_queue_oldest_age_seconds\` grows with every scrape. \`*_timestamp_seconds\` of items are the API's own values, uncorrected.
- Counters and histograms begin at 0. A removed environment leaves no series.

The *exists* column says:

| word | the series exists |
| --- | --- |
${Object.values(PRESENCE)
  .map(({ word, exists }) => `| ${word} | ${exists} |`)
  .join('\n')}`;

const BUCKETS = `## Buckets

Upper bounds besides \`+Inf\`.

| metric | buckets |
| --- | --- |
${METRIC_NAMES.filter((name) => CATALOGUE[name].type === 'histogram')
  .map((name) => `| \`${name}\` | ${CATALOGUE[name].buckets!.join(', ')} |`)
  .join('\n')}`;

const REPLICAS = `## Replicas

Replicas export the same values. Aggregate them with \`max by (…)\`, and counters with \`max by (…) (increase(…))\`; never with \`sum\`.`;

function groupSection(group: MetricGroup): string {
  const { title, text } = SECTIONS[group];
  const shown = new Set<string>();
  const rows = METRIC_NAMES.filter((name) => CATALOGUE[name].group === group).map((name) => row(name, shown));
  return `## ${title}

${text}

| metric | labels | meaning | exists |
| --- | --- | --- | --- |
${rows.join('\n')}`;
}

function row(name: MetricName, shown: Set<string>): string {
  const metric = CATALOGUE[name];
  const mark = metric.stability === 'experimental' ? ' *(experimental)*' : '';
  const absent = metric.absent === undefined ? '' : `; absent if ${metric.absent}`;
  const cells = [
    `\`${name}\`${mark}`,
    labelsCell(metric, shown),
    metric.note === undefined ? metric.help : `${metric.help} ${metric.note}`,
    PRESENCE[metric.presence].word + absent,
  ];
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
}

/** The values of a label are listed once in a section; `shown` remembers which were. */
function labelsCell({ labels, labelPrefix }: MetricDefinition, shown: Set<string>): string {
  const own = Object.entries(labels).filter(([label]) => !Object.hasOwn(ENVIRONMENT_LABELS, label));
  const described = own.map(([label, closed]) => {
    const set = `${label}: ${closed}`;
    if (closed === ANY || shown.has(set)) return `\`${label}\``;
    shown.add(set);
    return `\`${label}\` (${closed.map((value) => `\`${value}\``).join(', ')})`;
  });
  const parts = [
    ...(own.length === Object.keys(labels).length ? [] : ['E']),
    ...described,
    ...(labelPrefix === undefined ? [] : [`\`${labelPrefix}<key>\``]),
  ];
  return parts.join(', ');
}
