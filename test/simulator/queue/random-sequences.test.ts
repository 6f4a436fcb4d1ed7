import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { z } from 'zod';
import { PRESETS, type ProviderName } from '../../../src/wire/presets.ts';
import { parseTimestamp } from '../../../src/wire/read.ts';
import { ManualClock } from '../../support/manual-clock.ts';
import {
  errorSchema,
  heartbeatSchema,
  listSchema,
  polledSchema,
  preconditionSchema,
  statsSchema,
  type WorkJson,
  workSchema,
} from '../support/schemas.ts';
import { type Call, call, type TestSimulator, testSimulator } from '../support/simulators.ts';

const WORKERS = ['a', 'b', 'c'] as const;
type Worker = (typeof WORKERS)[number];
// Claims come often, or nothing would ever run.
const ACTS = [
  'create',
  'poll',
  'poll',
  'ack',
  'ack',
  'heartbeat',
  'heartbeat',
  'stop',
  'force',
  'wake',
  'nonsense',
] as const;

interface Step {
  readonly worker: Worker;
  readonly item: number;
  /** A number: so many seconds pass. */
  readonly act: (typeof ACTS)[number] | number;
}

const act = fc.oneof(
  { weight: 5, arbitrary: fc.constantFrom(...ACTS) },
  { weight: 1, arbitrary: fc.constantFrom(1, 6, 40, 301) },
);
const step: fc.Arbitrary<Step> = fc.record({ worker: fc.constantFrom(...WORKERS), item: fc.nat({ max: 5 }), act });

/** What a set of workers knows, and who really holds what, as seen from outside. */
class Play {
  readonly #simulator: TestSimulator;
  readonly #rotates: boolean;
  readonly #prefix: string;
  /** Where there is one kind of key, it does everything. */
  readonly #key: string;
  /** Per worker and item: the heartbeat it would echo. */
  readonly #heartbeats = new Map<string, string>();
  /** Who acknowledged an item and who heartbeats it, since it was last seen waiting or stopped. */
  readonly #acked = new Set<string>();
  readonly #beatenBy = new Map<string, Worker>();
  #items: WorkJson[] = [];

  constructor(simulator: TestSimulator, { idsRotate, pathPrefix, environmentKeys }: (typeof PRESETS)[ProviderName]) {
    this.#simulator = simulator;
    this.#rotates = idsRotate;
    this.#prefix = pathPrefix;
    this.#key = environmentKeys ? simulator.prod.environmentKey : simulator.apiKey;
  }

