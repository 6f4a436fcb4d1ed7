import { staleAfterInForceMs } from '../../../src/domain/environment.ts';
import type { Simulator } from '../../../src/simulator/start-simulator.ts';
import type { EnvironmentState } from '../../../src/state/environment-state.ts';
import { RunningApp } from '../../app/running-app.ts';
import { type ParsedSample, parseExposition } from '../../support/exposition-parser.ts';
import { ManualClock } from '../../support/manual-clock.ts';
import { simulatedApi } from '../../support/simulated-api.ts';
import { arrivals, rest } from '../../support/under-way.ts';
import type { MatrixCase } from './faults.ts';

/** Items that wait in every environment all the time. */
export const WAITING = 4;
/** Enough for the schedule, and too few for lists without end. */
export const REQUESTS_PER_MINUTE = 24;
/** Of the two ways to read a list: whole, or where new items come and then the others by their ids. */
const PAGE_SIZES = { stats: WAITING, environments: WAITING, list: 1, retrieve: 1 };

export interface FaultConnection {
  readonly name: string;
  readonly case: MatrixCase;
  readonly simulator: Simulator;
  /** The exporter that reads it. */
  readonly running: RunningApp;
  /** The first is hit by a fault that hits one. */
  readonly environmentIds: readonly [string, string];
  /** When requests reached the API, ms on the clock. */
  readonly arrivals: number[];
}

/**
 * A simulator and a connection for each case, all on one clock. One exporter reads what is configured, and one what is discovered,
 * so that a discovery does not begin with all the others.
 */
