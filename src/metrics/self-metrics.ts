import { createHistogram } from 'node:perf_hooks';
import { collectDefaultMetrics, Registry } from 'prom-client';
import { type EpochMs, systemClock, whileAlive } from '../base/clock.ts';
import { errorText } from '../base/errors.ts';
import { API_OPERATIONS, type ApiOperation } from '../domain/environment.ts';
import { emptyHistogram, type Histogram, observe } from '../domain/histogram.ts';
import { SELF_CATALOGUE, type SelfMetricName } from './catalogue.ts';
import type { Format } from './format.ts';
import { UNKNOWN_KINDS } from './process-metrics.ts';
import { boundText, familyText, labelText, sampleText } from './text.ts';

export interface SelfMetricsOptions {
  readonly build: { readonly version: string; readonly revision: string; readonly nodeVersion: string };
  /** `I/N`, counted from 0. */
  readonly shard: string;
  /** False omits `process_*` and `nodejs_*`. */
  readonly processMetrics?: boolean;
  /** Reports a metric of the process that could not be read at one scrape. */
  readonly onCollectFailed?: (failure: { readonly metric: string; readonly error: string }) => void;
}

type LabelsOf<N extends SelfMetricName> = Readonly<Record<keyof (typeof SELF_CATALOGUE)[N]['labels'], string>>;
type NamesOf<T> = {
  [N in SelfMetricName]: (typeof SELF_CATALOGUE)[N]['type'] extends T ? N : never;
}[SelfMetricName];
type AnyLabels = Readonly<Record<string, string>>;
type Value = number | Histogram;

const NAMES = Object.keys(SELF_CATALOGUE) as SelfMetricName[];

/** Everything about the exporter and the API that does not concern one environment: whoever learns a value sets it. */
export class SelfMetrics {
  /** prom-client's registry, of `process_*` and `nodejs_*`. Never the global one. */
  readonly registry = new Registry();
  /** By metric, and by the text of the labels. */
  readonly #series = new Map(NAMES.map((name) => [name, new Map<string, { labels: AnyLabels; value: Value }>()]));
  readonly #onCollectFailed: NonNullable<SelfMetricsOptions['onCollectFailed']>;
  readonly #lag: EventLoopLag | null = null;

  constructor({ build, shard, processMetrics = true, onCollectFailed = () => {} }: SelfMetricsOptions) {
    this.#onCollectFailed = onCollectFailed;
    const { version, revision, nodeVersion } = build;
    this.set('anthropic_work_exporter_build_info', { version, revision, node_version: nodeVersion }, 1);
    this.set('anthropic_work_exporter_shard_info', { shard }, 1);
    this.set('anthropic_work_exporter_shards', {}, Number(shard.split('/')[1]));
    const { buckets } = SELF_CATALOGUE.anthropic_work_api_request_duration_seconds;
    for (const operation of API_OPERATIONS)
      this.#put('anthropic_work_api_request_duration_seconds', { operation }, () => emptyHistogram(buckets));
    for (const kind of UNKNOWN_KINDS) this.add('anthropic_work_api_unknown_values_total', { kind }, 0);
    this.add('anthropic_work_clamped_negative_durations_total', {}, 0);
    if (!processMetrics) return;
    this.#lag = new EventLoopLag();
    collectDefaultMetrics({ register: this.registry, eventLoopMonitoringPrecision: NEVER_MS });
    for (const { name } of this.registry.getMetricsAsArray())
      if (LEFT_OUT.test(name)) this.registry.removeSingleMetric(name);
  }

  /** Null removes the series: unknown is absent. */
  set<N extends NamesOf<'gauge'>>(name: N, labels: LabelsOf<N>, value: number | boolean | null): void {
    if (value === null) this.#series.get(name)!.delete(keyOf(name, labels));
    else this.#put(name, labels, () => Number(value));
  }

  /** Adding 0 makes the series exist before it counts. */
  add<N extends NamesOf<'counter'>>(name: N, labels: LabelsOf<N>, amount = 1): void {
    this.#put(name, labels, (before) => ((before as number | undefined) ?? 0) + amount);
  }