  async take({ worker, item: number, act }: Step): Promise<void> {
    const item = this.#items[number % Math.max(1, this.#items.length)];
    if (typeof act === 'number') return this.#simulator.advance(act);
    if (act === 'create' || item === undefined) {
      this.#simulator.enqueue(this.#simulator.prod.id);
      return;
    }
    const { id, state } = item;
    switch (act) {
      case 'poll': {
        const polled = await this.#granted(polledSchema, '/poll', { headers: { 'anthropic-worker-id': worker } });
        if (polled !== null) this.#heartbeats.set(`${worker} ${polled.id}`, 'NO_HEARTBEAT');
        return;
      }
      case 'ack': {
        const answer = await this.#ask(workSchema, `/${id}/ack`, { method: 'POST' });
        if ('refused' in answer) return expect(answer.refused).toBe(409);
        expect(this.#acked).not.toContain(id);
        this.#acked.add(id);
        return;
      }
      case 'heartbeat':
        return this.#heartbeat(worker, id);
      case 'stop':
      case 'force': {
        const body = act === 'force' ? { force: true } : {};
        const stopped = await this.#granted(workSchema, `/${id}/stop`, { method: 'POST', body });
        const ends = act === 'force' || state === 'queued' || state === 'stopped';
        expect(stopped.state).toBe(ends ? 'stopped' : 'stopping');
        if (state === 'stopped') expect(stopped).toEqual(item);
        return;
      }
      case 'wake': {
        const body = { events: [{ type: 'user.message', content: [] }] };
        const path = `${this.#prefix}/sessions/${item.data.id}/events`;
        await call(this.#simulator, this.#simulator.apiKey, path, { method: 'POST', body });
        return;
      }
      case 'nonsense': {
        const unknown = await this.#ask(workSchema, '/sesn_unknown/stop', { method: 'POST', body: { force: true } });
        expect(unknown).toMatchObject({ refused: 404 });
        const wrong = await this.#beat(id, 'yesterday');
        if (state !== 'stopped' && state !== 'stopping')
          expect([409, 412]).toContain('refused' in wrong && wrong.refused);
      }
    }
  }

  async #heartbeat(worker: Worker, id: string): Promise<void> {
    const known = this.#heartbeats.get(`${worker} ${id}`);
    if (known === undefined) return;
    const answer = await this.#beat(id, known);
    if ('refused' in answer) return expect([409, 412]).toContain(answer.refused);
    const { state, lease_extended, last_heartbeat } = answer.value;
    expect(lease_extended).toBe(state === 'active');
    if (state === 'stopped') return;
    this.#heartbeats.set(`${worker} ${id}`, last_heartbeat);
    if (state !== 'active') return;
    // No two workers hold one lease: until the item was given up, only one chain of heartbeats goes on.
    expect(this.#beatenBy.get(id) ?? worker).toBe(worker);
    this.#beatenBy.set(id, worker);
  }

  async check(): Promise<void> {
    this.#items = [];
    for (let page: string | null | undefined = ''; typeof page === 'string'; ) {
      const next = page === '' ? '' : `&page=${encodeURIComponent(page)}`;
      const shown: z.infer<typeof listSchema> = await this.#granted(listSchema, `?limit=3${next}`);
      this.#items.push(...shown.data);
      page = shown.next_page;
    }
    const stats = await this.#granted(statsSchema, '/stats');
    const truth = this.#simulator.truth().environments[this.#simulator.prod.id]!;
    const ids = this.#items.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    const byState = { queued: 0, starting: 0, active: 0, stopping: 0, stopped: 0 };
    for (const item of this.#items) byState[item.state]++;
    expect(truth.items).toEqual(byState);
    expect(stats).toMatchObject({ depth: truth.depth, pending: truth.pending });
    expect(stats.depth + stats.pending).toBe(byState.queued);
    const { created, acknowledged, requeued, lapsed } = truth.totals;
    expect(this.#items).toHaveLength(created);
    expect(acknowledged).toBeLessThanOrEqual(created + requeued + lapsed);
    expect(stats.oldest_queued_at === null).toBe(byState.queued === 0);
    this.#checkOldest(stats.oldest_queued_at);
    for (const { id, state } of this.#items) {
      if (state !== 'queued' && state !== 'stopped') continue;
      this.#acked.delete(id);
      this.#beatenBy.delete(id);
    }
    if (!this.#rotates) for (const id of this.#beatenBy.keys()) expect(ids).toContain(id);
  }

  /** The enqueue stamp, at most 150 ms after the queueing, says the same as the statistics. */
  #checkOldest(oldest: string | null): void {
    const waiting = this.#items.filter(({ state }) => state === 'queued').map(({ started_at }) => started_at);
    if (oldest === null || waiting.length === 0 || waiting.some((stamp) => stamp === null)) return;
    const difference = Math.min(...waiting.map((stamp) => parseTimestamp(stamp!)!)) - parseTimestamp(oldest)!;
    expect(difference).toBeGreaterThanOrEqual(0);
    expect(difference).toBeLessThanOrEqual(150);
  }

  #beat(id: string, expected: string) {
    const query = `expected_last_heartbeat=${encodeURIComponent(expected)}`;
    return this.#ask(heartbeatSchema, `/${id}/heartbeat?${query}`, { method: 'POST' });
  }

  async #granted<T>(schema: z.ZodType<T>, path: string, options: Call = {}): Promise<T> {
    const answer = await this.#ask(schema, path, options);
    if ('value' in answer) return answer.value;
    throw new Error(`${path} is refused with ${answer.refused}`);
  }

  /** Holds every answer against its schema. */
  async #ask<T>(schema: z.ZodType<T>, path: string, options: Call = {}): Promise<{ value: T } | { refused: number }> {
    const work = `${this.#prefix}/environments/${this.#simulator.prod.id}/work`;
    const { status, body, headers } = await call(this.#simulator, this.#key, work + path, options);
    if (status === 200) return { value: schema.parse(body) };
    const { request_id } = (status === 412 ? preconditionSchema : errorSchema).parse(body);
    expect(headers.get('request-id')).toBe(request_id);
    return { refused: status };
  }
}

it.each([
  ['anthropic', 40],
  ['qoder', 15],
  ['opensdlc', 15],
] as const)('random sequences of valid and invalid requests keep the books straight on %s', async (preset, numRuns) => {
  const sequences = fc.array(step, { minLength: 5, maxLength: 35 });
  await fc.assert(
    fc.asyncProperty(sequences, async (steps) => {
      const ends: (() => Promise<void>)[] = [];
      const simulator = await testSimulator({ clock: new ManualClock(), preset }, (end) => ends.push(end));
      try {
        const play = new Play(simulator, PRESETS[preset]);
        for (const one of steps) {
          await play.take(one);
          await play.check();
        }
      } finally {
        await Promise.all(ends.map((end) => end()));
      }
    }),
    { numRuns },
  );
});
