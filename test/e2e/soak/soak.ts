import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Random, seededRandom } from '../../../src/base/random.ts';
import type { Fault } from '../../../src/simulator/scenarios/fault.ts';
import { parseExposition } from '../../support/exposition-parser.ts';
import { startCommand, type TestProcess } from '../../support/processes.ts';
import { keysOf, QUICK, simulatedApi, type TestSimulator } from '../../support/simulated-api.ts';
import { waitUntil } from '../../support/wait-until.ts';
import type { Limits, Sample, Watched } from './judge.ts';

const STALE_AFTER_MS = 60_000;
const REQUESTS_PER_MINUTE = 30;
/** Items that are there before the first start: they wait all the time, so that no zero is true, and do not count as created. */
const BEFORE = 3;
/** Real time; a step takes a few polls. */
const LONGEST_STEP_MS = 240_000;
/** Each ends after two hits, so that a backoff stays short. */
const FAULTS: readonly Omit<Fault, 'count' | 'endpoints'>[] = [
  { kind: 'reset' },
  { kind: 'truncate' },
  { kind: 'garbage' },
  { kind: 'status', status: 500 } as Fault,
  { kind: 'no_oldest' },
  { kind: 'empty_page' },
  { kind: 'more_without_cursor' },
  { kind: 'cached', ageSeconds: 3600 } as Fault,
  { kind: 'interim' },
];

/** An exporter process that is disturbed at random, step after step, while everything about it is written down for the judge. */
export class Soak implements AsyncDisposable {
  readonly limits: Limits;
  readonly #api: TestSimulator;
  readonly #random: Random;
  readonly #folder = mkdtempSync(join(tmpdir(), 'soak-'));
  readonly #samples: Sample[] = [];
  readonly #requests: { at: number; life: number }[] = [];
  readonly #answered = { stats: { count: 0, at: 0 }, list: { count: 0, at: 0 } };
  #life = -1;
  #process!: TestProcess;
  #url = '';
  #logged = 0;

