import { expect, it } from 'vitest';
import { exactMeasures, type Measure, type Measures } from '../../../src/metrics/measures/measure.ts';
import { type CachedMetricName, MEASURES } from '../../../src/metrics/measures/measures.ts';
import type { SelfRegistry } from '../../../src/metrics/self/self-registry.ts';

type Up = Measure<'anthropic_work_up'>;

/** Checked by the compiler: an unused `@ts-expect-error` is an error of its own. */
function mistakesThatDoNotCompile(registry: SelfRegistry): unknown[] {
  const good: Up = () => [{ labels: { operation: 'stats' }, value: 1 }];
  // @ts-expect-error a sample without its label
  const missing: Up = () => [{ labels: {}, value: 1 }];
  // @ts-expect-error a sample with a label that is not declared
  const extra = exactMeasures({ anthropic_work_up: () => [{ labels: { operation: 'stats', team: 'a' }, value: 1 }] });
  // @ts-expect-error a label of another metric, by a detour that escapes the check of literals
  const detour: Up = () => ['stats'].map((operation) => ({ labels: { operation, reason: 'timeout' }, value: 1 }));
  // @ts-expect-error a number where a histogram is declared
  const plain: Measure<'anthropic_work_run_seconds'> = () => [{ labels: {}, value: 1 }];
  // @ts-expect-error a metric that the catalogue does not know
  const unknown: Measure<'anthropic_work_upp'> = () => [];
  const { anthropic_work_up: _, ...rest } = MEASURES;
  // @ts-expect-error a metric without a measure
  const incomplete: Measures<CachedMetricName> = rest;
  // @ts-expect-error the labels of the exporter's own metrics are checked alike
  registry.set('anthropic_work_discovery_up', {}, 1);
  // @ts-expect-error only counters can be added to
  registry.add('anthropic_work_discovery_up', { connection: 'default' }, 1);
  const fine = exactMeasures({ anthropic_work_queue_depth: () => [{ labels: {}, value: 1 }] });
  return [good, fine, missing, extra, detour, plain, unknown, incomplete];
}

it('the compiler rejects a measure whose labels are not those of its metric', () => {
  expect(mistakesThatDoNotCompile).toBeTypeOf('function');
});
