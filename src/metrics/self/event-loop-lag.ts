import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { Gauge, Registry } from 'prom-client';

/** In nanoseconds, what Node's monitor recorded since the last `reset`. */
export interface Recorded {
  readonly count: number;
  /** By percentage, in rising order, up to 100. */
  readonly percentiles: ReadonlyMap<number, number>;
  reset(): void;
}

/** Records until it is stopped. */
export interface Recording extends Recorded {
  stop(): void;
}

/** How late work starts that becomes due at a random moment, seconds. */
export interface Lag {
  readonly mean: number;
  readonly stddev: number;
  readonly max: number;
  /** The lag that only this part of all moments exceeds. */
  exceededBy(part: number): number;
}

interface Readable {
  get(): Promise<{ readonly values: readonly { readonly value: number; readonly labels: object }[] }>;
}

const VALUES: Readonly<Record<string, (lag: Lag) => number>> = {
  min: () => 0,
  max: ({ max }) => max,
  mean: ({ mean }) => mean,
  stddev: ({ stddev }) => stddev,
  p50: (lag) => lag.exceededBy(0.5),
  p90: (lag) => lag.exceededBy(0.1),
  p99: (lag) => lag.exceededBy(0.01),
};

/** Where Node records no turns, as before 26, the delay of the loop is sampled this often; it wakes the process. */
const SAMPLE_MS = 1000;

/**
 * Each turn of the event loop, from when the process stops waiting until it waits again. Nothing wakes the process for
 * it, unlike for samples at intervals, and no long turn goes unnoticed. Until it is stopped, each turn pays for it.
 */
export function recordTurns(): Recording {
  const monitor = monitorEventLoopDelay({ samplePerIteration: true, resolution: SAMPLE_MS });
  monitor.enable();
  const recorded = recordsTurns() ? monitor : withoutInterval(monitor);
  return Object.assign(recorded, { stop: () => void monitor.disable() });
}

/** A Node that knows the option rejects this value. */
function recordsTurns(): boolean {
  try {
    monitorEventLoopDelay({ samplePerIteration: 'unknown' as never });
    return false;
  } catch {
    return true;
  }
}

/**
 * A sample is the time since the previous one: what exceeds the interval is the rest of the turn that delayed it.
 */
export function withoutInterval(samples: Recorded): Recorded {
  return {
    get count() {
      return samples.count;
    },
    get percentiles() {
      const late = ([percentage, nanoseconds]: [number, number]) =>
        [percentage, Math.max(0, nanoseconds - SAMPLE_MS * 1e6)] as const;
      return new Map([...samples.percentiles].map(late));
    },
    reset: () => samples.reset(),
  };
}

/**
 * Work that becomes due during a turn waits for its end, so turns are weighted by their length. One turn of five
 * seconds among thousands of short ones is then as visible as with samples every second.
 */
export function lagOf({ count, percentiles }: Pick<Recorded, 'count' | 'percentiles'>, passedMs: number): Lag {
  // The longest first. Percentiles are some way apart, and turns between two of them count as the longer one.
  const turns: { readonly seconds: number; readonly count: number }[] = [];
  let below = 0;
  for (const [percentage, nanoseconds] of percentiles) {
    turns.unshift({ seconds: nanoseconds / 1e9, count: (count * (percentage - below)) / 100 });
    below = percentage;
  }
  const passed = Math.max(1, passedMs) / 1000;
  const moment = (power: number) =>
    turns.reduce((sum, turn) => sum + turn.count * turn.seconds ** (power + 1), 0) / (power + 1) / passed;
  const mean = moment(1);
  return {
    mean,
    stddev: Math.sqrt(Math.max(0, moment(2) - mean ** 2)),
    max: turns[0]?.seconds ?? 0,
    exceededBy(part) {
      let [longer, seconds] = [0, 0];
      for (const [index, turn] of turns.entries()) {
        longer += turn.count;
        seconds += turn.count * turn.seconds;
        const lag = (seconds - part * passed) / longer;
        if (lag >= (turns[index + 1]?.seconds ?? 0)) return lag;
      }
      return 0;
    },
  };
}

/**
 * Shows the lag since the last scrape in the gauges of prom-client. Its own monitor, which samples at intervals, is never read,
 * so its histogram never takes up memory.
 */
export function showLag(registry: Registry, recorded: Recorded, nowMs: () => number): void {
  let since = nowMs();
  let lag: Lag | null = null;
  // The first of these gauges in the registry, so its collector runs before the others are read.
  const now = registry.getSingleMetric('nodejs_eventloop_lag_seconds') as Gauge & { collect: () => void };
  now.collect = () => {
    const asked = nowMs();
    lag = recorded.count === 0 ? null : lagOf(recorded, asked - since);
    since = asked;
    recorded.reset();
    setImmediate(() => now.set((nowMs() - asked) / 1000));
  };
  for (const [part, shown] of Object.entries(VALUES)) {
    const gauge = registry.getSingleMetric(`nodejs_eventloop_lag_${part}_seconds`) as Readable;
    const get = gauge.get.bind(gauge);
    gauge.get = async () => ({ ...(await get()), values: lag === null ? [] : [{ value: shown(lag), labels: {} }] });
  }
}
