import type { Simulator } from '../../../src/simulator/start-simulator.ts';
import { RunningApp } from '../../app/running-app.ts';
import { ManualClock, settle } from '../../support/manual-clock.ts';
import { simulatedApi } from '../../support/simulated-api.ts';
import { Traffic } from '../../support/traffic.ts';
import type { MatrixCase, MatrixOperation } from './matrix-cases.ts';

/** Items that wait in every environment all the time. */
export const WAITING = 4;
const STEP_MS = 1000;

export interface FaultRigOptions {
  /** The budget of each connection, if not that of the defaults. */
  readonly requestsPerMinute?: number;
  /** Items a page, by the read that the fault hits; if not all. */
  readonly pageSizes?: Readonly<Record<MatrixOperation, number>>;
}

export interface FaultConnection {
  readonly name: string;
  readonly case: MatrixCase;
  readonly simulator: Simulator;
  /** The exporter that reads it. */
  readonly running: RunningApp;
  /** The first is hit by a fault that hits one. */
  readonly environmentIds: readonly [string, string];
}

/**
 * A simulator and a connection for each case, all on one clock. One exporter reads what is configured, and one what is discovered,
 * so that a discovery does not begin with all the others.
 */
export class FaultRig implements AsyncDisposable {
  /** Answers take no time: when each of them arrives must not depend on how busy the machine is. */
  readonly clock = new ManualClock(Date.now(), () => this.#settle());
  readonly connections: FaultConnection[] = [];
  readonly #options: FaultRigOptions;
  readonly #configured = new RunningApp(null, this.clock);
  readonly #discovering = new RunningApp(null, this.clock);
  /** When requests reached each server, by its port, ms on the clock. */
  readonly #arrivals = new Map<number, number[]>();
  readonly #traffic = new Traffic(
    ({ socket }) => this.#arrivals.get(socket.localPort!)?.push(this.clock.monotonic()) !== undefined,
  );

  private constructor(options: FaultRigOptions) {
    this.#options = options;
  }

  static async start(cases: readonly MatrixCase[], options: FaultRigOptions = {}): Promise<FaultRig> {
    const rig = new FaultRig(options);
    for (const [index, one] of cases.entries()) rig.connections.push(await rig.#connect(index, one));
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
    for (const end = this.clock.monotonic() + seconds * 1000; this.clock.monotonic() < end; ) {
      await this.clock.advance(STEP_MS);
      await this.#traffic.rest();
    }
  }

  async #settle(): Promise<void> {
    await settle();
    await this.#traffic.rest();
  }

  begin(): void {
    for (const { case: one, simulator, environmentIds } of this.connections) {
      const scope = one.scope === 'one' ? { environments: [environmentIds[0]] } : {};
      simulator.setFaults([{ ...one.fault, endpoints: [one.operation], ...scope }]);
    }
  }

  /** The most requests that reached the API of a connection in 60 s, wherever those begin. */
  mostInAMinute({ simulator }: FaultConnection): number {
    return mostWithin(60_000, this.#arrivals.get(portOf(simulator))!);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#traffic[Symbol.dispose]();
    for (const running of this.exporters) await running[Symbol.asyncDispose]();
    await Promise.all(this.connections.map(({ simulator }) => simulator.stop()));
  }

  async #connect(index: number, one: MatrixCase): Promise<FaultConnection> {
    const isFound = one.operation === 'environments';
    const ids = ['a', 'b'].map((letter) => `${isFound ? 'found' : 'env'}_${index}_${letter}`) as [string, string];
    const { pageSizes } = this.#options;
    const simulator = await simulatedApi({
      clock: this.clock,
      scenario: 'idle',
      seed: index + 1,
      environments: ids.map((id) => ({ id, name: id })),
      ...(pageSizes === undefined
        ? {}
        : { switches: { maxPageSize: pageSizes[one.operation], maxEnvironmentsPageSize: 2, overLimit: 'cap' } }),
    });
    this.#arrivals.set(portOf(simulator), []);
    for (const id of ids) for (let item = 0; item < WAITING; item++) simulator.enqueue(id);
    const running = isFound ? this.#discovering : this.#configured;
    return { name: `c${index}`, case: one, simulator, running, environmentIds: ids };
  }

  #configuration(running: RunningApp) {
    const own = this.connections.filter((connection) => connection.running === running);
    const isDiscovering = running === this.#discovering;
    const { requestsPerMinute } = this.#options;
    const budget = requestsPerMinute === undefined ? {} : { requests_per_minute: requestsPerMinute };
    return {
      connections: Object.fromEntries(
        own.map(({ name, simulator }) => [name, { base_url: simulator.url, api_key: simulator.apiKey, ...budget }]),
      ),
      poll: { stats_interval: '1m', list_interval: '1m' },
      discovery: { enabled: isDiscovering, interval: '1m', include: ['found_*'] },
      environments: isDiscovering
        ? []
        : own.flatMap(({ name, simulator }) =>
            simulator.environments.map(({ id, name: shown, environmentKey }) => ({
              id,
              name: shown,
              connection: name,
              environment_key: environmentKey,
            })),
          ),
    };
  }
}

function portOf({ url }: Simulator): number {
  return Number(new URL(url).port);
}

/** The most of these times, in ascending order, that fall into one window, wherever it begins. */
function mostWithin(windowMs: number, times: readonly number[]): number {
  let most = 0;
  for (let first = 0, next = 0; next < times.length; next++) {
    while (times[next]! - times[first]! >= windowMs) first++;
    most = Math.max(most, next - first + 1);
  }
  return most;
}
