import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PRESETS, type ProviderName } from '../../../src/wire/presets.ts';
import { parseTimestamp } from '../../../src/wire/read.ts';
import { ManualClock } from '../../support/manual-clock.ts';
import type { WorkJson } from '../support/schemas.ts';
import { type TestSimulator, testSimulator } from '../support/simulators.ts';
import { type Outcome, WorkClient } from '../support/work-client.ts';

const WORKERS = ['a', 'b', 'c'] as const;
type Worker = (typeof WORKERS)[number];

type Step = Readonly<{ worker: Worker; item: number }> &
  (
    | { readonly do: 'create' | 'poll' | 'ack' | 'heartbeat' | 'stop' | 'force' | 'update' | 'wake' | 'nonsense' }
    | { readonly do: 'wait'; readonly seconds: number }
  );

const step: fc.Arbitrary<Step> = fc.record({
  worker: fc.constantFrom(...WORKERS),
  item: fc.nat({ max: 5 }),
  // Claims come often, or nothing would ever run.
  do: fc.constantFrom(
    'create',
    'poll',
    'poll',
    'ack',
    'ack',
    'heartbeat',
    'heartbeat',
    'stop',
    'force',
    'update',
    'wake',
    'nonsense',
  ),
}) as fc.Arbitrary<Step>;
const wait: fc.Arbitrary<Step> = fc.record({
  worker: fc.constantFrom(...WORKERS),
  item: fc.nat({ max: 5 }),
  do: fc.constant('wait' as const),
  seconds: fc.constantFrom(1, 6, 40, 301),
});
const steps = fc.array(fc.oneof({ weight: 5, arbitrary: step }, { weight: 1, arbitrary: wait }), {
  minLength: 5,
  maxLength: 35,
});

/** What a set of workers knows, and who really holds what, as seen from outside. */
class Play {
  readonly #simulator: TestSimulator;
  readonly #client: WorkClient;
  readonly #rotates: boolean;
  /** Per worker and item: the heartbeat it would echo. */
  readonly #heartbeats = new Map<string, string>();
  /** Who acknowledged an item and who heartbeats it, since it was last seen waiting or stopped. */
  readonly #acked = new Set<string>();
  readonly #beatenBy = new Map<string, Worker>();
  #items: WorkJson[] = [];

  constructor(simulator: TestSimulator, provider: ProviderName) {
    this.#simulator = simulator;
    this.#client = new WorkClient(simulator, PRESETS[provider].pathPrefix);
    this.#rotates = PRESETS[provider].idsRotate;
  }

  async run(all: readonly Step[]): Promise<void> {
    for (const one of all) {
      await this.#take(one);
      await this.#check();
    }
  }

