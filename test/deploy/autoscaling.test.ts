import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { METRIC_NAMES } from '../../src/metrics/catalogue.ts';
import { TestFolder } from '../cli/files.ts';
import { ROOT } from '../support/processes.ts';
import { runTool } from '../support/tools.ts';

/** The environment that the recipes name. */
const ID = 'env_0123456789abcdef';

/** A file of deploy/autoscaling, parsed. */
const recipe = (name: string) => parse(readFileSync(join(ROOT, 'deploy/autoscaling', name), 'utf8'));

const adapter = recipe('prometheus-adapter-values.yaml').rules.external[0];
const trigger = (name: string) => recipe(name).spec.triggers[0];
/** What is asked of Prometheus for the environment, by whom. */
const QUERIES: readonly (readonly [string, string])[] = [
  ['KEDA', trigger('keda-prometheus.yaml').metadata.query],
  // The adapter puts the labels of the HorizontalPodAutoscaler's selector in the place of this word.
  ['the Prometheus adapter', adapter.metricsQuery.replaceAll('<<.LabelMatchers>>', `environment_id="${ID}"`)],
];

/** Empty where the query has this value at one moment of some series, `nil` for none; else what promtool says. */
async function complaint(query: string, series: readonly string[], expected: string): Promise<string> {
  const exp_samples = expected === 'nil' ? [] : [{ labels: `{environment_id="${ID}"}`, value: Number(expected) }];
  const input_series = series.map((line) => ({ series: line.split(' | ')[0], values: line.split(' | ')[1] }));
  const promql_expr_test = [{ expr: query, eval_time: '5m', exp_samples }];
  const test = { evaluation_interval: '30s', tests: [{ interval: '30s', input_series, promql_expr_test }] };
  using folder = new TestFolder();
  const { ok, output } = await runTool('promtool', ['test', 'rules', folder.write('queries.test.yaml', test)]);
  return ok ? '' : output;
}

const labels = (more = '', instance = 'a') =>
  `{environment_id="${ID}", environment_name="prod", instance="${instance}"${more}}`;
const depth = (values: string, instance?: string) => `anthropic_work_queue_depth${labels('', instance)} | ${values}`;
const pending = (values: string, instance?: string) =>
  `anthropic_work_queue_pending${labels('', instance)} | ${values}`;
const items = (state: string, values: string, instance?: string) =>
  `anthropic_work_items${labels(`, state="${state}", work_type="session"`, instance)} | ${values}`;
const other = (line: string) => line.replaceAll(ID, 'env_other');
const idle = [
  depth('0x20'),
  pending('0x20'),
  items('starting', '0x20'),
  items('active', '0x20'),
  items('stopping', '0x20'),
];

describe.each(QUERIES)('the query for %s', (_, query) => {
  it.each<readonly [string, readonly string[], string]>([
    ['the queue is empty and nothing runs', idle, '0'],
    ['work waits and runs', [depth('3x20'), pending('1x20'), items('queued', '3x20'), items('active', '4x20')], '8'],
    ['every worker is busy', [depth('0x20'), pending('0x20'), items('active', '4x20')], '4'],
    [
      'two replicas see the same',
      [...idle, depth('2x20', 'b'), pending('0x20', 'b'), items('active', '1x20', 'b')],
      '3',
    ],
    ['another environment has work', [...idle, ...idle.map(other), other(depth('9x20', 'b'))], '0'],
    [
      'the exporter is blind: its series have ended',
      [depth('3x4 stale'), pending('0x4 stale'), items('active', '4x4 stale')],
      'nil',
    ],
    ['only the list is not read', [depth('0x20'), pending('0x20'), items('active', '4x4 stale')], 'nil'],
    ['only the queue is not read', [depth('3x4 stale'), pending('3x4 stale'), items('active', '4x20')], 'nil'],
    ['nothing was ever scraped', [], 'nil'],
  ])('when %s', async (_, series, expected) => {
    expect(await complaint(query, series, expected)).toBe('');
  });
});

describe('the recipes', () => {
  it('name only metrics of the exporter', () => {
    const named = QUERIES.flatMap(([, query]) => query.match(/anthropic_work_\w+/g) ?? []);
    expect(named).toHaveLength(6);
    for (const name of named) expect(METRIC_NAMES).toContain(name);
  });

  it('keep what runs when KEDA gets no number', () => {
    for (const name of ['keda-metrics-api.yaml', 'keda-prometheus.yaml']) {
      expect(recipe(name).spec.fallback).toMatchObject({ behavior: 'currentReplicasIfHigher', replicas: 2 });
      // KEDA has a fallback for this type of metric only.
      expect(trigger(name).metricType).toBe('AverageValue');
    }
    expect(trigger('keda-prometheus.yaml').metadata.ignoreNullValues).toBe('false');
  });

  it('ask for one worker a unit', () => {
    expect(trigger('keda-metrics-api.yaml').metadata.targetValue).toBe('1');
    expect(trigger('keda-prometheus.yaml').metadata.threshold).toBe('1');
    const [metric] = recipe('hpa.yaml').spec.metrics;
    expect(metric.external.target).toEqual({ type: 'AverageValue', averageValue: '1' });
    expect(metric.external.metric.name).toBe(adapter.name.as);
  });
});
