import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { seededRandom } from '../../src/base/clock.ts';
import type { Fault } from '../../src/simulator/faults.ts';
import { scenarioSchema } from '../../src/simulator/scenario-schema.ts';
import { scriptOf } from '../../src/simulator/scenarios.ts';
import { TestFolder } from '../cli/files.ts';
import { call } from '../simulator/support/simulators.ts';
import { parseExposition } from '../support/exposition-parser.ts';
import { startCommand, type TestProcess } from '../support/processes.ts';
import { keysOf, QUICK, simulatedApi, type TestSimulator } from '../support/simulated-api.ts';
import { arrivals } from '../support/under-way.ts';
import { waitUntil } from '../support/wait-until.ts';

/** By hand: `SOAK_STEPS=500 SOAK_SEED=7 npx vitest run test/e2e/soak`. In CI each disturbance of seconds. */
const BY_HAND = process.env.SOAK_STEPS !== undefined;
const SEED = Number(process.env.SOAK_SEED ?? 1);
/** By hand, the list is too long to be read whole each time. */
const [HISTORY, REQUESTS_PER_MINUTE] = BY_HAND ? [600, 60] : [0, 30];
/** Items that are there before the first start: they wait all the time, so that no zero is true, and do not count as created. */
const BEFORE = 3;
const COUNTED = ['created', 'acknowledged', 'stopped'] as const;
const CLOCKS_DIFFER_MS = 3000;
/** How far the age may be from the truth: the API tells its time in whole seconds, and time passes between two looks. */
const AGE_TOLERANCE_S = 10;
/** Sockets come and go, and a heap says little before the first garbage collections; a leak grows. */
const GROWTH = { samples: 30, descriptors: (before: number) => before + 12, heap: (before: number) => before * 1.5 };

interface Shown {
  readonly depth: number | null;
  readonly age: number | null;
  readonly queued: number | null;
  readonly counted: readonly number[];
}

/** An exporter process, its API, and what is true of it. Each look at what it shows compares that with the truth. */
class Soak implements AsyncDisposable {
  readonly random = seededRandom(SEED);
  readonly folder = new TestFolder();
  readonly api: TestSimulator;
  /** When requests reached the API from the process that runs now. */
  requests: number[] = [];
  #process!: TestProcess;
  #url = '';
  #logged = 0;
  #counted: readonly number[] = COUNTED.map(() => 0);
  /** Of the process that runs now. */
  #sizes: { readonly descriptors: number; readonly heap: number }[] = [];
  readonly #countedBefore: readonly number[];

  constructor(api: TestSimulator) {
    this.api = api;
    this.enqueue(BEFORE);
    const { totals } = this.#truth();
    this.#countedBefore = COUNTED.map((name) => totals[name]);
    mkdirSync(this.path('state'));
    mkdirSync(this.path('keys'));
    this.writeKey(this.environment.environmentKey);
    this.configure('list');
  }

  path(name: string): string {
    return join(this.folder.path, name);
  }

  get environment() {
    return this.api.environments[0]!;
  }

  enqueue(count: number): void {
    for (let n = 0; n < count; n++) this.api.enqueue(this.environment.id);
  }

  /** A worker serves the item that has waited longest; some always wait. */
  async work(): Promise<void> {
    const { depth, pending } = this.#truth();
    if (depth + pending <= BEFORE) return;
    const { id, environmentKey } = this.environment;
    const ask = (path: string, options = {}) =>
      call(this.api, environmentKey, `/v1/environments/${id}/work/${path}`, options);
    const { body } = await ask('poll', { headers: { 'anthropic-worker-id': 'worker' } });
    const item = body as { readonly id: string };
    await ask(`${item.id}/ack`, { method: 'POST' });
    await ask(`${item.id}/stop`, { method: 'POST', body: { force: true } });
  }

  /** The faults of the reads of work; none by default. */
  fail(...faults: readonly Fault[]): void {
    this.api.setFaults(faults.map((fault) => ({ ...fault, endpoints: ['stats', 'list', 'retrieve'] })));
  }

  writeKey(key: string): void {
    this.folder.write(`keys/${this.environment.id}`, key);
  }

  /** The environment is listed, found by discovery, or not watched at all. */
  configure(by: 'list' | 'discovery' | 'nothing'): void {
    const { id } = this.environment;
    const keys = this.path('keys');
    const exclude = by === 'nothing' ? [id] : [];
    this.folder.write('config.yaml', {
      api: {
        base_url: this.api.url,
        requests_per_minute: REQUESTS_PER_MINUTE,
        ...(by === 'list' ? {} : { api_key: this.api.apiKey }),
      },
      ...(by === 'list'
        ? { environments: [{ id, environment_key_file: `${keys}/${id}` }] }
        : { discovery: { enabled: true, environment_keys_dir: keys, exclude } }),
      poll: { ...QUICK, stale_after: '60s' },
      state_file: this.path('state/state.json'),
    });
  }