  async #take(one: Step): Promise<void> {
    const { worker } = one;
    const item = this.#items[one.item % Math.max(1, this.#items.length)];
    if (one.do === 'wait') return this.#simulator.advance(one.seconds);
    if (one.do === 'create' || item === undefined) {
      this.#simulator.enqueue(this.#simulator.prod.id);
      return;
    }
    const { id } = item;
    switch (one.do) {
      case 'poll': {
        const polled = await this.#client.poll(worker);
        if (granted(polled) !== null) this.#heartbeats.set(`${worker} ${granted(polled)!.id}`, 'NO_HEARTBEAT');
        return;
      }
      case 'ack': {
        const answer = await this.#client.ack(id);
        if ('refused' in answer) return expect(answer.refused).toBe(409);
        expect(this.#acked).not.toContain(id);
        this.#acked.add(id);
        return;
      }
      case 'heartbeat':
        return this.#heartbeat(worker, item);
      case 'stop':
      case 'force': {
        const stopped = granted(await this.#client.stop(id, one.do === 'force'));
        const ends = one.do === 'force' || item.state === 'queued' || item.state === 'stopped';
        expect(stopped.state).toBe(ends ? 'stopped' : 'stopping');
        if (item.state === 'stopped') expect(stopped).toEqual(item);
        return;
      }
      case 'update': {
        const updated = granted(await this.#client.update(id, { worker, gone: null }));
        expect(updated.metadata.worker).toBe(worker);
        return;
      }
      case 'wake':
        await this.#client.wake(item.data.id!);
        return;
      default: {
        const unknown = await this.#client.stop('sesn_unknown', true);
        expect(unknown).toMatchObject({ refused: 404 });
        const wrong = await this.#client.heartbeat(id, 'yesterday');
        const compared = item.state !== 'stopped' && item.state !== 'stopping';
        if (compared) expect([409, 412]).toContain((wrong as { refused: number }).refused);
      }
    }
  }

  async #heartbeat(worker: Worker, item: WorkJson): Promise<void> {
    const known = this.#heartbeats.get(`${worker} ${item.id}`);
    if (known === undefined) return;
    const answer = await this.#client.heartbeat(item.id, known);
    if ('refused' in answer) return expect([409, 412]).toContain(answer.refused);
    const { state, lease_extended, last_heartbeat } = answer.value;
    if (state === 'stopped') return expect(lease_extended).toBe(false);
    this.#heartbeats.set(`${worker} ${item.id}`, last_heartbeat);
    if (state !== 'active') return;
    const holder = this.#beatenBy.get(item.id);
    // No two workers hold one lease: until the item was given up, only one chain of heartbeats goes on.
    if (holder !== undefined) expect(holder).toBe(worker);
    this.#beatenBy.set(item.id, worker);
  }

  async #check(): Promise<void> {
    const { prod } = this.#simulator;
    this.#items = await this.#client.listAll(3);
    const stats = granted(await this.#client.stats());
    const truth = this.#simulator.truth().environments[prod.id]!;

    const ids = this.#items.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    const byState = { queued: 0, starting: 0, active: 0, stopping: 0, stopped: 0 };
    for (const item of this.#items) byState[item.state]++;
    expect(truth.items).toEqual(byState);

    expect(stats).toMatchObject({ depth: truth.depth, pending: truth.pending });
    const { queued, starting, active, stopping, stopped } = byState;
    expect(stats.depth + stats.pending).toBe(queued);
    expect(stats.depth + stats.pending + starting + active + stopping + stopped).toBe(truth.totals.created);
    const { created, acknowledged, requeued, lapsed } = truth.totals;
    expect(acknowledged).toBeLessThanOrEqual(created + requeued + lapsed);
    expect(stats.oldest_queued_at === null).toBe(queued === 0);
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
    const earliest = Math.min(...waiting.map((stamp) => parseTimestamp(stamp!)!));
    const difference = earliest - parseTimestamp(oldest)!;
    expect(difference).toBeGreaterThanOrEqual(0);
    expect(difference).toBeLessThanOrEqual(150);
  }
}

function granted<T>(outcome: Outcome<T>): T {
  if ('value' in outcome) return outcome.value;
  throw new Error(`refused with ${outcome.refused}: ${outcome.message}`);
}

async function play(provider: ProviderName, all: readonly Step[]): Promise<void> {
  const ends: (() => Promise<void>)[] = [];
  const simulator = await testSimulator({ clock: new ManualClock(), preset: provider }, (end) => ends.push(end));
  try {
    await new Play(withKeys(simulator, provider), provider).run(all);
  } finally {
    await Promise.all(ends.map((end) => end()));
  }
}

/** With providers that know one kind of key, that one does everything. */
function withKeys(simulator: TestSimulator, provider: ProviderName): TestSimulator {
  const { credentials, environmentKeys } = PRESETS[provider];
  if (!environmentKeys) {
    return Object.assign(simulator, { prod: { ...simulator.prod, environmentKey: simulator.apiKey } });
  }
  const apiKey = credentials.retrieve.includes('api_key') ? simulator.apiKey : simulator.prod.environmentKey;
  return Object.assign(simulator, { apiKey });
}

describe('random sequences of valid and invalid requests', () => {
  it.each([
    ['anthropic', 40],
    ['qoder', 15],
    ['opensdlc', 15],
  ] as const)('keep the books straight on %s', async (provider, numRuns) => {
    await fc.assert(
      fc.asyncProperty(steps, (all) => play(provider, all)),
      { numRuns },
    );
  });
});