  /** A request has ended, successfully or not. */
  requestEnded(operation: ApiOperation, durationSeconds: number): void {
    this.#put('anthropic_work_api_request_duration_seconds', { operation }, (before) =>
      observe(before as Histogram, durationSeconds),
    );
  }

  /** Removes the series of a connection, or of one of its keys only. */
  remove(connection: string, credential?: string): void {
    for (const series of this.#series.values()) {
      for (const [key, { labels }] of series) {
        if (labels.connection !== connection) continue;
        if (credential === undefined || labels.credential === credential) series.delete(key);
      }
    }
  }

  /** The text of all of it at `now`, including process metrics. */
  async write(format: Format, now: EpochMs): Promise<string> {
    this.set('anthropic_work_exporter_time_seconds', {}, now / 1000);
    const own = Array.from(this.#series, ([name, series]) => {
      const lines = Array.from(series, ([labels, { value }]) => sampleText(name, labels, value));
      return familyText(name, SELF_CATALOGUE[name], lines.join(''), format);
    });
    return own.join('') + (await this.#processText(format)) + (this.#lag?.write(format) ?? '');
  }

  /** Ends what it records of the process. */
  stop(): void {
    this.#lag?.stop();
  }

  /** One metric after the other: one whose collector throws is left out of this scrape, and the others are not. */
  async #processText(format: Format): Promise<string> {
    let text = '';
    for (const { name } of this.registry.getMetricsAsArray()) {
      try {
        const { type, help, values } = await this.registry.getSingleMetric(name)!.get();
        const lines = values.map((sample) => processSample(name, sample));
        text += familyText(name, { type: `${type}`, help }, lines.join(''), format);
      } catch (error) {
        this.#onCollectFailed({ metric: name, error: errorText(error) });
      }
    }
    return text;
  }

  #put(name: SelfMetricName, labels: AnyLabels, next: (before: Value | undefined) => Value): void {
    const series = this.#series.get(name)!;
    const key = keyOf(name, labels);
    series.set(key, { labels, value: next(series.get(key)?.value) });
  }
}

/** The labels as text, in the order of the table. */
function keyOf(name: SelfMetricName, labels: AnyLabels): string {
  const names = Object.keys(SELF_CATALOGUE[name].labels);
  const values = names.map((label) => labels[label]!);
  return labelText(names, values);
}

interface ProcessSample {
  readonly value: number;
  /** Of the series of a histogram. */
  readonly metricName?: string;
  readonly labels: Partial<Record<string, string | number>>;
}

function processSample(name: string, { value, metricName = name, labels }: ProcessSample): string {
  const texts = Object.entries(labels).map(([label, text]) =>
    label === 'le' ? boundText(Number(`${text}`.replace('+Inf', 'Infinity'))) : `${text}`,
  );
  return sampleText(metricName, labelText(Object.keys(labels), texts), value);
}

/**
 * Left out: what prom-client names like counters and is none, and the handles, since Node 22 ends the process when it is
 * asked for them while one has been freed and not yet closed; `nodejs_active_resources` tells the same. `EventLoopLag` has the rest.
 */
const LEFT_OUT = /^nodejs_(?:active_\w+_total|active_handles|eventloop_lag_[a-z0-9]+_seconds)$/;

/** The longest that Node takes: prom-client's own looks at the event loop would wake the process each 10 ms. */
const NEVER_MS = 2 ** 31 - 1;
/** How often it is looked how late the event loop is. */
const LAG_INTERVAL_MS = 1000;

/** How late timers were since the last scrape, under the names of prom-client. */
class EventLoopLag {
  readonly #late = createHistogram();
  #due = systemClock.monotonic() + LAG_INTERVAL_MS;
  readonly stop = whileAlive(LAG_INTERVAL_MS, () => {
    const now = systemClock.monotonic();
    this.#late.record(Math.max(1, Math.round((now - this.#due) * 1e6)));
    this.#due = now + LAG_INTERVAL_MS;
  });

  /** Nothing before the first look. */
  write(format: Format): string {
    const { count, min, max, mean, stddev } = this.#late;
    const [p50, p90, p99] = [50, 90, 99].map((percent) => this.#late.percentile(percent));
    this.#late.reset();
    if (count === 0) return '';
    const families = Object.entries({ min, max, mean, stddev, p50, p90, p99 }).map(([part, nanoseconds]) => {
      const name = `nodejs_eventloop_lag_${part}_seconds`;
      const head = { type: 'gauge', help: `How late timers were since the last scrape: ${part}.` };
      return familyText(name, head, sampleText(name, '', nanoseconds! / 1e9), format);
    });
    return families.join('');
  }
}
