import { describe, expect, it } from 'vitest';
import { ids, LateFleet, type Slow } from './late-fleet.ts';

const LATE = { httpStatus: null, requestId: null, message: 'late', remedy: '' } as const;
const TIMED_OUT = { ...LATE, reason: 'timeout' } as const;
const GATEWAY = { ...LATE, reason: 'server_error', httpStatus: 504 } as const;

describe('with fewer slots than environments of a thousand that answer late, the others are read as often as ever', () => {
  // Each of them is known to be slow once it was read: with half of the fleet, that takes minutes.
  it.each<{ what: string; count: number; slots: number; knownMs?: number } & Omit<Slow, 'ids'>>([
    { what: 'hang to their deadline', count: 20, slots: 16, afterMs: 10_000, failure: TIMED_OUT },
    { what: 'hang to a deadline of a second', count: 50, slots: 8, afterMs: 1000, failure: TIMED_OUT },
    { what: 'get an answer just before it', count: 50, slots: 32, afterMs: 9900 },
    { what: 'get an answer after a few seconds', count: 100, slots: 32, afterMs: 3000 },
    { what: 'hear from a gateway that gave up', count: 20, slots: 16, afterMs: 9000, failure: GATEWAY },
    { what: 'have lists alone that are late', count: 40, slots: 16, afterMs: 9000, operation: 'list' },
    { what: 'have stats alone that are late', count: 40, slots: 16, afterMs: 9000, operation: 'stats' },
    { what: 'are half of the fleet', count: 500, slots: 32, afterMs: 9900, knownMs: 420_000 },
  ])('$count that $what', async ({ count, slots, knownMs = 90_000, ...late }) => {
    const slow = { ...late, ids: ids(1000).filter((_, n) => n % (1000 / count) === 7 % (1000 / count)) };
    expect(slow.ids).toHaveLength(count);
    const fleet = new LateFleet(1000, { requestsPerMinute: 10_000, slots, slow });
    await fleet.clock.advance(knownMs + 120_000);
    const well = ids(1000).filter((id) => !slow.ids.includes(id));
    const gaps = fleet.gaps(well, knownMs);
    expect(gaps).toHaveLength(1000 - count);
    expect(Math.max(...gaps)).toBeLessThan(15_000 * 1.1);
    expect(Math.min(...gaps)).toBeGreaterThan(15_000 * 0.9);
  });
});

describe('when nearly all environments of a thousand hang, the others are read as often as ever once they are found', () => {
  it.each([
    { count: 990, slots: 32, fromMs: 0, foundMs: 90_000 },
    { count: 990, slots: 8, fromMs: 0, foundMs: 330_000 },
    { count: 990, slots: 8, fromMs: 120_000, foundMs: 330_000 },
    { count: 900, slots: 8, fromMs: 120_000, foundMs: 310_000 },
    { count: 900, slots: 5, fromMs: 0, foundMs: 480_000 },
  ])('$count with $slots slots, from $fromMs ms on', async ({ count, slots, fromMs, foundMs }) => {
    const hang = { ids: ids(1000).filter((_, n) => (n * 7919) % 1000 < count), afterMs: 10_000, failure: TIMED_OUT };
    const fleet = new LateFleet(1000, { requestsPerMinute: 10_000, slots, slow: { ...hang, fromMs } });
    await fleet.clock.advance(fromMs + foundMs + 240_000);
    const well = ids(1000).filter((id) => !hang.ids.includes(id));
    for (const [operation, intervalMs] of [
      ['stats', 15_000],
      ['list', 30_000],
    ] as const) {
      const found = fleet.firstReads(well, operation, fromMs);
      expect(found).toHaveLength(1000 - count);
      expect(Math.max(...found)).toBeLessThan(foundMs);
      const gaps = fleet.longestGaps(well, operation, fromMs + foundMs);
      expect(Math.max(...gaps)).toBeLessThan(intervalMs * 1.1 + 10_000);
    }
  });
});

describe('when environments of a thousand begin to hang at once, the others are read again soon', () => {
  // Without calling off what hangs: 42, 149 and 308 s for the lists.
  it.each([
    { count: 50, stats: 17, list: 34 },
    { count: 200, stats: 25, list: 46 },
    { count: 500, stats: 45, list: 90 },
    // Hardly any of the first reads is answered. By slots in proportion, and without calling off: 382 and 906 s.
    { count: 900, stats: 85, list: 170 },
    { count: 990, stats: 90, list: 180 },
  ])('$count: stats within $stats s, lists within $list s', async ({ count, stats, list }) => {
    const hang = { ids: ids(1000).filter((_, n) => (n * 7919) % 1000 < count), afterMs: 10_000, failure: TIMED_OUT };
    const fleet = new LateFleet(1000, { requestsPerMinute: 10_000, slow: { ...hang, fromMs: 120_000 } });
    await fleet.clock.advance(420_000);
    const well = ids(1000).filter((id) => !hang.ids.includes(id));
    expect(well).toHaveLength(1000 - count);
    expect(Math.max(...fleet.longestGaps(well, 'stats', 90_000))).toBeLessThan(stats * 1000);
    expect(Math.max(...fleet.longestGaps(well, 'list', 90_000))).toBeLessThan(list * 1000);
  });

  it.each([500, 990, 1000])(
    'and when the %d that hung answer again, each is read within 20 s, and within the budget',
    async (count) => {
      const requestsPerMinute = 6000;
      const untilMs = 720_000;
      const hanging = ids(1000).filter((_, n) => (n * 7919) % 1000 < count);
      const slow = { ids: hanging, afterMs: 10_000, failure: TIMED_OUT, fromMs: 120_000, untilMs };
      const fleet = new LateFleet(1000, { requestsPerMinute, slow });
      await fleet.clock.advance(untilMs + 180_000);
      for (const operation of ['stats', 'list'] as const) {
        const again = fleet.firstReads(hanging, operation, untilMs);
        expect(again).toHaveLength(count);
        expect(Math.max(...again)).toBeLessThan(20_000);
      }
      expect(fleet.mostInAMinute).toBeLessThanOrEqual(requestsPerMinute);
      // Else there was nothing to be too many.
      expect(fleet.mostInAMinute).toBeGreaterThan(requestsPerMinute / 2);
    },
  );

  it('and what is called off, because it is late, counts as no failure', async () => {
    const slow = { ids: ids(1000).filter((_, n) => n % 5 === 1), afterMs: 9000, fromMs: 120_000 };
    const fleet = new LateFleet(1000, { requestsPerMinute: 10_000, slow });
    await fleet.clock.advance(360_000);
    expect(fleet.calledOff).toBeGreaterThan(100);
    expect(fleet.failing).toEqual([]);
  });

  it('and nothing is called off where all begin to answer late', async () => {
    const slow = { ids: ids(1000), afterMs: 3000, fromMs: 120_000 };
    const fleet = new LateFleet(1000, { requestsPerMinute: 10_000, slow });
    await fleet.clock.advance(360_000);
    expect(fleet.calledOff).toBe(0);
  });
});

it('all slots are used where all environments answer late', async () => {
  const slow = { ids: ids(100), afterMs: 4000 };
  const fleet = new LateFleet(100, { requestsPerMinute: 10_000, slots: 16, slow });
  await fleet.clock.advance(360_000);
  const reads = fleet.asked.filter(({ at }) => at >= 120_000).length;
  expect(reads).toBeGreaterThan(0.95 * 16 * 60);
});
