import { type Ledger, type LifecycleTotals, NO_TOTALS, newLedger } from '../../src/lifecycle/ledger.ts';
import { Exposition } from '../../src/metrics/exposition.ts';
import type { Format } from '../../src/metrics/format.ts';
import { SelfMetrics } from '../../src/metrics/self-metrics.ts';
import type { EnvironmentState } from '../../src/state/environment-state.ts';
import { type ParsedSample, parseExposition } from './exposition-parser.ts';
import { fixedStates, NOW } from './states.ts';

export function selfMetrics(options: { processMetrics?: boolean } = {}): SelfMetrics {
  const build = { version: '1.2.3', revision: 'abc', nodeVersion: 'v26.0.0' };
  return new SelfMetrics({ build, shard: '0/1', processMetrics: false, ...options });
}

/** What was counted since the first read of the list, without any item: nothing unless told otherwise. */
export function countedTotals(change: Partial<LifecycleTotals> = {}): Ledger {
  return { ...newLedger(NOW), totals: { ...NO_TOTALS, ...change } };
}

interface Options {
  readonly now?: number;
  readonly skewMs?: number;
  readonly pausedUntil?: number | null;
  readonly format?: Format;
}

/** The series of the given environments, without those of the process. */
export async function expositionOf(states: readonly EnvironmentState[], options: Options = {}): Promise<string> {
  const { now = NOW, skewMs = 0, pausedUntil = null, format = 'prometheus' } = options;
  const self = { write: async () => '' };
  const exposition = new Exposition({
    states: fixedStates(states),
    self,
    clock: { now: () => now },
    skewMs: () => skewMs,
    pausedUntil: () => pausedUntil,
  });
  return Buffer.concat(await exposition.render(format)).toString();
}

/** The samples of one metric, without the two labels of the environment where there is only one. */
export async function samplesOf(
  name: string,
  states: readonly EnvironmentState[],
  options: Options = {},
): Promise<readonly ParsedSample[]> {
  const families = parseExposition(await expositionOf(states, options), options.format ?? 'prometheus');
  return families.find((family) => family.name === name)?.samples ?? [];
}

/** `state="queued" 3`: a sample in short, for comparing. */
export function short({ labels, value, series }: ParsedSample, name: string): string {
  const { environment_id, environment_name, ...own } = labels;
  const pairs = Object.entries(own).map(([label, text]) => `${label}=${text}`);
  return [series.slice(name.length), ...pairs, value].filter((part) => part !== '').join(' ');
}
