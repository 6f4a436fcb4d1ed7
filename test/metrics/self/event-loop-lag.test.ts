import { Gauge, Registry } from 'prom-client';
import { expect, it } from 'vitest';
import { LAG_RESOLUTION_MS, subtractLagResolution } from '../../../src/metrics/self/event-loop-lag.ts';
import { selfMetrics } from '../../support/expositions.ts';
import { NOW } from '../../support/states.ts';

async function shown(measured: number): Promise<string> {
  const registry = new Registry();
  const name = 'nodejs_eventloop_lag_p99_seconds';
  new Gauge({ name, help: 'p99', registers: [registry] }).set(measured);
  subtractLagResolution(registry);
  const { values } = await registry.getSingleMetric(name)!.get();
  return values.map(({ value }) => value.toFixed(3)).join();
}

it.each([
  { measured: 1.25, lag: '0.250', what: 'what goes beyond the time between two samples' },
  { measured: 1, lag: '0.000', what: 'no lag' },
  { measured: 61, lag: '60.000', what: 'a minute' },
  { measured: 0, lag: '', what: 'percentiles and maximum without a sample' },
  { measured: Number.NaN, lag: '', what: 'the mean without a sample' },
  { measured: 9223372036.854776, lag: '', what: 'the minimum without a sample' },
])('shows as lag: $what', async ({ measured, lag }) => {
  expect(await shown(measured)).toBe(lag);
});

it('samples once a second, and knows the names of prom-client', async () => {
  expect(LAG_RESOLUTION_MS).toBe(1000);
  const names = selfMetrics({ processMetrics: true })
    .registry.getMetricsAsArray()
    .map(({ name }) => name);
  for (const part of ['min', 'max', 'mean', 'p50', 'p90', 'p99']) {
    expect(names).toContain(`nodejs_eventloop_lag_${part}_seconds`);
  }
});

it('shows no lag of centuries right after the start', async () => {
  const text = Buffer.concat(await selfMetrics({ processMetrics: true }).write('prometheus', NOW)).toString();
  const values = [...text.matchAll(/^nodejs_eventloop_lag_(?:min|max|mean|p\d+)_seconds (.+)$/gm)].map(
    ([, value]) => value,
  );
  expect(values.filter((value) => !(Number(value) < 60))).toEqual([]);
});
