import type { Random } from '../../../src/base/random.ts';
import { ExpositionReader } from '../../../src/conditions/scrape/exposition-reader.ts';
import { LabelSet } from '../../../src/promql/store/label-set.ts';
import { DEFAULT_RULE_OPTIONS } from '../../../src/rules/parts/options.ts';
import { type ScrapedSample, samplesIn } from '../../support/scraped-samples.ts';
import type { StillClock } from '../../support/still-clock.ts';
import { StillExporter } from '../../support/still-exporter.ts';
import type { ExporterPlan, ReplicaPlan } from './random-exporters.ts';

interface Replica {
  readonly plan: ReplicaPlan;
  instance: string;
  startedAt: number;
  /** Null: it does not run. */
  exporter: StillExporter | null;
  reader: ExpositionReader;
}

interface PlayingOptions {
  readonly plan: ExporterPlan;
  readonly still: StillClock;
  readonly configuration: Readonly<Record<string, unknown>>;
  /** Minutes between which none of them runs. */
  readonly gone: readonly { readonly begins: number; readonly ends: number }[];
  readonly random: Random;
  /** What the rules read. */
  readonly names: ReadonlySet<string>;
}

const { job } = DEFAULT_RULE_OPTIONS;
const STRICTER = { queue_age: { warning: '4m', critical: '12m' } };
const BEHIND = { poll: { stats_interval: '3m', list_interval: '4m' } };
const STARTED = 'process_start_time_seconds';

/** The exporters of a world as Prometheus scrapes them, with their restarts and their lost scrapes. */
export class PlayingExporters {
  readonly #options: PlayingOptions;
  readonly #replicas: Replica[];

  constructor(options: PlayingOptions) {
    this.#options = options;
    this.#replicas = options.plan.replicas.map((plan, number) => ({
      ...{ plan, instance: `e${number}`, startedAt: 0, exporter: null },
      reader: this.#reader(`e${number}`),
    }));
  }

  async start(): Promise<void> {
    for (const replica of this.#replicas) await this.#run(replica, 0);
  }

  async stop(): Promise<void> {
    for (const { exporter } of this.#replicas) await exporter?.stop();
  }

  /** Starts and stops what is due before the time up to this minute passes. */
  async advance(minute: number): Promise<void> {
    for (const replica of this.#replicas) {
      const isAway =
        replica.plan.absences.some(({ from, to }) => minute >= from && minute < to) ||
        this.#options.gone.some(({ begins, ends }) => minute >= begins && minute < ends);
      if (isAway && replica.exporter !== null) {
        await replica.exporter.stop();
        replica.exporter = null;
      }
      if (isAway || replica.exporter !== null) continue;
      if (replica.plan.absences.some(({ to, renamed }) => to === minute && renamed)) {
        replica.instance = `${replica.instance}n`;
        replica.reader = this.#reader(replica.instance);
      }
      await this.#run(replica, minute);
    }
  }

  /** All samples of a scrape of all replicas; null: nothing was scraped. */
  async scrape(minute: number): Promise<readonly ScrapedSample[] | null> {
    const { plan, random } = this.#options;
    if (minute % plan.scrapeMinutes !== 0) return null;
    const samples: ScrapedSample[] = [];
    for (const replica of this.#replicas) {
      const { exporter, instance, startedAt } = replica;
      const up = (value: number) => ({ name: 'up', labels: LabelSet.of({ job, instance }), value });
      if (exporter === null || random() < plan.lostShare) {
        samples.push(up(0));
        continue;
      }
      const read = samplesIn(await replica.reader.read(await exporter.render('prometheus')));
      // They all run in this process, which does not restart.
      const own = read.filter(({ name }) => name !== STARTED);
      samples.push(...own, up(1), { name: STARTED, labels: LabelSet.of({ job, instance }), value: startedAt * 60 });
    }
    return samples;
  }

  async #run(replica: Replica, minute: number): Promise<void> {
    const { still, configuration, random } = this.#options;
    const { differs, isBehind } = replica.plan;
    const own = { ...configuration, ...(differs ? { thresholds: STRICTER } : {}), ...(isBehind ? BEHIND : {}) };
    replica.exporter = await StillExporter.prepared(still, own, Math.floor(random() * 1e9));
    replica.startedAt = minute;
    await replica.exporter.start();
  }

  #reader(instance: string): ExpositionReader {
    return new ExpositionReader({ names: this.#options.names, target: { job, instance } });
  }
}
