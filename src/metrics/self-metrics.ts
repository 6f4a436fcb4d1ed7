import { collectDefaultMetrics, Gauge, Registry } from 'prom-client';
import { type EpochMs, systemClock, whileAlive } from '../base/clock.ts';
import { errorText } from '../base/errors.ts';
import { API_OPERATIONS, type ApiOperation } from '../domain/environment.ts';
import { emptyHistogram, type Histogram, observe } from '../domain/histogram.ts';
import { SELF_CATALOGUE, type SelfMetricName } from './catalogue.ts';
import type { Format } from './format.ts';
import { FLEET_PARTS, UNKNOWN_KINDS } from './process-metrics.ts';
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

/** Everything about the exporter and the API that does not concern one environment. Methods say what happened. */
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
    this.#set('anthropic_work_exporter_build_info', { version, revision, node_version: nodeVersion }, 1);
    this.#set('anthropic_work_exporter_shard_info', { shard }, 1);
    this.#set('anthropic_work_exporter_shards', {}, Number(shard.split('/')[1]));
    const { buckets } = SELF_CATALOGUE.anthropic_work_api_request_duration_seconds;
    for (const operation of API_OPERATIONS)
      this.#put('anthropic_work_api_request_duration_seconds', { operation }, () => emptyHistogram(buckets));
    for (const kind of UNKNOWN_KINDS) this.#add('anthropic_work_api_unknown_values_total', { kind }, 0);
    this.#add('anthropic_work_clamped_negative_durations_total', {}, 0);
    if (processMetrics) this.#stopProcessMetrics = collectProcessMetrics(this.registry);
  }

  /** A request ended, successfully or not; each counts against the budget of its connection. */
  requestEnded(event: {
    readonly connection: string;
    readonly operation: ApiOperation;
    readonly durationSeconds: number;
  }): void {
    const { connection, operation, durationSeconds } = event;
    this.#put('anthropic_work_api_request_duration_seconds', { operation }, (before) =>
      observe(before as Histogram, durationSeconds),
    );
    this.requestSent(connection);
  }

  /** A request was sent and nothing more is known of it: its duration says nothing about the API. */
  requestSent(connection: string): void {
    this.#add('anthropic_work_api_budget_requests_total', { connection }, 1);
  }

  /** Whether the API refuses a key; null: unknown. `credential` is `api_key` or the id of an environment. */
  credentialRejected(connection: string, credential: string, rejected: boolean | null): void {
    this.#set('anthropic_work_credential_rejected', { connection, credential }, rejected);
  }

  /** From `expires` of a key; null: not configured. */
  credentialExpires(connection: string, credential: string, expiresAt: EpochMs | null): void {
    this.#set('anthropic_work_credential_expiry_timestamp_seconds', { connection, credential }, inSeconds(expiresAt));
  }

  unknownValue(kind: (typeof UNKNOWN_KINDS)[number]): void {
    this.#add('anthropic_work_api_unknown_values_total', { kind }, 1);
  }

  negativeDurationsClamped(count = 1): void {
    this.#add('anthropic_work_clamped_negative_durations_total', {}, count);
  }

  /** What this process may send; its counter exists from now on. */
  budgetLimit(connection: string, requestsPerMinute: number): void {
    this.#set('anthropic_work_api_budget_limit_requests_per_minute', { connection }, requestsPerMinute);
    this.#add('anthropic_work_api_budget_requests_total', { connection }, 0);
  }

  /** API clock − own clock; null when unknown. */
  clockSkew(connection: string, skewMs: number | null): void {
    this.#set('anthropic_work_api_clock_skew_seconds', { connection }, inSeconds(skewMs));
  }

  /** Discovery is on, and no attempt has ended yet. */
  discoveryStarted(connection: string): void {
    this.#set('anthropic_work_discovery_up', { connection }, 0);
  }

  discoveryEnded(connection: string, ok: boolean, at: EpochMs): void {
    this.#set('anthropic_work_discovery_up', { connection }, ok);
    if (ok) this.#set('anthropic_work_discovery_last_success_timestamp_seconds', { connection }, at / 1000);
  }

  /** Discovery is off again: its series are removed. */
  discoveryRemoved(connection: string): void {
    this.#set('anthropic_work_discovery_up', { connection }, null);
    this.#set('anthropic_work_discovery_last_success_timestamp_seconds', { connection }, null);
  }

  /** Removes all series of the connection: budget, keys, clock, discovery. */
  connectionRemoved(connection: string): void {
    for (const series of this.#series.values()) {
      for (const [key, { labels }] of series) if (labels.connection === connection) series.delete(key);
    }
  }

  /** Removes the series of a removed environment: its key has two. */
  environmentRemoved(connection: string, environmentId: string): void {
    this.credentialRejected(connection, environmentId, null);
    this.credentialExpires(connection, environmentId, null);
  }

  environments(counts: Readonly<Record<(typeof FLEET_PARTS)[number], number>>): void {
    for (const status of FLEET_PARTS) this.#set('anthropic_work_exporter_environments', { status }, counts[status]);
  }

  /** The configuration was loaded, at start or later; after a failure, hash and time of the one in force stay. */
  configReloaded(result: { readonly ok: true; readonly hash: number; readonly at: EpochMs } | { readonly ok: false }) {
    this.#set('anthropic_work_exporter_config_last_reload_successful', {}, result.ok);
    if (!result.ok) return;
    this.#set('anthropic_work_exporter_config_last_reload_success_timestamp_seconds', {}, result.at / 1000);
    this.#set('anthropic_work_exporter_config_hash', {}, result.hash);
  }

  /** Only called when a state file is configured; null removes the series after a reload without one. */
  stateFile(ok: boolean | null): void {
    this.#set('anthropic_work_state_file_ok', {}, ok);
  }

  /** The text of all of it at `now`, including process metrics. */
  async write(format: Format, now: EpochMs): Promise<string> {
    this.#set('anthropic_work_exporter_time_seconds', {}, now / 1000);
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

  /** Null removes the series: unknown is absent. */
  #set<N extends NamesOf<'gauge'>>(name: N, labels: LabelsOf<N>, value: number | boolean | null): void {
    if (value === null) this.#series.get(name)?.delete(keyOf(name, labels));
    else this.#put(name, labels, () => Number(value));
  }

  /** Adding 0 makes the series exist before it counts. */
  #add<N extends NamesOf<'counter'>>(name: N, labels: LabelsOf<N>, amount: number): void {
    this.#put(name, labels, (before) => ((before as number | undefined) ?? 0) + amount);
  }

  #put(name: SelfMetricName, labels: AnyLabels, next: (before: number | Histogram | undefined) => number | Histogram) {
    const series = this.#series.get(name) ?? new Map<string, { labels: AnyLabels; value: number | Histogram }>();
    const key = keyOf(name, labels);
    this.#series.set(name, series.set(key, { labels, value: next(series.get(key)?.value) }));
  }
}

