import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { IncomingMessage } from 'node:http';
import type { Random } from '../../../src/base/random.ts';
import type { Fault } from '../../../src/simulator/faults.ts';
import { scenarioSchema } from '../../../src/simulator/scenario-schema.ts';
import { scriptOf } from '../../../src/simulator/script.ts';
import { call } from '../../simulator/support/simulators.ts';
import { simulatedApi, type TestSimulator } from '../../support/simulated-api.ts';
import { COUNTED, type Sample } from './judge.ts';

/** Items that are there before the first start: they wait all the time, so that no zero is true, and do not count as created. */
const BEFORE = 3;
const WORK = '/v1/environments/{id}/work';

/** The API of a soak: one environment, its workers, and what is true of it. */
export class SoakedApi implements AsyncDisposable {
  readonly simulator: TestSimulator;
  readonly #counted: Sample['truth']['counted'];
  readonly #requests: { at: number; life: number }[] = [];
  readonly #answered = { stats: { count: 0, at: 0 }, list: { count: 0, at: 0 } };
  /** Sessions whose item was stopped. */
  readonly #ended: string[] = [];
  /** Which process of the exporter is running. */
  life = -1;

  private constructor(simulator: TestSimulator) {
    this.simulator = simulator;
    this.enqueue(BEFORE);
    this.#counted = simulator.truth().environments[this.environment.id]!.totals;
    subscribe('http.server.request.start', this.#arrived);
  }

  /** `history`: sessions that ended long ago and are still listed, in pages of a hundred. */
  static async start({ seed, history }: { seed: number; history: number }): Promise<SoakedApi> {
    const file = scenarioSchema.parse({
      warm_up: '0s',
      environments: [{ name: 'prod', workers: 0, arrivals: 0, history }],
      api: { max_page_size: 100 },
    });
    return new SoakedApi(await simulatedApi({ scenario: scriptOf(file, { name: 'soak' }), seed }));
  }

  get environment() {
    return this.simulator.environments[0]!;
  }

  get requests(): readonly { readonly at: number; readonly life: number }[] {
    return this.#requests;
  }

  enqueue(count: number): void {
    for (let n = 0; n < count; n++) this.simulator.enqueue(this.environment.id);
  }

  /** A worker serves the item that has waited longest; some always wait. */
  async work(): Promise<void> {
    if (this.look().truth.waiting <= BEFORE) return;
    const { id, environmentKey } = this.environment;
    const path = WORK.replace('{id}', id);
    const headers = { 'anthropic-worker-id': 'worker' };
    const { body } = await call(this.simulator, environmentKey, `${path}/poll`, { headers });
    const item = body as { readonly id: string; readonly data: { readonly id: string } };
    await call(this.simulator, environmentKey, `${path}/${item.id}/ack`, { method: 'POST' });
    await call(this.simulator, environmentKey, `${path}/${item.id}/stop`, { method: 'POST', body: { force: true } });
    this.#ended.push(item.data.id);
  }

  /** A session whose item was stopped, perhaps long ago, gets new work. */
  async wake(random: Random): Promise<void> {
    const [session] = this.#ended.splice(Math.floor(random() * this.#ended.length), 1);
    if (session === undefined) return;
    await call(this.simulator, this.simulator.apiKey, `/v1/sessions/${session}/events`, {
      method: 'POST',
      body: { events: [{ type: 'user.message', content: [] }] },
    });
  }

  /** The faults of the reads of work; none by default. */
  fail(...faults: readonly Fault[]): void {
    this.simulator.setFaults(faults.map((fault) => ({ ...fault, endpoints: ['stats', 'list', 'retrieve'] })));
  }

  /** What is true now, and when the API last answered each kind of read. */
  look(): Pick<Sample, 'truth' | 'answeredAt'> & { readonly oldestAge: number } {
    const { environments, now } = this.simulator.truth();
    const { totals, depth, pending, requests, oldest_queued_at: oldest } = environments[this.environment.id]!;
    // A read of the list ends with single items.
    const requestsOf = { stats: [requests.stats], list: [requests.list, requests.retrieve] };
    for (const read of ['stats', 'list'] as const) {
      const count = requestsOf[read].reduce(
        (sum, answers) => sum + (answers?.['200'] ?? 0) + (answers?.['404'] ?? 0),
        0,
      );
      if (count > this.#answered[read].count) this.#answered[read] = { count, at: performance.now() };
    }
    const counted = Object.fromEntries(COUNTED.map((name) => [name, totals[name] - this.#counted[name]]));
    return {
      truth: { waiting: depth + pending, counted: counted as Sample['truth']['counted'] },
      answeredAt: { stats: this.#answered.stats.at, list: this.#answered.list.at },
      oldestAge: (Date.parse(now) - Date.parse(oldest ?? now)) / 1000,
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    unsubscribe('http.server.request.start', this.#arrived);
    await this.simulator[Symbol.asyncDispose]();
  }

  readonly #arrived = (message: unknown): void => {
    const { request } = message as { readonly request: IncomingMessage };
    if (request.socket.localPort !== Number(new URL(this.simulator.url).port)) return;
    if (!request.headers['user-agent']?.startsWith('anthropic-work-exporter/')) return;
    this.#requests.push({ at: performance.now(), life: this.life });
  };
}
