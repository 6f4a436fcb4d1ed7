import { Counter, collectDefaultMetrics, Gauge, Registry } from 'prom-client';
import { systemClock } from '../../base/clock.ts';
import { CATALOGUE, type LabelsOf, SELF_CATALOGUE, type SelfMetricName, type TypeOf } from '../catalogue/catalogue.ts';
import { type Recording, recordTurns, showLag } from './event-loop-lag.ts';
import { KeptGauge } from './kept-gauge.ts';
import { LateHistogram } from './late-histogram.ts';

type NamesOf<T> = { [N in SelfMetricName]: TypeOf<N> extends T ? N : never }[SelfMetricName];
export type SelfGauge = NamesOf<'gauge'>;
export type SelfCounter = NamesOf<'counter'>;
export type SelfHistogram = NamesOf<'histogram'>;
export type SelfLabels<N extends SelfMetricName> = Readonly<Record<LabelsOf<N>, string>>;

/** Gauges that prom-client names like counters: promtool rejects them, and they are sums of series that remain. */
const MISNAMED = ['nodejs_active_handles_total', 'nodejs_active_requests_total', 'nodejs_active_resources_total'];

/**
 * Node 22 ends the process when it is asked for its active handles while one of them has been freed and not yet closed.
 * `nodejs_active_resources` tells the same.
 */
const FATAL = ['nodejs_active_handles'];

/**
 * prom-client samples the delay of the event loop at an interval, which would wake an idle process. It is the longest
 * that Node takes.
 */
const NEVER_MS = 2 ** 31 - 1;

/** One series for each credential, which is one for each environment. */
const PER_CREDENTIAL = [
  'anthropic_work_credential_rejected',
  'anthropic_work_credential_expiry_timestamp_seconds',
] as const satisfies readonly SelfGauge[];

/**
 * prom-client behind the catalogue, which supplies names, types, help and labels. A missing or extra label does not
 * compile (prom-client would silently accept it). Never the global registry.
 */
export class SelfRegistry {
  readonly registry = new Registry();
  /** Gauges that are written without prom-client, in the place that they have in its registry. */
  readonly kept: ReadonlyMap<string, KeptGauge> = new Map(PER_CREDENTIAL.map((name) => [name, new KeptGauge(name)]));
  readonly #gauges = new Map<SelfMetricName, Gauge>();
  readonly #counters = new Map<SelfMetricName, Counter>();
  readonly #histograms = new Map<SelfMetricName, LateHistogram>();
  /** Label sets in use, so that those of something removed can be found. */
  readonly #known = new Map<SelfMetricName, Map<string, Readonly<Record<string, string>>>>();
  #turns: Recording | null = null;

  constructor(options: { readonly processMetrics: boolean }) {
    for (const name of Object.keys(SELF_CATALOGUE) as SelfMetricName[]) this.#register(name);
    if (!options.processMetrics) return;
    collectDefaultMetrics({ register: this.registry, eventLoopMonitoringPrecision: NEVER_MS });
    for (const name of [...MISNAMED, ...FATAL]) this.registry.removeSingleMetric(name);
    // Turns take real time, whatever clock the rest goes by.
    this.#turns = recordTurns();
    showLag(this.registry, this.#turns, systemClock.monotonic);
  }

  /** Ends what it records of the process. */
  stop(): void {
    this.#turns?.stop();
  }

  set<N extends SelfGauge>(name: N, labels: SelfLabels<N>, value: number): void {
    const kept = this.kept.get(name);
    if (kept !== undefined) kept.set(labels, value);
    else this.#gauges.get(name)!.set(this.#remember(name, labels), value);
  }

  /** Adding 0 makes the series exist before it counts. */
  add<N extends SelfCounter>(name: N, labels: SelfLabels<N>, amount: number): void {
    this.#counters.get(name)!.inc(this.#remember(name, labels), amount);
  }

  observe<N extends SelfHistogram>(name: N, labels: SelfLabels<N>, value: number): void {
    this.#histograms.get(name)!.observe(labels, value);
  }

  /** Makes the series of a histogram exist before it counts. */
  zero<N extends SelfHistogram>(name: N, labels: SelfLabels<N>): void {
    this.#histograms.get(name)!.zero(labels);
  }

  /** Removes the series of a gauge or counter whose labels include these; all of them for `{}`. */
  remove<N extends SelfGauge | SelfCounter>(name: N, labels: Partial<SelfLabels<N>>): void {
    this.kept.get(name)?.remove(labels as Readonly<Record<string, string>>);
    const instrument = this.#gauges.get(name) ?? this.#counters.get(name)!;
    const wanted: [string, unknown][] = Object.entries(labels);
    for (const [key, known] of this.#known.get(name) ?? []) {
      if (!wanted.every(([label, value]) => known[label] === value)) continue;
      instrument.remove(known);
      this.#known.get(name)!.delete(key);
    }
  }

  #remember(name: SelfMetricName, labels: Readonly<Record<string, string>>): Record<string, string> {
    const known = this.#known.get(name) ?? new Map<string, Readonly<Record<string, string>>>();
    const key = JSON.stringify(CATALOGUE[name].labels.map((label) => labels[label]));
    if (!known.has(key)) this.#known.set(name, known.set(key, { ...labels }));
    return { ...labels };
  }

  #register(name: SelfMetricName): void {
    const { type, help, labels, buckets = [] } = CATALOGUE[name];
    const common = { name, help, labelNames: [...labels], registers: [this.registry] };
    if (type === 'histogram') {
      this.#histograms.set(name, new LateHistogram({ ...common, buckets: [...buckets] }));
      return;
    }
    if (type === 'counter') {
      this.#counters.set(name, new Counter(common));
      return;
    }
    const gauge = new Gauge(common);
    // prom-client starts an unlabelled gauge at 0; what was never set must be absent.
    if (labels.length === 0) gauge.remove({});
    this.#gauges.set(name, gauge);
  }
}