export class FaultRig implements AsyncDisposable {
  /** Answers take no time: when each of them arrives must not depend on how busy the machine is. */
  readonly clock = new ManualClock(Date.now(), () => rest({ held: () => this.#atServers }));
  readonly connections: FaultConnection[] = [];
  readonly #configured = new RunningApp(null, this.clock);
  readonly #discovering = new RunningApp(null, this.clock);
  readonly #byPort = new Map<number, FaultConnection>();
  /** Requests that have arrived and have no end yet: what a server holds back on purpose. */
  #atServers = 0;
  readonly #arrivals = arrivals(({ socket }, response) => {
    const connection = this.#byPort.get(socket.localPort!);
    if (connection === undefined) return;
    connection.arrivals.push(this.clock.monotonic());
    this.#atServers++;
    response.once('close', () => this.#atServers--);
  });

  static async start(cases: readonly MatrixCase[]): Promise<FaultRig> {
    const rig = new FaultRig();
    for (const [index, one] of cases.entries()) await rig.#connect(index, one);
    for (const running of rig.exporters) {
      running.configure(rig.#configuration(running));
      await running.serve();
      running.app.watchConditions();
    }
    return rig;
  }

  get exporters(): readonly RunningApp[] {
    return [this.#configured, this.#discovering];
  }

  /** Lets time pass, and every answer arrive that is not held back. */
  async pass(seconds: number): Promise<void> {
    for (let second = 0; second < seconds; second++) await this.clock.advance(1000);
  }

  begin(): void {
    for (const { case: one, simulator, environmentIds } of this.connections) {
      const scope = one.scope === 'one' ? { environments: [environmentIds[0]] } : {};
      simulator.setFaults([{ ...one.fault, endpoints: [one.operation], ...scope }]);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#arrivals[Symbol.dispose]();
    for (const running of this.exporters) await running[Symbol.asyncDispose]();
    await Promise.all(this.connections.map(({ simulator }) => simulator.stop()));
  }

  async #connect(index: number, one: MatrixCase): Promise<void> {
    const isFound = one.operation === 'environments';
    const ids = ['a', 'b'].map((letter) => `${isFound ? 'found' : 'env'}_${index}_${letter}`) as [string, string];
    const simulator = await simulatedApi({
      clock: this.clock,
      scenario: 'idle',
      seed: index + 1,
      environments: ids.map((id) => ({ id, name: id })),
      switches: { maxPageSize: PAGE_SIZES[one.operation], maxEnvironmentsPageSize: 2, overLimit: 'cap' },
    });
    for (const id of ids) for (let item = 0; item < WAITING; item++) simulator.enqueue(id);
    const running = isFound ? this.#discovering : this.#configured;
    const connection = { name: `c${index}`, case: one, simulator, running, environmentIds: ids, arrivals: [] };
    this.connections.push(connection);
    this.#byPort.set(Number(new URL(simulator.url).port), connection);
  }

  #configuration(running: RunningApp) {
    const own = this.connections.filter((connection) => connection.running === running);
    const isDiscovering = running === this.#discovering;
    const listed = own.flatMap(({ name, simulator }) =>
      simulator.environments.map((environment) => ({
        id: environment.id,
        name: environment.name,
        connection: name,
        environment_key: environment.environmentKey,
      })),
    );
    return {
      connections: Object.fromEntries(
        own.map(({ name, simulator: { url, apiKey } }) => [
          name,
          { base_url: url, api_key: apiKey, requests_per_minute: REQUESTS_PER_MINUTE },
        ]),
      ),
      poll: { stats_interval: '1m', list_interval: '1m' },
      discovery: { enabled: isDiscovering, interval: '1m', include: ['found_*'] },
      environments: isDiscovering ? [] : listed,
    };
  }
}

/** The most requests that reached the API of a connection in 60 s, wherever those begin. */
export function mostInAMinute({ arrivals }: FaultConnection): number {
  return Math.max(0, ...arrivals.map((from) => arrivals.filter((at) => at >= from && at < from + 60_000).length));
}

/** What is shown of one environment at one moment; null where a series is absent. */
export interface Shown {
  readonly up: Readonly<Record<'stats' | 'list', number | null>>;
  readonly depth: number | null;
  readonly age: number | null;
  readonly queued: number | null;
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
  readonly environments: readonly { readonly conditions: readonly Alert[] }[];
}

/** All that the exporters show at one moment. */
export class Look {
  /** Samples by metric and environment: hundreds of environments are asked for a number at a time. */
  readonly #scrape: ReadonlyMap<string, readonly ParsedSample[]>;
  readonly #states: ReadonlyMap<string, EnvironmentState>;
  readonly #alerts: readonly Alert[];
  readonly #now: number;

  private constructor({ exporters, clock }: FaultRig, samples: readonly ParsedSample[], answers: readonly Answer[]) {
    const states = exporters.flatMap(({ app }) => app.states.all());
    this.#states = new Map(states.map((state) => [state.environment.id, state]));
    this.#now = clock.now();
    this.#scrape = Map.groupBy(samples, ({ series, labels }) => `${series} ${labels.environment_id}`);
    this.#alerts = answers.flatMap((one) => [one, ...one.environments]).flatMap(({ conditions }) => conditions);
  }

  static async at(rig: FaultRig): Promise<Look> {
    const samples: ParsedSample[] = [];
    const answers: Answer[] = [];
    for (const running of rig.exporters) {
      samples.push(...parseExposition(await running.exposition(), 'prometheus').flatMap((family) => family.samples));
      answers.push((await (await fetch(`${running.url}/api/v1/environments`)).json()) as Answer);
    }
    return new Look(rig, samples, answers);
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
    const value = (name: string, own: Readonly<Record<string, string>> = {}) => {
      const samples = this.#scrape.get(`anthropic_work_${name} ${id}`) ?? [];
      const isWanted = ({ labels }: ParsedSample) => Object.entries(own).every(([label, one]) => labels[label] === one);
      return samples.find(isWanted)?.value ?? null;
    };
    return {
      up: { stats: value('up', { operation: 'stats' }), list: value('up', { operation: 'list' }) },
      depth: value('queue_depth'),
      age: value('queue_oldest_age_seconds'),
      queued: value('items', { state: 'queued', work_type: 'session' }),
      silence: { stats: this.#silence(id, 'stats'), list: this.#silence(id, 'list') },
    };
  }

  #silence(id: string, operation: 'stats' | 'list') {
    const { environment, operations } = this.#states.get(id)!;
    const { lastSuccessAt, scheduledIntervalMs } = operations[operation];
    const seconds = (this.#now - (lastSuccessAt ?? 0)) / 1000;
    return { seconds, most: staleAfterInForceMs(environment.poll, scheduledIntervalMs) / 1000 };
  }
}
