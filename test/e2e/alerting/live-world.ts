import type { Fault } from '../../../src/simulator/scenarios/fault.ts';
import type { TestSimulator } from '../../support/simulated-api.ts';
import type { LiveExporter } from './live-exporter.ts';

/** What a scenario can touch: its API with its environments, and the exporter that reads it. */
export class LiveWorld {
  readonly simulator: TestSimulator;
  readonly connection: string;
  readonly environmentIds: readonly string[];
  readonly #environmentKey: string;
  #exporter: LiveExporter | null = null;

  constructor(simulator: TestSimulator, connection: string) {
    this.simulator = simulator;
    this.connection = connection;
    this.environmentIds = simulator.environments.map(({ id }) => id);
    this.#environmentKey = simulator.environments[0]!.environmentKey;
  }

  get exporter(): LiveExporter {
    if (this.#exporter === null) throw new Error('the exporter has not been started yet');
    return this.#exporter;
  }

  watchedBy(exporter: LiveExporter): void {
    this.#exporter = exporter;
  }

  play(scenario: string): void {
    this.simulator.setScenario(scenario);
  }

  /** Takes the place of the faults that were there. */
  fail(...faults: readonly Fault[]): void {
    this.simulator.setFaults(faults);
  }

  enqueue(count: number): void {
    for (let i = 0; i < count; i++) this.simulator.enqueue(this.environmentIds[0]!);
  }

  /** Asks the API about the first environment, as its owner does. */
  async ask(method: 'GET' | 'POST' | 'DELETE', path: string, body: object | null = null): Promise<unknown> {
    const isList = method === 'GET';
    const answer = await fetch(`${this.simulator.url}/v1/environments/${this.environmentIds[0]}${path}`, {
      method,
      headers: {
        ...(isList ? { authorization: `Bearer ${this.#environmentKey}` } : { 'x-api-key': this.simulator.apiKey }),
        'anthropic-version': '2023-06-01',
        'anthropic-beta': 'managed-agents-2026-04-01',
        ...(body === null ? {} : { 'content-type': 'application/json' }),
      },
      body: body === null ? null : JSON.stringify(body),
    });
    // An item that has ended meanwhile is gone, and needs no stop.
    if (answer.status === 404 && path.endsWith('/stop')) return {};
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
    return await answer.json();
  }

  /** Force-stops whatever waits or runs in the first environment. */
  async stopItems(): Promise<void> {
    const { data } = (await this.ask('GET', '/work?limit=1000')) as { data: { id: string; state: string }[] };
    const live = data.filter(({ state }) => state !== 'stopped');
    for (const { id } of live) await this.ask('POST', `/work/${id}/stop`, { force: true });
  }
}
