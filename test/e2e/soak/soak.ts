import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Random, seededRandom } from '../../../src/base/random.ts';
import { parseExposition } from '../../support/exposition-parser.ts';
import { startCommand, type TestProcess } from '../../support/processes.ts';
import { keysOf, QUICK } from '../../support/simulated-api.ts';
import { waitUntil } from '../../support/wait-until.ts';
import { COUNTED, type Limits, type Sample, type Watched } from './judge.ts';
import { SoakedApi } from './soaked-api.ts';

const STALE_AFTER_MS = 60_000;
/** Real time; a step takes a few polls, and after an outage the longest backoff. */
const LONGEST_WAIT_MS = 600_000;
/** How far the age may be from the truth: the API tells its time in whole seconds, and time passes between two looks. */
const AGE_TOLERANCE_S = 10;

/** What differs from the configuration of the start. */
interface Configuration {
  readonly name: string;
  /** The environment is found by discovery, and not listed. */
  readonly discovered: boolean;
  /** It is not watched at all. */
  readonly left: boolean;
}

/** What the exporter shows beside what the judge looks at. */
export type Shown = Sample & { readonly stateFileOk: number | null; readonly trueOldestAge: number };

/** An exporter process that is disturbed step after step, while everything about it is written down for the judge. */
export class Soak implements AsyncDisposable {
  readonly api: SoakedApi;
  readonly random: Random;
  readonly limits: Limits;
  /** Holds the state file and nothing else. */
  readonly stateFolder: string;
  readonly #folder = mkdtempSync(join(tmpdir(), 'soak-'));
  readonly #samples: Sample[] = [];
  #configuration: Configuration = { name: 'soaked', discovered: false, left: false };
  #process!: TestProcess;
  #url = '';
  #logged = 0;

  private constructor(api: SoakedApi, { seed, requestsPerMinute }: { seed: number; requestsPerMinute: number }) {
    this.api = api;
    this.random = seededRandom(seed);
    this.limits = { staleAfterMs: { stats: STALE_AFTER_MS, list: STALE_AFTER_MS }, requestsPerMinute };
    this.stateFolder = join(this.#folder, 'state');
    mkdirSync(this.stateFolder);
    mkdirSync(join(this.#folder, 'keys'));
  }

  static async start(options: { seed: number; history: number; requestsPerMinute: number }): Promise<Soak> {
    const soak = new Soak(await SoakedApi.start(options), options);
    soak.writeKey(soak.api.environment.environmentKey);
    soak.configure({});
    // A single answer tells the API's clock to half a second: what was created just before the start might count as new.
    const createdAt = performance.now();
    await waitUntil(() => performance.now() - createdAt > 1000, { what: 'the world to be a second old' });
    try {
      await soak.begin();
      await soak.settled();
      return soak;
    } catch (error) {
      // Nobody has it yet who would end it.
      await soak[Symbol.asyncDispose]();
      throw error;
    }
  }

  get watched(): Watched {
    return { samples: this.#samples, requests: this.api.requests };
  }

  writeKey(key: string): void {
    writeFileSync(join(this.#folder, 'keys', this.api.environment.id), key);
  }

  configure(change: Partial<Configuration>): void {
    this.#configuration = { ...this.#configuration, ...change };
    const { name, discovered, left } = this.#configuration;
    const { simulator, environment } = this.api;
    const keys = join(this.#folder, 'keys');
    const listed = { id: environment.id, name, environment_key_file: join(keys, environment.id) };
    const settings = {
      api: {
        base_url: simulator.url,
        requests_per_minute: this.limits.requestsPerMinute,
        ...(discovered || left ? { api_key: simulator.apiKey } : {}),
      },
      ...(discovered || left
        ? { discovery: { enabled: true, environment_keys_dir: keys, exclude: left ? [environment.id] : [] } }
        : { environments: [listed] }),
      poll: { ...QUICK, stale_after: `${STALE_AFTER_MS / 1000}s` },
      state_file: join(this.stateFolder, 'state.json'),
    };
    writeFileSync(join(this.#folder, 'config.yaml'), JSON.stringify(settings));
  }

  async begin(): Promise<void> {
    this.api.life++;
    this.#logged = 0;
    const args = ['serve', '--config', join(this.#folder, 'config.yaml'), '--listen', '127.0.0.1:0'];
    this.#process = startCommand(args);
    this.#url = (await this.#process.saw(/"url":"([^"]+)"/))[1]!;
  }

  async end(signal: NodeJS.Signals): Promise<void> {
    this.#process.kill(signal);
    await this.#process.exit;
  }

  async reload(): Promise<void> {
    const answer = await fetch(`${this.#url}/-/reload`, { method: 'POST' });
    if (!answer.ok) throw new Error(await answer.text());
  }

  /** Looks again and again until everything that the exporter shows is what the API knows. */
  async settled(): Promise<void> {
    await this.shows('the truth', ({ depth, oldestAge, queued, counted, truth, trueOldestAge }) => {
      const isTrue = depth === truth.waiting && queued === truth.waiting && oldestAge !== null;
      const isOfItsAge = Math.abs((oldestAge ?? 0) - trueOldestAge) < AGE_TOLERANCE_S;
      return isTrue && isOfItsAge && COUNTED.every((name) => counted[name] === truth.counted[name]);
    });
  }

  /** Looks again and again until the exporter shows this. */
  async shows(what: string, condition: (shown: Shown) => boolean): Promise<void> {
    let shown: Shown | null = null;
    const holds = async () => {
      shown = await this.#look();
      return condition(shown);
    };
    await waitUntil(holds, {
      everyMs: 400,
      timeoutMs: LONGEST_WAIT_MS,
      what: `the exporter to show ${what}`,
      details: () => `${JSON.stringify(shown)}\n${this.#process.stderr}`,
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#process[Symbol.asyncDispose]();
    await this.api[Symbol.asyncDispose]();
    rmSync(this.#folder, { recursive: true });
  }

  async #look(): Promise<Shown> {
    // Before the scrape: what comes meanwhile makes the values younger, and nothing else happens meanwhile.
    const { truth, oldestAge: trueOldestAge } = this.api.look();
    const at = performance.now();
    const text = await (await fetch(`${this.#url}/metrics`)).text();
    const page = await (await fetch(this.#url)).text();
    // After it: what came meanwhile may be shown.
    const { answeredAt } = this.api.look();
    const log = this.#process.stderr.slice(this.#logged);
    this.#logged += log.length;
    const all = parseExposition(text, 'prometheus').flatMap(({ samples }) => samples);
    const value = (name: string, labels: Readonly<Record<string, string>> = {}) =>
      all.find(
        (one) => one.series === name && Object.entries(labels).every(([label, wanted]) => one.labels[label] === wanted),
      )?.value ?? null;
    const counted = COUNTED.map((name) => [name, value(`anthropic_work_items_${name}_total`)]);
    const sample: Sample = {
      at,
      life: this.api.life,
      truth,
      depth: value('anthropic_work_queue_depth'),
      oldestAge: value('anthropic_work_queue_oldest_age_seconds'),
      queued: value('anthropic_work_items', { state: 'queued' }),
      counted: Object.fromEntries(counted),
      answeredAt,
      descriptors: value('process_open_fds') ?? 0,
      heapBytes: value('nodejs_heap_size_used_bytes') ?? 0,
      leaks: keysOf(this.api.simulator).some((key) => `${text}${page}${log}`.includes(key)),
    };
    this.#samples.push(sample);
    return { ...sample, trueOldestAge, stateFileOk: value('anthropic_work_state_file_ok') };
  }
}
