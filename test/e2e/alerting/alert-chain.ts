import { renderRules } from '../../../src/rules/generated-rules.ts';
import { DEFAULT_RULE_OPTIONS } from '../../../src/rules/parts/options.ts';
import { exampleWith, startAlertmanager } from '../../alerts/alertmanager-process.ts';
import { LivePrometheus, type PromAlert } from '../../support/prometheus.ts';
import { type Notification, Receiver } from './receiver.ts';

export interface ChainOptions {
  /** Addresses of the exporters by job: several are replicas of one. */
  readonly jobs: Readonly<Record<string, readonly string[]>>;
  /** How many times faster than real time the exporters live. */
  readonly speed: number;
  readonly clock: { now(): number };
  /** Default: Debian's Prometheus. */
  readonly program?: string;
}

/** A real Prometheus with the shipped rules and a real Alertmanager with the shipped routing, as much faster as the exporters. */
export class AlertChain implements AsyncDisposable {
  readonly #resources = new AsyncDisposableStack();
  readonly #receiver: Receiver;
  #prometheus: LivePrometheus | null = null;

  private constructor(receiver: Receiver) {
    this.#receiver = this.#resources.use(receiver);
  }

  static async start({ jobs, speed, clock, program }: ChainOptions): Promise<AlertChain> {
    const chain = new AlertChain(new Receiver(clock));
    const alertmanager = chain.#resources.use(
      await startAlertmanager(await hastenedRouting(await chain.#receiver.listen(), speed)),
    );
    chain.#prometheus = chain.#resources.use(
      await LivePrometheus.start({
        ...(program === undefined ? {} : { program }),
        alertmanager: alertmanager.url,
        interval: hastened(30, speed),
        rules: Object.fromEntries(
          Object.keys(jobs).map((job) => [
            `${job}.yaml`,
            renderRules('prometheus', { ...DEFAULT_RULE_OPTIONS, job, timeScale: 1 / speed }),
          ]),
        ),
        scrapeConfigs: Object.entries(jobs).map(([job, urls]) => ({
          job_name: job,
          static_configs: [{ targets: urls.map((url) => new URL(url).host) }],
        })),
      }),
    );
    return chain;
  }

  /** What arrived, without the Watchdog. */
  get told(): readonly Notification[] {
    return this.#receiver.told;
  }

  /** What its Prometheus says of its alerts now. */
  async alerts(): Promise<readonly PromAlert[]> {
    return (await this.#prometheus?.alerts()) ?? [];
  }

  /** How often the dead man's switch heard of a job. */
  watchdogs(job: string): number {
    return this.#receiver.received.filter(({ receiver, group }) => receiver === 'dead-mans-switch' && group.job === job)
      .length;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#resources.disposeAsync();
  }
}

function hastened(seconds: number, speed: number): string {
  return `${Math.round((seconds * 1000) / speed)}ms`;
}

/** The example as shipped, with its waits hastened and every receiver at one address. */
function hastenedRouting(webhook: string, speed: number): Promise<string> {
  const faster = (node: Record<string, unknown>) => {
    for (const [key, value] of Object.entries(node)) {
      const [, count, unit] = /^(\d+)([smh])$/.exec(String(value)) ?? [];
      if (count !== undefined) node[key] = hastened(Number(count) * { s: 1, m: 60, h: 3600 }[unit as 's'], speed);
    }
  };
  return exampleWith(({ route, receivers }) => {
    for (const node of [route, ...route.routes]) faster(node);
    for (const { webhook_configs: hooks = [] } of receivers) for (const hook of hooks) hook.url = webhook;
  });
}
