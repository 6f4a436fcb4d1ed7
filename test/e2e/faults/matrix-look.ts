import { staleAfterInForceMs } from '../../../src/domain/environment.ts';
import type { EnvironmentState } from '../../../src/state/environment-state.ts';
import { type ParsedSample, parseExposition } from '../../support/exposition-parser.ts';
import type { FaultRig } from './fault-rig.ts';

/** What is shown of one environment at one moment; null where a series is absent. */
export interface Shown {
  readonly up: Readonly<Record<'stats' | 'list', number | null>>;
  readonly depth: number | null;
  readonly age: number | null;
  readonly queued: number | null;
  readonly status: string;
  /** Since the last good read, seconds, and what is allowed. */
  readonly silence: Readonly<Record<'stats' | 'list', { readonly seconds: number; readonly most: number }>>;
}

/** What is wrong with an environment or a connection, found or firing. */
export interface Alert {
  readonly alert: string;
  readonly severity: string;
  readonly state: string;
  readonly connection: string | null;
  readonly environments: readonly string[];
}

interface Answer {
  readonly conditions: readonly Alert[];
  readonly environments: readonly {
    readonly id: string;
    readonly status: string;
    readonly conditions: readonly Alert[];
  }[];
}

/** Samples by metric and environment: hundreds of environments are asked for a number at a time. */
type Scrape = ReadonlyMap<string, readonly ParsedSample[]>;

export class Look {
  readonly #scrape: Scrape;
  readonly #statuses: ReadonlyMap<string, string>;
  readonly #states: ReadonlyMap<string, EnvironmentState>;
  readonly #alerts: readonly Alert[];
  readonly #now: number;

  private constructor({ exporters, clock }: FaultRig, scrape: Scrape, answers: readonly Answer[]) {
    const states = exporters.flatMap(({ app }) => app.states.all());
    this.#states = new Map(states.map((state) => [state.environment.id, state]));
    this.#now = clock.now();
    this.#scrape = scrape;
    const environments = answers.flatMap((one) => one.environments);
    this.#statuses = new Map(environments.map(({ id, status }) => [id, status]));
    this.#alerts = [...answers, ...environments].flatMap(({ conditions }) => conditions);
  }

  static async at(rig: FaultRig): Promise<Look> {
    const all: (readonly [key: string, sample: ParsedSample])[] = [];
    const answers: Answer[] = [];
    for (const running of rig.exporters) {
      for (const { name, samples } of parseExposition(await running.exposition(), 'prometheus')) {
        const short = name.replace('anthropic_work_', '');
        for (const sample of samples) all.push([keyOf(short, sample.labels), sample]);
      }
      answers.push((await (await fetch(`${running.url}/api/v1/environments`)).json()) as Answer);
    }
    const grouped = Map.groupBy(all, ([key]) => key);
    const scrape = new Map([...grouped].map(([key, entries]) => [key, entries.map(([, sample]) => sample)]));
    return new Look(rig, scrape, answers);
  }

  value(name: string, labels: Readonly<Record<string, string>>): number | null {
    const samples = this.#scrape.get(keyOf(name, labels)) ?? [];
    const found = samples.find((one) => Object.entries(labels).every(([label, value]) => one.labels[label] === value));
    return found?.value ?? null;
  }

  /** What is wrong with an environment or its connection, but for what something else explains. */
  alertsOf(id: string, connection: string): readonly Alert[] {
    return this.#alerts.filter(
      (one) =>
        one.state !== 'explained' &&
        (one.connection === null ? one.environments.includes(id) : one.connection === connection),
    );
  }

  of(id: string): Shown {
    const at = { environment_id: id };
    const state = this.#states.get(id)!;
    return {
      up: {
        stats: this.value('up', { ...at, operation: 'stats' }),
        list: this.value('up', { ...at, operation: 'list' }),
      },
      depth: this.value('queue_depth', at),
      age: this.value('queue_oldest_age_seconds', at),
      queued: this.value('items', { ...at, state: 'queued', work_type: 'session' }),
      status: this.#statuses.get(id) ?? 'not watched',
      silence: { stats: this.#silence(state, 'stats'), list: this.#silence(state, 'list') },
    };
  }

  #silence({ environment, operations }: EnvironmentState, operation: 'stats' | 'list') {
    const { lastSuccessAt, scheduledIntervalMs } = operations[operation];
    const seconds = (this.#now - (lastSuccessAt ?? 0)) / 1000;
    return { seconds, most: staleAfterInForceMs(environment.poll, scheduledIntervalMs) / 1000 };
  }
}

function keyOf(name: string, { environment_id: id = '' }: Readonly<Record<string, string>>): string {
  return `${name} ${id}`;
}
