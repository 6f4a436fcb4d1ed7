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
    text: 'What is wrong, judged by the exporter: alerts, page and JSON say the same. The [runbooks](../alerts/runbooks) say what each condition means. A restart never turns 1 into 0: with a `state_file` the series go on, without one they are absent until they are judged again. `/probe` has none of them.',
  },
  configuration: {
    title: 'Per environment, from the configuration',
    text: 'What is watched and what alerts compare with. Exported even while the API fails.',
  },
  stats: {
    title: 'Per environment, from `stats`',
    text: 'The queue, as the API counts it.',
  },
  list: {
    title: 'Per environment, from the list',
    text: 'The work items. Only for environments whose list can be read: there, `anthropic_work_list_attempted` is 1.',
  },
  progress: {
    title: 'Progress',
    text: 'Whether running work gets anywhere. A worker that sends heartbeats is alive; its session may still wait for ever. Only sessions of live items count, each for its present run.',
  },
  polls: {
    title: 'Polls and the API',
    text: 'How the reads of the exporter go. `/probe` adds its two metrics to the series of the environment.',
  },
  self: {
    title: 'The exporter itself',
    text: 'In addition there are `process_*` and `nodejs_*` of prom-client, without `nodejs_active_handles`, whose collection can end the process on Node 22; `process_start_time_seconds` shows restarts.',
  },
};

/** docs/metrics.md: the catalogue for people. */
export function metricsPage(): string {
  return `${[INTRODUCTION, ...METRIC_GROUPS.map(groupSection), BUCKETS, REPLICAS].join('\n\n')}\n`;
}

const INTRODUCTION = `<!-- Generated from src/metrics by \`npm run generate\`: change it there. -->

# Metrics

Names, labels and types change only as [upgrading.md](upgrading.md#what-is-stable) says; those marked *experimental* may
change with any minor version. **E** stands for the labels
${Object.keys(ENVIRONMENT_LABELS)
  .map((label) => `\`${label}\``)
  .join(' and ')}. Units are seconds and plain numbers; no sample carries a timestamp.

## Freshness

- The exporter polls the API on its own timer; a scrape reads memory and never touches the network.
- A value that was never read, or that the API answers with null, is absent, never 0.
- After a failed poll \`anthropic_work_up\` is 0 at once. The last good values stay until they are older than \`stale_after\`
  in force, which is the larger of the configured one and three scheduled intervals; then their series disappear.
  The scheduled interval includes interval scaling and never backoff.
- What is watched, thresholds, \`anthropic_work_up\`, counters and the exporter's own metrics stay. A removed environment leaves no series.
- \`anthropic_work_queue_oldest_age_seconds\` grows from scrape to scrape, on the API's clock. \`*_timestamp_seconds\` of
  items are the API's own values, uncorrected.
- Whether an item is stale is judged as of the read that saw it.
- Counters and histograms exist at 0 before they count.
- Both formats, text 0.0.4 and OpenMetrics 1.0, have the same series; exemplars are in OpenMetrics only.

The last column of each table says in one word when a series exists, and when it does not although the word says so:

| word | the series exists |
| --- | --- |
${Object.values(PRESENCE)
  .map(({ word, exists }) => `| ${word} | ${exists} |`)
  .join('\n')}`;

const BUCKETS = `## Buckets

Histograms have these upper bounds beside \`+Inf\`; they are as final as names.

| metric | buckets |
| --- | --- |
${METRIC_NAMES.filter((name) => CATALOGUE[name].type === 'histogram')
  .map((name) => `| \`${name}\` | ${CATALOGUE[name].buckets!.join(', ')} |`)
  .join('\n')}`;

const REPLICAS = `## Replicas

Replicas export the same values twice: aggregate over \`instance\` with \`max by (…)\`, for counters with \`max by (…) (increase(…))\`, never with \`sum\`.`;

function groupSection(group: MetricGroup): string {
  const { title, text } = SECTIONS[group];
  const rows = METRIC_NAMES.filter((name) => CATALOGUE[name].group === group).map(row);
  return `## ${title}

${text}

| metric | type | labels | meaning | exists |
| --- | --- | --- | --- | --- |
${rows.join('\n')}`;
}

function row(name: MetricName): string {
  const metric = CATALOGUE[name];
  const mark = metric.stability === 'experimental' ? ' *(experimental)*' : '';
  const absent = metric.absent === undefined ? '' : `; absent when ${metric.absent}`;
  const cells = [
    `\`${name}\`${mark}`,
    metric.type,
    labelsCell(metric),
    `${metric.help} *Source:* ${metric.source}`,
    PRESENCE[metric.presence].word + absent,
  ];
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
}

function labelsCell({ labels, labelPrefix }: MetricDefinition): string {
  const own = Object.entries(labels).filter(([label]) => !Object.hasOwn(ENVIRONMENT_LABELS, label));
  const described = own.map(([label, closed]) => {
    return closed === ANY ? `\`${label}\`` : `\`${label}\` (${closed.map((value) => `\`${value}\``).join(', ')})`;
  });
  const parts = [
    ...(own.length === Object.keys(labels).length ? [] : ['E']),
    ...described,
    ...(labelPrefix === undefined ? [] : [`\`${labelPrefix}<key>\``]),
  ];
  return parts.join(', ');
}