  async begin(): Promise<void> {
    this.requests = [];
    this.#sizes = [];
    this.#logged = 0;
    this.#process = startCommand(['serve', '--config', this.path('config.yaml'), '--listen', '127.0.0.1:0']);
    this.#url = (await this.#process.saw(/"url":"([^"]+)"/))[1]!;
    // What was counted before is there at once.
    await this.#look();
  }

  async end(signal: NodeJS.Signals): Promise<void> {
    this.#judgeProcess();
    this.#process.kill(signal);
    expect((await this.#process.exit).signal).toBe(signal === 'SIGKILL' ? signal : null);
  }

  async reload(): Promise<void> {
    const answer = await fetch(`${this.#url}/-/reload`, { method: 'POST' });
    if (!answer.ok) throw new Error(await answer.text());
  }

  /** Looks again and again until everything that the exporter shows is what the API knows. */
  async settled(): Promise<void> {
    await this.shows('the truth', ({ depth, age, queued, counted }) => {
      const { now, environments } = this.api.truth();
      const { oldest_queued_at: oldest, ...truth } = environments[this.environment.id]!;
      const waiting = truth.depth + truth.pending;
      const trueAge = (Date.parse(now) - Date.parse(oldest!)) / 1000;
      const isOfItsAge = age !== null && Math.abs(age - trueAge) < AGE_TOLERANCE_S;
      return depth === waiting && queued === waiting && isOfItsAge && `${counted}` === `${this.#trulyCounted()}`;
    });
  }

  /** Looks again and again until the exporter shows this. A step takes a few polls, and after an outage the longest backoff. */
  async shows(what: string, condition: (shown: Shown) => boolean): Promise<void> {
    let shown: Shown | null = null;
    const holds = async () => {
      shown = await this.#look();
      return condition(shown);
    };
    const details = () => `${JSON.stringify([shown, this.api.truth()])}\n${this.#process.stderr}`;
    await waitUntil(holds, { everyMs: 400, timeoutMs: 600_000, what: `the exporter to show ${what}`, details });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#process?.[Symbol.asyncDispose]();
    this.folder[Symbol.dispose]();
  }

  #truth() {
    return this.api.truth().environments[this.environment.id]!;
  }

  #trulyCounted(): readonly number[] {
    const { totals } = this.#truth();
    return COUNTED.map((name, n) => totals[name] - this.#countedBefore[n]!);
  }

  /** No zero while work waits, no event twice, no counter that falls, and no key. */
  async #look(): Promise<Shown> {
    const text = await (await fetch(`${this.#url}/metrics`)).text();
    const page = await (await fetch(this.#url)).text();
    const log = this.#process.stderr.slice(this.#logged);
    this.#logged += log.length;
    for (const key of keysOf(this.api)) expect(`${text}${page}${log}`).not.toContain(key);
    const samples = parseExposition(text, 'prometheus').flatMap((family) => family.samples);
    const value = (name: string, state?: string) =>
      samples.find(({ series, labels }) => series === name && labels.state === state)?.value ?? null;
    const counted = COUNTED.map((name) => value(`anthropic_work_items_${name}_total`));
    const shown = {
      depth: value('anthropic_work_queue_depth'),
      age: value('anthropic_work_queue_oldest_age_seconds'),
      queued: value('anthropic_work_items', 'queued'),
      // Where there is nothing, nothing is said.
      counted: counted.map((count, n) => count ?? this.#counted[n]!),
    };
    expect([shown.depth, shown.age, shown.queued]).not.toContain(0);
    const truth = this.#trulyCounted();
    shown.counted.forEach((count, n) => {
      expect(count, COUNTED[n]).toBeLessThanOrEqual(truth[n]!);
      expect(count, COUNTED[n]).toBeGreaterThanOrEqual(this.#counted[n]!);
    });
    this.#counted = shown.counted;
    const size = { descriptors: value('process_open_fds')!, heap: value('nodejs_heap_size_used_bytes')! };
    expect(Math.min(size.descriptors, size.heap)).toBeGreaterThan(0);
    this.#sizes.push(size);
    return shown;
  }

  /** Its budget in any 60 s, and the last third of its life beside the first. */
  #judgeProcess(): void {
    const { requests } = this;
    const spans = requests.slice(REQUESTS_PER_MINUTE).map((at, n) => at - requests[n]!);
    expect(Math.min(60_000, ...spans)).toBe(60_000);
    if (this.#sizes.length < GROWTH.samples) return;
    const third = Math.floor(this.#sizes.length / 3);
    for (const name of ['descriptors', 'heap'] as const) {
      const all = this.#sizes.map((size) => size[name]);
      expect(median(all.slice(-third)), name).toBeLessThanOrEqual(GROWTH[name](median(all.slice(0, third))));
    }
  }
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!;
}

/** Each ends after two hits, so that a backoff stays short, and that no wrong date is believed. */
const FAULTS: readonly Fault[] = [
  { kind: 'reset' },
  { kind: 'truncate' },
  { kind: 'garbage' },
  { kind: 'status', status: 500 },
  { kind: 'no_oldest' },
  { kind: 'empty_page' },
  { kind: 'more_without_cursor' },
  { kind: 'cached', ageSeconds: 3600 },
  { kind: 'interim' },
  { kind: 'date_skew', seconds: 3600 },
  { kind: 'date_skew', seconds: -3600 },
];
/** Each lasts until every value has vanished. */
const OUTAGES: readonly Fault[] = [
  { kind: 'hang' },
  { kind: 'garbage' },
  { kind: 'status', status: 429, retryAfterSeconds: 20 },
  { kind: 'revoked' },
];

const oneOf = <T>(all: readonly T[], random: () => number): T => all[Math.floor(random() * all.length)]!;

/** What can happen in one step. Afterwards the exporter has to find back to the truth by itself. */
type Disturbance = (soak: Soak) => Promise<void>;

/** Those of seconds. */
const QUICK_DISTURBANCES: readonly Disturbance[] = [
  async function fault(soak) {
    soak.fail({ ...oneOf(FAULTS, soak.random), count: 2 });
  },
  async function kill(soak) {
    await soak.end('SIGKILL');
    soak.enqueue(1);
    await soak.begin();
  },
  async function rotate(soak) {
    // A key that the API does not know, and the good one again.
    soak.writeKey('sk-ant-oat01-ROTATEDrotated');
    await soak.reload();
    soak.writeKey(soak.environment.environmentKey);
    await soak.reload();
  },
  async function crashes(soak) {
    for (let n = 0; n < 3; n++) {
      soak.enqueue(1);
      await soak.work();
      // In the middle of whatever it does then.
      const requests = soak.requests.length + Math.floor(4 * soak.random());
      await waitUntil(() => soak.requests.length >= requests);
      await soak.end('SIGKILL');
      await soak.begin();
    }
  },
];

/** Those of up to minutes, too. */
const DISTURBANCES: readonly Disturbance[] = [
  ...QUICK_DISTURBANCES,
  async function outage(soak) {
    soak.fail(oneOf(OUTAGES, soak.random));
    await soak.shows('nothing', ({ depth, age, queued }) => (depth ?? age ?? queued) === null);
    soak.fail();
  },
  async function restart(soak) {
    await soak.end('SIGTERM');
    soak.enqueue(1);
    await soak.work();
    await soak.begin();
  },
  async function leave(soak) {
    soak.configure('nothing');
    await soak.reload();
    await soak.shows('nothing', ({ depth, queued }) => (depth ?? queued) === null);
    soak.enqueue(1);
    soak.configure(oneOf(['list', 'discovery'], soak.random));
    await soak.reload();
  },
];

it('a process that is killed, reloaded and lied to counts each item once, keeps to its budget and its keys, and does not grow', {
  timeout: BY_HAND ? 1e9 : 900_000,
}, async () => {
  const scenario = scenarioSchema.parse({
    warm_up: '0s',
    // Sessions that ended long ago and are still listed, in pages of a hundred.
    environments: [{ name: 'prod', workers: 0, arrivals: 0, history: HISTORY }],
    api: { max_page_size: 100 },
  });
  await using api = await simulatedApi({ scenario: scriptOf(scenario, { name: 'soak' }), seed: SEED });
  await using soak = new Soak(api);
  using _ = arrivals(({ socket, headers }) => {
    const isExporter = headers['user-agent']?.startsWith('anthropic-work-exporter/');
    if (isExporter && socket.localPort === Number(new URL(api.url).port)) soak.requests.push(performance.now());
  });
  // The API tells its time in whole seconds: what is as old as a start may have been there before.
  await setTimeout(CLOCKS_DIFFER_MS);
  await soak.begin();
  await soak.settled();
  await setTimeout(CLOCKS_DIFFER_MS);
  const steps = BY_HAND
    ? Array.from({ length: Number(process.env.SOAK_STEPS) }, () => oneOf(DISTURBANCES, soak.random))
    : QUICK_DISTURBANCES;
  for (const [n, disturb] of steps.entries()) {
    soak.enqueue(1 + Math.floor(soak.random() * 3));
    for (let items = 0; items < 3 * soak.random(); items++) await soak.work();
    if (BY_HAND) process.stderr.write(`${n} ${disturb.name}\n`);
    await disturb(soak);
    await soak.settled();
  }
  await soak.end('SIGTERM');
});
