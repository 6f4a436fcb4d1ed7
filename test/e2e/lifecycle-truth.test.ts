import { afterEach, describe, expect, it } from 'vitest';
import type { Simulator } from '../../src/simulator/start-simulator.ts';
import type { Switches } from '../../src/simulator/switches.ts';
import type { EnvironmentState, LifecycleTotals } from '../../src/state/environment-state.ts';
import { isStale } from '../../src/state/item-age.ts';
import { PRESETS, type ProviderName } from '../../src/wire/presets.ts';
import { type Rig, startRig } from './lifecycle-rig.ts';

let rigs: Rig[] = [];

async function rig(options: Parameters<typeof startRig>[0]): Promise<Rig> {
  const started = await startRig(options);
  rigs.push(started);
  return started;
}

afterEach(async () => {
  await Promise.all(rigs.map((started) => started.stop()));
  rigs = [];
});

function truthOf(simulator: Simulator) {
  return Object.values(simulator.truth().environments)[0]!;
}

function itemsByState({ items }: EnvironmentState): Record<string, number> {
  const counts: Record<string, number> = { queued: 0, starting: 0, active: 0, stopping: 0 };
  for (const { item } of items!.live.values()) counts[item.state] = (counts[item.state] ?? 0) + 1;
  return counts;
}

function staleByState({ items, environment: { thresholds } }: EnvironmentState): Record<string, number> {
  const counts: Record<string, number> = { starting: 0, active: 0, stopping: 0 };
  for (const observed of items!.live.values()) {
    if (isStale(observed, thresholds)) counts[observed.item.state]!++;
  }
  return counts;
}

function countersOf({ created, acknowledged, stopped, requeued, lapsed }: LifecycleTotals) {
  return { created, acknowledged, stopped, requeued, lapsed };
}

const SCENARIOS = ['steady', 'burst', 'saturated', 'no-workers', 'stale-heartbeats', 'leases-lapsing', 'stuck-pending'];
const MORE = ['deploy', 'scale-to-zero', 'head-of-line', 'requeue-storm'];
interface Case {
  readonly scenario: string;
  readonly preset: ProviderName;
  readonly listOrder: Switches['listOrder'];
}
const CASES: readonly Case[] = [
  ...[...SCENARIOS, ...MORE].map((scenario) => ({ scenario, preset: 'anthropic', listOrder: 'newest' }) as const),
  ...SCENARIOS.slice(0, 3).map((scenario) => ({ scenario, preset: 'anthropic', listOrder: 'shuffled' }) as const),
  ...['steady', 'requeue-storm'].map((scenario) => ({ scenario, preset: 'aws', listOrder: 'oldest' }) as const),
  { scenario: 'leases-lapsing', preset: 'google', listOrder: 'newest' },
  { scenario: 'stale-heartbeats', preset: 'opensdlc', listOrder: 'newest' },
  { scenario: 'requeue-storm', preset: 'qoder', listOrder: 'oldest' },
];

describe.each(CASES)('$scenario of $preset, $listOrder first', ({ scenario, preset, listOrder }) => {
  it('shows items and stale ones as they are', async () => {
    const { clock, simulator, read } = await rig({ scenario, preset, switches: { listOrder } });
    for (let n = 0; n < 25; n++) {
      await clock.advance(17_000);
      const state = await read();
      const { stopped: _, ...items } = truthOf(simulator).items;
      expect(itemsByState(state)).toEqual(items);
      expect(staleByState(state)).toEqual(truthOf(simulator).stale_heartbeat_items);
    }
  });
});

/** Without an enqueue stamp a wait cannot be told from the rows alone. */
const STAMPED = CASES.filter(({ preset }) => PRESETS[preset].startedAtIsEnqueueStamp);

describe.each(STAMPED)(
  '$scenario of $preset, $listOrder first, over failed polls and restarts',
  ({ scenario, preset, listOrder }) => {
    it('counts what some read has shown, exactly', async () => {
      let current = await rig({ scenario, preset, switches: { listOrder } });
      const { clock, simulator, visible } = current;
      const before = truthOf(simulator).totals;
      let last: LifecycleTotals | null = null;
      for (let n = 0; n < 41; n++) {
        await clock.advance(n % 7 === 3 ? 90_000 : 9000);
        const failing = n % 5 === 4;
        simulator.setFaults(failing ? [{ kind: 'status', status: 503, shouldRetry: false, endpoints: ['list'] }] : []);
        const state = await current.read();
        expect(state.operations.list.failure === null).toBe(!failing);
        if (failing) continue;
        const { lifecycle } = state;
        expect(countersOf(lifecycle!)).toEqual(visible.counts);
        expect(lifecycle!.wait.sum * 1000).toBeCloseTo(visible.waitSum, 0);
        expect(lifecycle!.run.sum * 1000).toBeCloseTo(visible.runSum, 0);
        expect(lifecycle!.stop.sum * 1000).toBeCloseTo(visible.stopSum, 0);
        for (const name of ['created', 'acknowledged', 'stopped', 'requeued', 'lapsed'] as const) {
          expect(lifecycle![name]).toBeGreaterThanOrEqual(last?.[name] ?? 0);
        }
        last = lifecycle;
        if (n % 11 === 10) current = current.restart();
      }
      // Nobody is created unseen while reads go on.
      const { totals } = truthOf(simulator);
      expect(last!.created).toBe(totals.created - before.created);
      expect(last!.stopped).toBeLessThanOrEqual(totals.stopped - before.stopped);
    });
  },
);

describe.each(['newest', 'oldest'] as const)('a long list, %s first, in pages of 40', (listOrder) => {
  it('is followed at its end, live items included', async () => {
    const { clock, simulator, read } = await rig({ scenario: 'deploy', switches: { listOrder, maxPageSize: 40 } });
    await clock.advance(7_200_000);
    let compared = 0;
    for (let n = 0; n < 40; n++) {
      await clock.advance(15_000);
      const state = await read();
      const { stopped: _, ...items } = truthOf(simulator).items;
      const all = [...state.items!.live.values()].every(({ observedAt }) => observedAt === clock.now());
      const total = (counts: Record<string, number>) => Object.values(counts).reduce((sum, count) => sum + count, 0);
      // Sessions that wake up stand on old pages: they are seen within the full interval.
      expect(total(itemsByState(state))).toBeLessThanOrEqual(total(items) + 1);
      if (!all || total(itemsByState(state)) !== total(items)) continue;
      expect(itemsByState(state)).toEqual(items);
      compared++;
    }
    expect(compared).toBeGreaterThan(10);
  });
});

describe('a hundred thousand stopped items', () => {
  it('are read once, and then a few pages a read show what lives', async () => {
    const { clock, simulator, reader, read } = await rig({ scenario: 'long-history' });
    await clock.advance(1000);
    expect((await read()).items?.lastFullRead).toMatchObject({ truncated: false });
    expect(reader.state.items!.lastFullRead!.pages).toBeGreaterThan(100);
    // Walks are apart.
    const list = () => (truthOf(simulator).requests.list?.['200'] ?? 0) - reader.memory.walkRequests;
    for (let n = 0; n < 6; n++) {
      await clock.advance(30_000);
      const before = list();
      const state = await read();
      expect(list() - before).toBeLessThanOrEqual(5);
      expect(state.items?.mode).toBe('newest');
    }
  }, 60_000);
});