  private constructor(api: TestSimulator, seed: number) {
    this.#api = api;
    this.#random = seededRandom(seed);
    this.limits = {
      staleAfterMs: { stats: STALE_AFTER_MS, list: STALE_AFTER_MS },
      requestsPerMinute: REQUESTS_PER_MINUTE,
      keys: keysOf(api),
    };
    subscribe('http.server.request.start', this.#arrived);
  }

  static async start(seed: number): Promise<Soak> {
    const soak = new Soak(await simulatedApi({ scenario: 'idle', environments: 1, seed }), seed);
    soak.#enqueue(BEFORE);
    soak.#writeKey(soak.#environment.environmentKey);
    soak.#configure(0);
    try {
      await soak.#begin();
      return soak;
    } catch (error) {
      // Nobody has it yet who would end it.
      await soak[Symbol.asyncDispose]();
      throw error;
    }
  }

  get watched(): Watched {
    return { samples: this.#samples, requests: this.#requests };
  }

  /** One disturbance, and then waiting until the exporter knows the truth again. */
  async step(what: 'fault' | 'reload' | 'rotate' | 'kill'): Promise<void> {
    this.#enqueue(1 + Math.floor(this.#random() * 3));
    if (what === 'fault') {
      const fault = FAULTS[Math.floor(this.#random() * FAULTS.length)]!;
      this.#api.setFaults([{ ...fault, endpoints: ['stats', 'list'], count: 2 } as Fault]);
    } else if (what === 'reload') {
      this.#configure(this.#samples.length);
      await this.#reload();
    } else if (what === 'rotate') {
      // A key that the API does not know, and the good one again.
      this.#writeKey('sk-ant-oat01-ROTATEDrotated');
      await this.#reload();
      this.#writeKey(this.#environment.environmentKey);
      await this.#reload();
    } else {
      this.#process.kill('SIGKILL');
      await this.#process.exit;
      this.#enqueue(1);
      await this.#begin();
    }
    await this.#settled();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    unsubscribe('http.server.request.start', this.#arrived);
    await this.#process[Symbol.asyncDispose]();
    await this.#api[Symbol.asyncDispose]();
    rmSync(this.#folder, { recursive: true });
  }

  get #environment() {
    return this.#api.environments[0]!;
  }

  readonly #arrived = (message: unknown): void => {
    const { request } = message as { readonly request: IncomingMessage };
    if (request.socket.localPort !== Number(new URL(this.#api.url).port)) return;
    this.#requests.push({ at: performance.now(), life: this.#life });
  };

  #enqueue(count: number): void {
    for (let n = 0; n < count; n++) this.#api.enqueue(this.#environment.id);
  }

  #writeKey(key: string): void {
    writeFileSync(join(this.#folder, 'key'), key);
  }

  /** The number makes it another configuration. */
  #configure(number: number): void {
    const { id, name } = this.#environment;
    const settings = {
      api: { base_url: this.#api.url, requests_per_minute: REQUESTS_PER_MINUTE },
      environments: [{ id, name, labels: { number: `${number}` }, environment_key_file: join(this.#folder, 'key') }],
      poll: { ...QUICK, stale_after: `${STALE_AFTER_MS / 1000}s` },
      state_file: join(this.#folder, 'state.json'),
    };
    writeFileSync(join(this.#folder, 'config.yaml'), JSON.stringify(settings));
  }

  async #begin(): Promise<void> {
    this.#life++;
    this.#logged = 0;
    const args = ['serve', '--config', join(this.#folder, 'config.yaml'), '--listen', '127.0.0.1:0'];
    this.#process = startCommand(args);
    this.#url = (await this.#process.saw(/"url":"([^"]+)"/))[1]!;
    await this.#settled();
  }

  async #reload(): Promise<void> {
    const answer = await fetch(`${this.#url}/-/reload`, { method: 'POST' });
    if (!answer.ok) throw new Error(await answer.text());
  }

  /** Looks again and again until everything that the exporter shows is what the API knows. */
  async #settled(): Promise<void> {
    const isTrue = ({ depth, oldestAge, queued, created, truth }: Sample) =>
      depth === truth.waiting && queued === truth.waiting && oldestAge !== null && created === truth.created;
    await waitUntil(async () => isTrue(await this.#look()), {
      everyMs: 400,
      timeoutMs: LONGEST_STEP_MS,
      what: 'the exporter to know the truth',
      details: () => `${JSON.stringify(this.#samples.at(-1))}\n${this.#process.stderr}`,
    });
  }

  async #look(): Promise<Sample> {
    // Before the scrape: what comes meanwhile makes the values younger, and nothing else is enqueued meanwhile.
    const { totals, depth, pending, requests } = this.#api.truth().environments[this.#environment.id]!;
    const text = await (await fetch(`${this.#url}/metrics`)).text();
    const page = await (await fetch(this.#url)).text();
    const at = performance.now();
    for (const read of ['stats', 'list'] as const) {
      const count = requests[read]?.['200'] ?? 0;
      if (count > this.#answered[read].count) this.#answered[read] = { count, at };
    }
    const log = this.#process.stderr.slice(this.#logged);
    this.#logged += log.length;
    const all = parseExposition(text, 'prometheus').flatMap(({ samples }) => samples);
    const value = (name: string, labels: Readonly<Record<string, string>> = {}) =>
      all.find(
        (one) => one.series === name && Object.entries(labels).every(([label, wanted]) => one.labels[label] === wanted),
      )?.value ?? null;
    const sample = {
      at,
      life: this.#life,
      truth: { waiting: depth + pending, created: totals.created - BEFORE },
      depth: value('anthropic_work_queue_depth'),
      oldestAge: value('anthropic_work_queue_oldest_age_seconds'),
      queued: value('anthropic_work_items', { state: 'queued' }),
      created: value('anthropic_work_items_created_total'),
      answeredAt: { stats: this.#answered.stats.at, list: this.#answered.list.at },
      descriptors: value('process_open_fds') ?? 0,
      heapBytes: value('nodejs_heap_size_used_bytes') ?? 0,
      output: `${text}${page}${log}`,
    };
    this.#samples.push(sample);
    return sample;
  }
}
