import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import { CATALOGUE, type ObservedMetricName } from '../../src/metrics/catalogue/catalogue.ts';
import { freshness } from '../../src/metrics/measures/freshness.ts';
import type { MeasureContext } from '../../src/metrics/measures/measure.ts';
import { MEASURES } from '../../src/metrics/measures/measures.ts';
import { AGE_METRIC_NAMES, type AgeMetricName, measureAge } from '../../src/metrics/measures/stats-measures.ts';
import type { EnvironmentState } from '../../src/state/environment-state.ts';
import { NOW } from './fleet.ts';

/**
 * The same samples in prom-client, as most exporters of this kind keep them. Histograms are filled with as many
 * observations per bucket as ours hold, so that both sides write the same lines.
 */
export function promClientRegistry(states: readonly EnvironmentState[]): Registry {
  const registry = new Registry();
  const labelKeys = [...new Set(states.flatMap(({ environment }) => Object.keys(environment.labels)))].sort();
  for (const name of Object.keys(CATALOGUE) as ObservedMetricName[]) {
    const { type, help, labels, buckets = [] } = CATALOGUE[name];
    const samples = states.flatMap((state) => {
      const { id, name: own } = state.environment;
      const lead = { environment_id: id, environment_name: own };
      return samplesOf(name, state, labelKeys).map(({ labels, value }) => ({ labels: { ...lead, ...labels }, value }));
    });
    if (samples.length === 0) continue;
    const prefixed = name === 'anthropic_work_environment_labels' ? labelKeys.map((key) => `label_${key}`) : [];
    const config = { name, help, labelNames: [...labels, ...prefixed], registers: [registry] };
    const counter = type === 'counter' ? new Counter(config) : null;
    const gauge = type === 'gauge' ? new Gauge(config) : null;
    const histogram = type === 'histogram' ? new Histogram({ ...config, buckets: [...buckets] }) : null;
    for (const { labels, value } of samples) {
      if (typeof value === 'number') {
        counter?.inc(labels, value);
        gauge?.set(labels, value);
        continue;
      }
      histogram?.zero(labels);
      for (const [slot, count] of value.counts.entries()) {
        const within = value.bounds[slot] ?? value.bounds.at(-1)! + 1;
        for (let i = 0; i < count; i++) histogram?.observe(labels, within);
      }
    }
  }
  return registry;
}

interface AnySample {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number | { readonly bounds: readonly number[]; readonly counts: readonly number[] };
}

function samplesOf(
  name: ObservedMetricName,
  state: EnvironmentState,
  labelKeys: readonly string[],
): readonly AnySample[] {
  const context: MeasureContext = { fresh: freshness(state, NOW), labelKeys };
  if (isAge(name)) return measureAge(name, state, { fresh: context.fresh, now: NOW, skewMs: 0 });
  const measure: ((state: EnvironmentState, context: MeasureContext) => readonly AnySample[]) | undefined =
    MEASURES[name];
  return measure === undefined ? [] : measure(state, context);
}

function isAge(name: ObservedMetricName): name is AgeMetricName {
  return (AGE_METRIC_NAMES as readonly string[]).includes(name);
}
