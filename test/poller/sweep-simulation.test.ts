import { describe, expect, it } from 'vitest';
import { type Random, seededRandom } from '../../src/base/random.ts';
import type { WorkState } from '../../src/domain/work.ts';
import { type FakeListOptions, FakeWorkList } from '../support/fake-work-list.ts';
import { ManualClock } from '../support/manual-clock.ts';
import { ListReader } from './list-reader.ts';

const INTERVAL = 30_000;
const FULL = 300_000;
const LIMIT = 100;
const DAY = 86_400_000;

interface Change {
  readonly at: number;
  readonly state: WorkState | 'gone';
}

/** A list with years of stopped items and some life at its end, and the truth about every item. */
class ListWorld {
  readonly clock = new ManualClock();
  readonly list: FakeWorkList;
  readonly history = new Map<string, Change[]>();
  readonly revivedAt = new Map<string, number>();
  readonly visibleFrom = new Map<string, number>();
  readonly #random: Random;
  created = 0;

  constructor(options: FakeListOptions, seed: number) {
    this.#random = seededRandom(seed);
    this.list = new FakeWorkList({ maxPageSize: LIMIT, ...options });
    const now = this.clock.now();
    for (let i = 0; i < 3000; i++) {
      const at = now - 30 * DAY + (i * 29 * DAY) / 3000;
      const id = this.list.add(at, { state: 'stopped', acknowledgedAt: at + 1000, stoppedAt: at + 60_000 });
      // A few of the old ones never ended: they stay alive on pages far from where new items come.
      if (i % 600 === 300) this.#to(id, 'active', { stoppedAt: null, latestHeartbeatAt: now });
      else this.history.set(id, [{ at, state: 'stopped' }]);
    }
    for (let i = 0; i < 20; i++) this.#create(0);
    // Answers take a moment, and the world does not wait for them.
    this.list.before = () => {
      this.clock.jumpWall(20);
      if (this.#random() < 0.3) this.#create(0);
      if (this.#random() < 0.3) this.#step();
      this.clock.jumpWall(20);
    };
  }

  /** What happens between two reads; about five items come and as many end. */
  live(): void {
    this.clock.jumpWall(20);
    for (let i = 0; i < 5; i++) this.#create(this.#random() < 0.2 ? 50_000 * this.#random() : 0);
    for (let i = 0; i < 12; i++) this.#step();
    for (const id of this.#liveIds()) this.list.change(id, { latestHeartbeatAt: this.clock.now() });
    if (this.#random() < 0.3) this.#revive();
    if (this.#random() < 0.1) this.#vanish();
    if (this.#random() < 0.3) this.#expire();
  }

  stateAt(id: string, at: number): WorkState | 'gone' | undefined {
    return this.history.get(id)?.findLast((change) => change.at <= at)?.state;
  }

  #create(lateMs: number): void {
    const now = this.clock.now();
    const id = this.list.add(now - lateMs);
    this.created++;
    this.history.set(id, [{ at: now, state: 'queued' }]);
    this.visibleFrom.set(id, now);
  }

  #liveIds(): string[] {
    return this.list.items().flatMap(({ id, state }) => (state === 'stopped' ? [] : [id]));
  }

  /** Some live item takes the next step of its life. */
  #step(): void {
    const ids = this.#liveIds();
    // The old ones stay: their pages have to be looked at again and again.
    const id = ids[Math.floor(this.#random() * ids.length)];
    const item = id === undefined ? undefined : this.list.get(id);
    if (item === undefined || (item.createdAt ?? 0) < this.clock.now() - DAY) return;
    const now = this.clock.now();
    if (item.state === 'queued') this.#to(item.id, 'active', { acknowledgedAt: now, latestHeartbeatAt: now });
    else this.#to(item.id, 'stopped', { stoppedAt: now });
  }

  #revive(): void {
    const items = this.list.items();
    const item = items[Math.floor(this.#random() * items.length)];
    if (item?.state !== 'stopped') return;
    const now = this.clock.now();
    this.revivedAt.set(item.id, now);
    this.#to(item.id, 'queued', { startedAt: now, acknowledgedAt: null, stoppedAt: null });
  }

  #vanish(): void {
    const ids = this.#liveIds();
    const id = ids[Math.floor(this.#random() * ids.length)];
    if (id === undefined) return;
    this.list.remove([id]);
    this.history.get(id)?.push({ at: this.clock.now(), state: 'gone' });
  }

  /** Retention: the oldest stopped items go. */
  #expire(): void {
    const oldest = this.list.items().toSorted((a, b) => a.createdAt! - b.createdAt!);
    const ids = oldest.filter(({ state }) => state === 'stopped').map(({ id }) => id);
    this.list.remove(ids.slice(0, 15));
  }

  #to(id: string, state: WorkState, change: object): void {
    this.list.change(id, { state, ...change });
    const changes = this.history.get(id) ?? [];
    changes.push({ at: this.clock.now(), state });
    this.history.set(id, changes);
  }
}

const COMBINATIONS = (['newest', 'oldest'] as const).flatMap((order) =>
  (['keyset', 'offset'] as const).flatMap((cursors) =>
    [true, false].flatMap((retrieve) => [1, 2].map((seed) => ({ order, cursors, retrieve, seed }))),
  ),
);
const WITHOUT_ORDER = [true, false].map(
  (retrieve) => ({ order: 'none', cursors: 'keyset', retrieve, seed: 3 }) as const,
);

interface Look {
  readonly startedAt: number;
  readonly requests: number;
  readonly walked: number;
  readonly created: number;
}

/** Lets the world go on for half an hour and reads it every 30 s; `check` sees each read. */
async function watch(
  options: FakeListOptions & { seed: number },
  check: (world: ListWorld, reader: ListReader, look: Look) => void,
): Promise<void> {
  const world = new ListWorld(options, options.seed);
  const reader = new ListReader({ api: world.list, clock: world.clock });
  let created = world.created;
  for (let n = 0; n < 60; n++) {
    const startedAt = world.clock.now();
    const [requests, walked] = [world.list.requests.length, reader.memory.walkRequests];
    const end = await reader.read();
    expect(end.failure).toBeNull();
    check(world, reader, {
      startedAt,
      requests: world.list.requests.length - requests,
      walked: reader.memory.walkRequests - walked,
      created: world.created - created,
    });
    created = world.created;
    world.live();
    await world.clock.advance(INTERVAL);
  }
}

describe.each([...COMBINATIONS, ...WITHOUT_ORDER])(
  'a list of 3,000 stopped items, order $order, $cursors cursors, single reads $retrieve, seed $seed',
  (options) => {
    it('misses no live item that was not revived, and shows a revived one within the full interval', async () => {
      await watch(options, (world, reader, { startedAt }) => {
        const shown = reader.state.items!.live;
        const bound = reader.memory.order === 'none' ? FULL : 0;
        for (const item of world.list.items()) {
          if (item.state === 'stopped' || shown.has(item.id)) continue;
          const revived = world.revivedAt.get(item.id);
          const since = revived ?? world.visibleFrom.get(item.id) ?? 0;
          const allowed = revived === undefined ? bound : FULL + INTERVAL;
          expect(since, `${item.id} is live and not shown`).toBeGreaterThan(startedAt - allowed - 1);
        }
      });
    });

    it('shows every item as it was when it was seen, and none for long that is no more', async () => {
      await watch(options, (world, reader, { startedAt }) => {
        for (const { item, observedAt } of reader.state.items!.live.values()) {
          expect(world.stateAt(item.id, observedAt)).toBe(item.state);
          const ended = world.history.get(item.id)!.at(-1)!;
          const gone = ended.state === 'gone' || ended.state === 'stopped';
          if (gone) expect(ended.at, `${item.id} is a ghost`).toBeGreaterThan(startedAt - 2 * FULL);
        }
      });
    });

    it('costs 1 + new / limit + 3 requests a read, walks apart', async () => {
      let total = 0;
      await watch(options, (_, __, { requests, walked, created }) => {
        // Twice the new ones: those of the last minute are read again for late commits.
        expect(requests - walked).toBeLessThanOrEqual(1 + Math.ceil((2 * created) / LIMIT) + 3);
        total += requests;
      });
      expect(total / 60).toBeLessThan(options.order === 'none' ? 20 : 12);
    });
  },
);
