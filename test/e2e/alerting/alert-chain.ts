import { renderRules } from '../../../src/rules/generated-rules.ts';
import { DEFAULT_RULE_OPTIONS } from '../../../src/rules/parts/options.ts';
import { exampleWith, startAlertmanager } from '../../alerts/alertmanager-process.ts';
import { LivePrometheus, type PromAlert } from '../../support/prometheus.ts';
import { type Notification, Receiver } from './receiver.ts';

/** Addresses of exporters by job: several are replicas of one. */
type Jobs = Readonly<Record<string, readonly string[]>>;

export interface ChainOptions {
  readonly jobs: Jobs;
  /** The names of the jobs, where several Prometheus servers share them, each of which may end by itself. */
  readonly servers?: readonly (readonly string[])[];
  /** How many times faster than real time the exporters live. */
  readonly speed: number;
  readonly clock: { now(): number };
  /** Default: Debian's Prometheus. */
  readonly program?: string;
}

/** Real Prometheus servers with the shipped rules and a real Alertmanager with the shipped routing, as much faster as the exporters. */
export class AlertChain implements AsyncDisposable {
  readonly #resources = new AsyncDisposableStack();
  readonly #receiver: Receiver;
  /** Null where it has ended. */
  readonly #servers: (LivePrometheus | null)[] = [];

  private constructor(receiver: Receiver) {
    this.#receiver = this.#resources.use(receiver);
  }

  static async start({ servers, ...options }: ChainOptions): Promise<AlertChain> {
    const { jobs, clock, speed } = options;
    const chain = new AlertChain(new Receiver(clock));
    const alertmanager = chain.#resources.use(
      await startAlertmanager(await hastenedRouting(await chain.#receiver.listen(), speed)),
    );
    for (const names of servers ?? [Object.keys(jobs)]) {
      const own = Object.fromEntries(names.map((name) => [name, jobs[name]!]));
      chain.#servers.push(chain.#resources.use(await startServer({ ...options, jobs: own }, alertmanager.url)));
    }
    return chain;
  }

  /** Nobody evaluates the rules of a server's jobs any more. What it told last stays as it is. */
  async end(server: number): Promise<void> {
    const ended = this.#servers[server]!;
    this.#servers[server] = null;
    await ended?.[Symbol.asyncDispose]();
  }

  /** What arrived, without the Watchdog. */
  get told(): readonly Notification[] {
    return this.#receiver.told;
  }

  /** What its Prometheus servers say of their alerts now. */
  async alerts(): Promise<readonly PromAlert[]> {
    return (await Promise.all(this.#servers.map(async (server) => (await server?.alerts()) ?? []))).flat();
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

function startServer({ jobs, speed, program }: ChainOptions, alertmanager: string): Promise<LivePrometheus> {
  return LivePrometheus.start({
    ...(program === undefined ? {} : { program }),
    alertmanager,
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
  });
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
