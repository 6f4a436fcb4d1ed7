import { systemClock } from '../../../src/base/clock.ts';
import type { AlertChain } from './alert-chain.ts';
import type { LiveExporter } from './live-exporter.ts';
import type { ExporterName } from './live-exporters.ts';
import { askPage, type PageSaid, type Phases, toldPhases } from './page-said.ts';

/** Real time between two looks: seldom enough to cost nothing, often enough to meet every `keep_firing_for`. */
const EVERY_MS = 3000;

/** One moment. */
export interface Look {
  /** On the clock of the stage. */
  readonly at: number;
  /** How often the exporter had been started; null when it did not answer. */
  readonly life: number | null;
  readonly said: PageSaid | null;
  /** What each Prometheus says of its alerts. */
  readonly told: readonly Phases[];
}

/** Looks at the page and the JSON of exporters, and at what every Prometheus says of their alerts at the same time. */
export class PageWatch implements AsyncDisposable {
  readonly looks = new Map<ExporterName, Look[]>();
  readonly #clock: { now(): number };
  readonly #chains: readonly AlertChain[];
  readonly #exporters = new Map<ExporterName, LiveExporter>();
  #looking = Promise.resolve();
  #cancel = () => {};
  #stopped = false;

  constructor(clock: { now(): number }, chains: readonly AlertChain[]) {
    this.#clock = clock;
    this.#chains = chains;
  }

  follow(name: ExporterName, exporter: LiveExporter): void {
    this.#exporters.set(name, exporter);
    this.looks.set(name, []);
  }

  /** What was seen of it stays. */
  async unfollow(name: ExporterName): Promise<void> {
    this.#exporters.delete(name);
    await this.#looking;
  }

  start(): void {
    this.#cancel = systemClock.setTimer(EVERY_MS, () => {
      // A Prometheus that does not answer once is no matter; without looks nothing is found to agree.
      this.#looking = this.#look().catch(() => {});
      void this.#looking.then(() => this.#stopped || this.start());
    });
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#cancel();
    await this.#looking;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  async #look(): Promise<void> {
    const at = this.#clock.now();
    const alerts = await Promise.all(this.#chains.map((chain) => chain.alerts()));
    for (const [name, exporter] of this.#exporters) {
      const said = await askPage(exporter.url);
      const told = alerts.map((all) => toldPhases(all.filter(({ labels }) => labels.job === name)));
      this.looks.get(name)!.push({ at, life: said === null ? null : exporter.lives, said, told });
    }
  }
}
