import type { Registry } from 'prom-client';

/** How often the delay of the event loop is sampled. At prom-client's 10 ms, an idle process would do little else. */
export const LAG_RESOLUTION_MS = 1000;

const LAGS = ['min', 'max', 'mean', 'p50', 'p90', 'p99'].map((part) => `nodejs_eventloop_lag_${part}_seconds`);

interface Readable {
  get(): Promise<{ readonly values: readonly { readonly value: number }[] }>;
}

/**
 * Node's monitor measures the time between two samples; subtracting the sampling interval gives the lag. A value that
 * is impossible, because nothing was sampled since the last scrape, is omitted.
 */
export function subtractLagResolution(registry: Registry): void {
  for (const name of LAGS) {
    const gauge = registry.getSingleMetric(name) as Readable | undefined;
    if (gauge === undefined) continue;
    const get = gauge.get.bind(gauge);
    gauge.get = async () => {
      const { values, ...rest } = await get();
      return { ...rest, values: values.flatMap((one) => lagOf(one)) };
    };
  }
}

/** Without a sample Node reports NaN, 0 or the largest number. */
function lagOf<T extends { readonly value: number }>(one: T): T[] {
  const seconds = one.value - LAG_RESOLUTION_MS / 1000;
  return seconds >= 0 && seconds < LONGEST_SECONDS ? [{ ...one, value: seconds }] : [];
}

const LONGEST_SECONDS = 86_400;
