import { describe, expect, it } from 'vitest';
import { LATEST_COMMIT_MS } from '../../src/lifecycle/count-read.ts';
import { LATE_COMMIT_MS } from '../../src/scan/memory/high-water-mark.ts';
import { FakeWorkList } from '../support/fake-work-list.ts';
import { ManualClock } from '../support/manual-clock.ts';
import { ListReader } from './list-reader.ts';

const LIMIT = 10;
const MINUTE = 60_000;
const EVERY = 30_000;

/** A long list with a new item every half minute, read for a quarter of an hour: its order is known by then. */
async function aList(order: 'newest' | 'oldest') {
  const clock = new ManualClock();
  const list = new FakeWorkList({ order, cursors: 'keyset', retrieve: false });
  const reader = new ListReader({ api: list, clock, connection: { pageSize: LIMIT, fallbackPageSize: LIMIT } });
  const stopped = (at: number) => list.add(at, { state: 'stopped', acknowledgedAt: at + 1, stoppedAt: at + 2 });
  for (let n = 100; n > 0; n--) stopped(clock.now() - n * MINUTE - 3_600_000);
  const read = async () => {
    await clock.advance(EVERY);
    stopped(clock.now());
    expect((await reader.read()).failure).toBeNull();
  };
  const readFor = async (ms: number) => {
    for (let passed = 0; passed < ms; passed += EVERY) await read();
  };
  await readFor(15 * MINUTE);
  expect(reader.scanState.order.value).toBe(order);
  return { clock, list, reader, read, readFor, stopped };
}

describe.each(['newest', 'oldest'] as const)('in a list with the %s items first', (order) => {
  it('a row that becomes visible within a minute is seen by the next scan', async () => {
    const { clock, list, reader, read } = await aList(order);
    const full = reader.scanState.fullScans.last;
    // The next scan comes before the row is a minute late.
    const id = list.add(clock.now() - LATE_COMMIT_MS + EVERY + 1);
    await read();
    expect(reader.live).toContain(id);
    expect(reader.scanState.fullScans.last).toBe(full);
  });

  it.each([
    { late: LATE_COMMIT_MS - 1, counted: 1 },
    { late: LATE_COMMIT_MS * 5, counted: 1 },
    { late: LATEST_COMMIT_MS - 1000, counted: 1 },
    { late: LATEST_COMMIT_MS + 6 * MINUTE, counted: 0 },
  ])('a row that becomes visible after $late ms counts $counted times', async ({ late, counted }) => {
    const [with_, without] = [await aList(order), await aList(order)];
    with_.stopped(with_.clock.now() - late);
    for (const { readFor } of [with_, without]) await readFor(11 * MINUTE);
    const created = ({ reader }: typeof with_) => reader.state.lifecycle!.created;
    expect(created(with_) - created(without)).toBe(counted);
  });
});