function keyOf(name: SelfMetricName, labels: AnyLabels): string {
  const names = Object.keys(SELF_CATALOGUE[name].labels);
  return labelText(
    names,
    names.map((label) => labels[label]!),
  );
}

function inSeconds(milliseconds: number | null): number | null {
  return milliseconds === null ? null : milliseconds / 1000;
}

interface ProcessSample {
  readonly value: number;
  /** Of the series of a histogram. */
  readonly metricName?: string;
  readonly labels: Partial<Record<string, string | number>>;
}

function processSample(name: string, { value, metricName = name, labels }: ProcessSample): string {
  const { le, ...own } = labels;
  const bound = le === undefined ? [] : [['le', boundText(Number(`${le}`.replace('+Inf', 'Infinity')))] as const];
  const pairs = [...Object.entries(own), ...bound];
  return sampleText(
    metricName,
    labelText(
      pairs.map(([label]) => label),
      pairs.map(([, text]) => `${text}`),
    ),
    value,
  );
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
/** An hour of looks, if nobody scrapes. */
const MOST_LOOKS = 3600;
/** The longest that Node takes: prom-client's own looks, each 10 ms, are not wanted. */
const NEVER_MS = 2 ** 31 - 1;

/** How late timers were since the last scrape, in seconds and rising order, as numbers of `nodejs_eventloop_lag_*`. */
const LAG_PARTS: Readonly<Record<string, (late: readonly number[]) => number>> = {
  min: (late) => late[0]!,
  max: (late) => late.at(-1)!,
  mean,
  stddev: (late) => Math.sqrt(mean(late.map((one) => (one - mean(late)) ** 2))),
  p50: (late) => late[Math.ceil(late.length * 0.5) - 1]!,
  p90: (late) => late[Math.ceil(late.length * 0.9) - 1]!,
  p99: (late) => late[Math.ceil(late.length * 0.99) - 1]!,
};

function mean(all: readonly number[]): number {
  return all.reduce((sum, one) => sum + one, 0) / all.length;
}

/** @returns ends what is recorded */
function collectProcessMetrics(registry: Registry): () => void {
  collectDefaultMetrics({ register: registry, eventLoopMonitoringPrecision: NEVER_MS });
  for (const name of LEFT_OUT) registry.removeSingleMetric(name);
  const helps = new Map(registry.getMetricsAsArray().map(({ name, help }) => [name, help]));
  let looks: number[] = [];
  let since = systemClock.monotonic();
  const cancel = whileAlive(LAG_INTERVAL_MS, () => {
    const now = systemClock.monotonic();
    looks = [...looks.slice(1 - MOST_LOOKS), Math.max(0, now - since - LAG_INTERVAL_MS) / 1000];
    since = now;
  });
  let late: number[] = [];
  for (const [part, read] of Object.entries(LAG_PARTS)) {
    const name = `nodejs_eventloop_lag_${part}_seconds`;
    registry.removeSingleMetric(name);
    new Gauge({
      name,
      help: helps.get(name)!,
      registers: [registry],
      collect() {
        // The first of them: each scrape shows what came since the one before.
        if (part === 'min') [late, looks] = [looks.toSorted((one, other) => one - other), []];
        if (late.length === 0) this.remove();
        else this.set(read(late));
      },
    });
  }
  return cancel;
}
