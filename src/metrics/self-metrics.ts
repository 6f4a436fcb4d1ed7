import { createHistogram, type RecordableHistogram } from 'node:perf_hooks';
import { collectDefaultMetrics, Gauge, Registry } from 'prom-client';
import { type EpochMs, systemClock, whileAlive } from '../base/clock.ts';
import { errorText } from '../base/errors.ts';
import { API_OPERATIONS, type ApiOperation } from '../domain/environment.ts';
import { emptyHistogram, type Histogram, observe } from '../domain/histogram.ts';
import { SELF_CATALOGUE, type SelfMetricName } from './catalogue.ts';
import type { Format } from './format.ts';
import { UNKNOWN_KINDS } from './process-metrics.ts';
import { boundText, familyText, labelText, sampleText } from './text.ts';

/** Reports a metric of the process that could not be read at one scrape. */
export type CollectFailed = (failure: { readonly metric: string; readonly error: string }) => void;

export interface SelfMetricsOptions {
  readonly build: { readonly version: string; readonly revision: string; readonly nodeVersion: string };
  /** `I/N`, counted from 0. */
  readonly shard: string;
  /** False omits `process_*` and `nodejs_*`. */
  readonly processMetrics?: boolean;
  readonly onCollectFailed?: CollectFailed;
}

type LabelsOf<N extends SelfMetricName> = Readonly<Record<keyof (typeof SELF_CATALOGUE)[N]['labels'], string>>;
type NamesOf<T> = {
  [N in SelfMetricName]: (typeof SELF_CATALOGUE)[N]['type'] extends T ? N : never;
}[SelfMetricName];
type AnyLabels = Readonly<Record<string, string>>;

/** Everything about the exporter and the API that does not concern one environment: whoever learns a value sets it. */
export class SelfMetrics {
  /** prom-client's registry, of `process_*` and `nodejs_*`. Never the global one. */
  readonly registry = new Registry();
  /** By metric and text of the labels. */
  readonly #series = new Map<SelfMetricName, Map<string, { labels: AnyLabels; value: number | Histogram }>>();
  readonly #onCollectFailed: CollectFailed;
  #stopProcessMetrics = () => {};

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
    if (processMetrics) this.#stopProcessMetrics = collectProcessMetrics(this.registry);
  }

  /** Null removes the series: unknown is absent. */
  set<N extends NamesOf<'gauge'>>(name: N, labels: LabelsOf<N>, value: number | boolean | null): void {
    if (value === null) this.#series.get(name)?.delete(keyOf(name, labels));
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
    const own = (Object.keys(SELF_CATALOGUE) as SelfMetricName[]).map((name) => {
      const lines = [...(this.#series.get(name) ?? [])].map(([labels, { value }]) => sampleText(name, labels, value));
      return familyText(name, SELF_CATALOGUE[name], lines.join(''), format);
    });
    return own.join('') + (await this.#processText(format));
  }

  /** Ends what it records of the process. */
  stop(): void {
    this.#stopProcessMetrics();
  }

  /** One metric after the other: one whose collector throws is left out of this scrape, and the others are not. */
  async #processText(format: Format): Promise<string> {
    let text = '';
    for (const { name } of this.registry.getMetricsAsArray()) {
      try {
        const { type, help, values } = await this.registry.getSingleMetric(name)!.get();
        const lines = values.map((sample) => processSample(name, sample));
        text += familyText(name, { type: `${type}` as 'gauge', help }, lines.join(''), format);
      } catch (error) {
        this.#onCollectFailed({ metric: name, error: errorText(error) });
      }
    }
    return text;
  }

  #put(name: SelfMetricName, labels: AnyLabels, next: (before: number | Histogram | undefined) => number | Histogram) {
    const series = this.#series.get(name) ?? new Map<string, { labels: AnyLabels; value: number | Histogram }>();
    const key = keyOf(name, labels);
    this.#series.set(name, series.set(key, { labels, value: next(series.get(key)?.value) }));
  }
}

/** The labels as text, in the order of the table. */
function keyOf(name: SelfMetricName, labels: AnyLabels): string {
  const names = Object.keys(SELF_CATALOGUE[name].labels);
  return labelText(
    names,
    names.map((label) => labels[label]!),
  );
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
 * asked for them while one has been freed and not yet closed; `nodejs_active_resources` tells the same.
 */
const LEFT_OUT = [
  'nodejs_active_handles_total',
  'nodejs_active_requests_total',
  'nodejs_active_resources_total',
  'nodejs_active_handles',
];

/** How often it is looked how late the event loop is. Each look wakes the process. */
const LAG_INTERVAL_MS = 1000;
/** The longest that Node takes: prom-client's own looks, each 10 ms, are not wanted. */
const NEVER_MS = 2 ** 31 - 1;

/** @returns ends what is recorded */
function collectProcessMetrics(registry: Registry): () => void {
  collectDefaultMetrics({ register: registry, eventLoopMonitoringPrecision: NEVER_MS });
  for (const name of LEFT_OUT) registry.removeSingleMetric(name);
  const helps = new Map(registry.getMetricsAsArray().map(({ name, help }) => [name, help]));
  // How late timers were since the last scrape, in nanoseconds.
  const late = createHistogram();
  let since = systemClock.monotonic();
  const cancel = whileAlive(LAG_INTERVAL_MS, () => {
    const now = systemClock.monotonic();
    late.record(Math.max(1, Math.round((now - since - LAG_INTERVAL_MS) * 1e6)));
    since = now;
  });
  let shown: Partial<Record<string, number>> = {};
  for (const part of LAG_PARTS) {
    const name = `nodejs_eventloop_lag_${part}_seconds`;
    registry.removeSingleMetric(name);
    new Gauge({
      name,
      help: helps.get(name)!,
      registers: [registry],
      collect() {
        // The first of them: each scrape shows what came since the one before.
        if (part === LAG_PARTS[0]) {
          shown = partsOf(late);
          late.reset();
        }
        const nanoseconds = shown[part];
        if (nanoseconds === undefined) this.remove();
        else this.set(nanoseconds / 1e9);
      },
    });
  }
  return cancel;
}

const LAG_PARTS = ['min', 'max', 'mean', 'stddev', 'p50', 'p90', 'p99'] as const;

function partsOf(late: RecordableHistogram): Partial<Record<(typeof LAG_PARTS)[number], number>> {
  if (late.count === 0) return {};
  const { min, max, mean, stddev } = late;
  return { min, max, mean, stddev, p50: late.percentile(50), p90: late.percentile(90), p99: late.percentile(99) };
}
