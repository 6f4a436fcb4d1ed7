import { collectDefaultMetrics, Registry } from 'prom-client';
import { describe, expect, it } from 'vitest';
import {
  type Lag,
  lagOf,
  type Recorded,
  recordTurns,
  showLag,
  withoutInterval,
} from '../../../src/metrics/self/event-loop-lag.ts';
import { SelfRegistry } from '../../../src/metrics/self/self-registry.ts';
import { settle } from '../../support/manual-clock.ts';
import { waitUntil } from '../../support/wait-until.ts';

const SECOND_NS = 1e9;

/** What Node would tell of turns of these seconds, were its percentiles exact. */
function recorded(...seconds: readonly number[]): Recorded {
  const turns = seconds.toSorted((a, b) => a - b);
  const percentiles = new Map(turns.map((turn, at) => [(100 * (at + 1)) / turns.length, turn * SECOND_NS]));
  return { count: turns.length, percentiles, reset: () => {} };
}

const many = (count: number, seconds: number) => Array.from({ length: count }, () => seconds);
const shown = ({ mean, max, exceededBy }: Lag) =>
  [mean, max, ...[0.5, 0.1, 0.01].map(exceededBy)].map((value) => value.toFixed(3)).join(' ');

describe('the lag at a random moment: mean, max, p50, p90, p99', () => {
  it.each([
    ['nothing ran', [], '0.000 0.000 0.000 0.000 0.000'],
    ['one turn of 5 s in 30 s', [5], '0.417 5.000 0.000 2.000 4.700'],
    ['the same among thousands of short ones', [5, ...many(5000, 0.001)], '0.417 5.000 0.000 2.000 4.700'],
    ['a turn that is over before most come', [0.2], '0.001 0.200 0.000 0.000 0.000'],
    ['never idle, in turns of 1 s', many(30, 1), '0.500 1.000 0.500 0.900 0.990'],
    ['half of the time, in two lengths', [...many(5, 2), ...many(5, 1)], '0.417 2.000 0.000 1.400 1.940'],
  ])('%s', (_, seconds, expected) => {
    expect(shown(lagOf(recorded(...seconds), 30_000))).toBe(expected);
  });

  it('has the spread of what it is the mean of', () => {
    // Evenly spread from 0 to 1 s.
    expect(lagOf(recorded(...many(30, 1)), 30_000).stddev).toBeCloseTo(Math.sqrt(1 / 12), 9);
    expect(lagOf(recorded(), 30_000).stddev).toBe(0);
  });

  it('is a number when no time has passed', () => {
    expect(shown(lagOf(recorded(0.001), 0))).toBe('0.001 0.001 0.001 0.001 0.001');
  });
});

/** Those of libuv, by address: the interval of each, ms. */
function repeatingTimers(): ReadonlyMap<string, number> {
  type Handle = { readonly type: string; readonly address: string; readonly repeat?: number };
  const { libuv } = process.report.getReport() as unknown as { readonly libuv: readonly Handle[] };
  const timers = libuv.filter(({ type, repeat = 0 }) => type === 'timer' && repeat > 0);
  return new Map(timers.map(({ address, repeat = 0 }) => [address, repeat]));
}

describe('the gauges', () => {
  const values = async (registry: Registry, part: string) =>
    (await registry.getSingleMetric(`nodejs_eventloop_lag_${part}_seconds`)!.get()).values.map(({ value }) => value);

  it('show what was recorded since the last scrape, and nothing where nothing was', async () => {
    const registry = new Registry();
    collectDefaultMetrics({ register: registry });
    let [turns, now] = [recorded(5), 1000];
    const source = {
      get count() {
        return turns.count;
      },
      get percentiles() {
        return turns.percentiles;
      },
      reset() {
        turns = recorded();
      },
    };
    showLag(registry, source, () => now);
    const scrape = async () => {
      await registry.getSingleMetric('nodejs_eventloop_lag_seconds')!.get();
      return Promise.all(['min', 'max', 'mean', 'stddev', 'p50', 'p90', 'p99'].map((part) => values(registry, part)));
    };
    now += 30_000;
    const [min, max, mean, stddev, ...quantiles] = (await scrape()).flat();
    expect([min, max, mean?.toFixed(3), stddev?.toFixed(3)]).toEqual([0, 5, '0.417', '1.102']);
    expect(quantiles.map((value) => value.toFixed(3))).toEqual(['0.000', '2.000', '4.700']);
    now += 30_000;
    expect((await scrape()).flat()).toEqual([]);
    turns = recorded(2);
    now += 2000;
    expect((await scrape())[1]).toEqual([2]);
    expect((await scrape())[1]).toEqual([]);
  });

  it('show how long the last scrape waited for its next turn', async () => {
    const registry = new Registry();
    collectDefaultMetrics({ register: registry });
    let now = 1000;
    showLag(registry, recorded(), () => now);
    const lag = async () => (await registry.getSingleMetric('nodejs_eventloop_lag_seconds')!.get()).values[0]?.value;
    expect(await lag()).toBe(0);
    now += 250;
    await settle();
    expect(await lag()).toBe(0.25);
  });

  it('are fed without a timer that wakes the process within a day', () => {
    const before = new Set(repeatingTimers().keys());
    const self = new SelfRegistry({ processMetrics: true });
    const added = [...repeatingTimers()].filter(([address]) => !before.has(address));
    expect(self.registry.getMetricsAsArray()).not.toEqual([]);
    expect(added.filter(([, intervalMs]) => intervalMs < 86_400_000)).toEqual([]);
    // The report does tell of such a timer.
    expect(added).toHaveLength(1);
  });
});

it('records turns, not what lies between them', async () => {
  const turns = recordTurns();
  const begun = performance.now();
  while (performance.now() - begun < 50);
  await waitUntil(() => lagOf(turns, 1).max >= 0.05);
  turns.stop();
  turns.reset();
  for (let turn = 0; turn < 3; turn++) await settle();
  expect(turns.count).toBe(0);
});

it('subtracts the interval where only samples can be had', () => {
  let resets = 0;
  const samples = { ...recorded(0.999, 1, 1.25), reset: () => resets++ };
  const late = withoutInterval(samples);
  expect([...late.percentiles.values()].map((value) => value / SECOND_NS)).toEqual([0, 0, 0.25]);
  late.reset();
  expect([late.count, resets]).toEqual([3, 1]);
});
