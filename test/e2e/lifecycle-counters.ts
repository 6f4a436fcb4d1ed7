import { expect } from 'vitest';
import type { Histogram } from '../../src/domain/histogram.ts';
import type { LifecycleTotals } from '../../src/lifecycle/lifecycle-totals.ts';
import type { EnvironmentTruth } from '../../src/simulator/world/truth.ts';
import type { EnvironmentState } from '../../src/state/environment-state.ts';
import type { VisibleTransitions } from './visible-transitions.ts';

/** Compares counters, buckets and sums with what was counted by hand. */
export function expectCounted(lifecycle: LifecycleTotals, visible: VisibleTransitions): void {
  const { wait, run, stop, ...counters } = lifecycle;
  expect(counters).toEqual(visible.counts);
  expectObserved(wait, visible.waits, 'waits');
  expectObserved(run, visible.runs, 'runs');
  expectObserved(stop, visible.stops, 'stops');
}

function expectObserved({ bounds, counts, sum }: Histogram, durationsMs: readonly number[], what: string): void {
  const seconds = durationsMs.map((ms) => Math.max(ms, 0) / 1000);
  const buckets = [...bounds, Number.POSITIVE_INFINITY];
  const least = (n: number) => buckets[n - 1] ?? Number.NEGATIVE_INFINITY;
  expect(counts, what).toEqual(buckets.map((most, n) => seconds.filter((s) => s <= most && s > least(n)).length));
  // Sums of doubles depend on their order beyond the microseconds that stamps have.
  const total = seconds.reduce((all, s) => all + s, 0);
  expect(Math.abs(sum - total), `the sum of ${what}`).toBeLessThan(1e-5);
}

export interface WorldsCount {
  readonly before: EnvironmentTruth;
  readonly after: EnvironmentTruth;
  /** The service says in its rows when an item was queued. */
  readonly stamped: boolean;
}

/** Compares the counters of reads that missed nothing with what the world counted by itself. */
export function expectTruth({ lifecycle }: EnvironmentState, { before, after, stamped }: WorldsCount): void {
  const { created, acknowledged, stopped, requeued, lapsed, waitUnknown, wait, run, stop } = lifecycle!;
  const counted = { created, acknowledged, stopped, requeued, lapsed };
  expect(counted).toEqual(differences(counted, { before: before.totals, after: after.totals }));
  const [waits, runs, stops] = [before.wait, before.run, before.stop].map((was, n) => {
    const is = [after.wait, after.run, after.stop][n]!;
    return { count: is.count - was.count, sum: is.sum - was.sum };
  });
  expect(count(run)).toBe(runs!.count);
  expect(run.sum).toBeCloseTo(runs!.sum, 3);
  expect(count(stop)).toBe(stops!.count);
  expect(stop.sum).toBeCloseTo(stops!.sum, 3);
  expect(count(wait) + waitUnknown).toBe(waits!.count);
  // Without a stamp an item from before the start may have waited since any moment up to a minute before it was seen.
  if (!stamped) return;
  expect(waitUnknown).toBe(0);
  expect(wait.sum).toBeCloseTo(waits!.sum, 3);
}

function differences<T extends string>(
  names: Readonly<Record<T, number>>,
  { before, after }: { before: Readonly<Record<T, number>>; after: Readonly<Record<T, number>> },
): Record<string, number> {
  return Object.fromEntries((Object.keys(names) as T[]).map((name) => [name, after[name] - before[name]]));
}

function count({ counts }: Histogram): number {
  return counts.reduce((sum, n) => sum + n, 0);
}
