import type { Simulator } from '../../../src/simulator/start-simulator.ts';
import { RunningApp } from '../../app/running-app.ts';
import { type ParsedSample, parseExposition } from '../../support/exposition-parser.ts';
import { simulatedApi } from '../../support/simulated-api.ts';
import type { MatrixCase } from './matrix-cases.ts';

/**
 * Items that wait in each environment at the start. In the first nobody takes them, and more come. A page holds two, so that a
 * list is longer than is read whole.
 */
export const WAITING = 9;
export const REQUESTS_PER_MINUTE = 120;
const PIECE_MS = 200;

export interface MatrixConnection {
  readonly name: string;
  readonly case: MatrixCase;
  readonly simulator: Simulator;
  /** The first is hit by a fault that hits one. */
  readonly environmentIds: readonly [string, string];
}

/** A simulator and a connection for each case, and one exporter that reads them all on one clock. */
export class MatrixRig implements AsyncDisposable {
  readonly running = new RunningApp();
  readonly connections: MatrixConnection[] = [];

  static async start(cases: readonly MatrixCase[]): Promise<MatrixRig> {
    const rig = new MatrixRig();
    for (const [index, one] of cases.entries()) rig.connections.push(await rig.#connect(index, one));
    rig.#enqueue(WAITING);
    rig.running.configure(rig.#configuration());
    await rig.running.serve();
    return rig;
  }

  /** Lets time pass. Sockets live in real time, and get their turn at each step. */
  async pass(seconds: number): Promise<void> {
    const { clock } = this.running;
    const end = clock.monotonic() + seconds * 1000;
    // In pieces, for a wait has a limit in real time.
    while (clock.monotonic() < end) {
      const until = Math.min(end, clock.monotonic() + PIECE_MS);
      await this.running.waitUntil(() => clock.monotonic() >= until);
    }
  }

  begin(): void {
    for (const { case: one, simulator, environmentIds } of this.connections) {
      const scope = one.scope === 'one' ? { environments: [environmentIds[0]] } : {};
      simulator.setFaults([{ ...one.fault, endpoints: [one.operation], ...scope }]);
    }
  }

  /** What a scrape shows now, by metric without the prefix. */
  async scrape(): Promise<ReadonlyMap<string, readonly ParsedSample[]>> {
    const families = parseExposition(await this.running.exposition(), 'prometheus');
    return new Map(families.map(({ name, samples }) => [name.replace('anthropic_work_', ''), samples]));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.running[Symbol.asyncDispose]();
    await Promise.all(this.connections.map(({ simulator }) => simulator.stop()));
  }

  async #connect(index: number, one: MatrixCase): Promise<MatrixConnection> {
    // Those of discovery are found and not configured.
    const prefix = one.operation === 'environments' ? 'found' : 'env';
    const ids = [`${prefix}_${index}_a`, `${prefix}_${index}_b`] as const;
    const simulator = await simulatedApi({
      clock: this.running.clock,
      scenario: 'no-workers',
      seed: index + 1,
      environments: ids.map((id) => ({ id, name: id })),
      switches: { maxPageSize: 2, maxEnvironmentsPageSize: 2, overLimit: 'cap' },
    });
    return { name: `c${index}`, case: one, simulator, environmentIds: ids };
  }

  #enqueue(items: number): void {
    for (const { simulator, environmentIds } of this.connections) {
      for (const id of environmentIds) for (let item = 0; item < items; item++) simulator.enqueue(id);
    }
  }

  #configuration() {
    return {
      connections: Object.fromEntries(
        this.connections.map(({ name, simulator }) => [
          name,
          { base_url: simulator.url, api_key: simulator.apiKey, requests_per_minute: REQUESTS_PER_MINUTE },
        ]),
      ),
      poll: { stats_interval: '20s', list_interval: '40s' },
      discovery: { enabled: true, interval: '30s', include: ['found_*'] },
      environments: this.connections
        .filter(({ case: { operation } }) => operation !== 'environments')
        .flatMap(({ name, simulator }) =>
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
