import { describe, expect, it } from 'vitest';
import type { FakeListOptions } from '../support/fake-work-list.ts';
import { liveById } from '../support/live-by-id.ts';
import { ListReader } from './list-reader.ts';
import { ListWorld } from './list-world.ts';

const INTERVAL = 30_000;
const FULL = 300_000;
const LIMIT = 100;

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
  readonly scanned: number;
  readonly created: number;
}

/** Lets the world go on for half an hour and reads it every 30 s; `check` sees each read. */
async function watch(
  options: FakeListOptions & { seed: number },
  check: (world: ListWorld, reader: ListReader, look: Look) => void,
): Promise<void> {
  const world = new ListWorld({ maxPageSize: LIMIT, stopped: 3000, ...options });
  const reader = new ListReader({ api: world.list, clock: world.clock });
  let created = world.created;
  for (let n = 0; n < 60; n++) {
    const startedAt = world.clock.now();
    const [requests, scanned] = [world.list.requests.length, reader.scanState.fullScans.requests];
    const end = await reader.read();
    expect(end.failure).toBeNull();
    check(world, reader, {
      startedAt,
      requests: world.list.requests.length - requests,
      scanned: reader.scanState.fullScans.requests - scanned,
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
        const shown = liveById(reader.state.items!);
        const bound = reader.scanState.order.value === 'none' ? FULL : 0;
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
        const items = reader.state.items!;
        for (const observed of items.live.values()) {
          const { item } = observed;
          expect(world.stateAt(item.id, observed.observedAt)).toBe(item.state);
          const ended = world.history.get(item.id)!.at(-1)!;
          const gone = ended.state === 'gone' || ended.state === 'stopped';
          if (gone) expect(ended.at, `${item.id} is a ghost`).toBeGreaterThan(startedAt - 2 * FULL);
        }
      });
    });

    it('costs 1 + new / limit + 3 requests a read, full scans apart', async () => {
      let total = 0;
      await watch(options, (_, __, { requests, scanned, created }) => {
        // Twice the new ones: those of the last minute are read again for late commits.
        expect(requests - scanned).toBeLessThanOrEqual(1 + Math.ceil((2 * created) / LIMIT) + 3);
        total += requests;
      });
      expect(total / 60).toBeLessThan(options.order === 'none' ? 20 : 12);
    });
  },
);
