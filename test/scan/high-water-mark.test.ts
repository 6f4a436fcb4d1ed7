import { beforeEach, describe, expect, it } from 'vitest';
import { newLedger } from '../../src/lifecycle/ledger.ts';
import { FakeWorkList } from '../support/fake-work-list.ts';
import { ManualClock } from '../support/manual-clock.ts';
import { ListReader, type ListReaderOptions } from './list-reader.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

let clock: ManualClock;
let isBelieved: boolean;
let list: FakeWorkList;
/** API clock − own clock; known from the first answer on. */
let skew: number;
let known: number;
/** What a single answer says that nobody corrects by. */
let likely: number;

beforeEach(() => {
  clock = new ManualClock();
  list = new FakeWorkList({ order: 'newest', cursors: 'keyset' });
  skew = 0;
  isBelieved = true;
  known = 0;
  likely = 0;
  list.before = () => {
    likely = skew;
    if (isBelieved) known = skew;
  };
});

const apiNow = () => clock.now() + skew;

function readerOf(change: Partial<ListReaderOptions> = {}): ListReader {
  return new ListReader({
    api: list,
    clock,
    ...change,
    connection: { skewMs: () => known, historySkewMs: () => (known === 0 ? likely : known) },
  });
}

/** Six items, one a minute, each read in between. */
async function live(reader: ListReader): Promise<void> {
  for (let n = 0; n < 6; n++) {
    await clock.advance(MINUTE);
    list.add(apiNow());
    await reader.read();
  }
}

describe('what happened before the exporter', () => {
  it.each([
    ['an hour behind', HOUR],
    ['right', 0],
    ['ten minutes ahead', -10 * MINUTE],
    ['an hour ahead', -HOUR],
  ])('is history, and what happens from then on is counted, on a clock that is %s', async (_, apiAhead) => {
    skew = apiAhead;
    for (let n = 1; n <= 10; n++) list.add(apiNow() - n * MINUTE);
    const reader = readerOf();
    await reader.read();
    expect(reader.state.lifecycle?.created).toBe(0);
    await live(reader);
    expect(reader.state.lifecycle).toMatchObject({ created: 6, requeued: 0 });
  });

  it.each([
    ['behind', HOUR],
    ['ahead', -HOUR],
  ])('is history also when a clock that is %s is known by a single answer only', async (_, apiAhead) => {
    skew = apiAhead;
    isBelieved = false;
    for (let n = 1; n <= 10; n++) list.add(apiNow() - n * MINUTE);
    const reader = readerOf();
    await reader.read();
    expect(reader.state.lifecycle?.created).toBe(0);
    isBelieved = true;
    await live(reader);
    expect(reader.state.lifecycle).toMatchObject({ created: 6, requeued: 0 });
  });

  it.each([
    ['behind', 2 * HOUR],
    ['ahead', -2 * HOUR],
  ])('is no requeue when a clock that is %s is known by a single answer only after a restart', async (_, apiAhead) => {
    skew = apiAhead;
    const before = readerOf();
    await before.read();
    await live(before);
    await clock.advance(20 * MINUTE);
    await before.read();
    await before.read();
    const { ledger } = before.state;
    expect(ledger).toMatchObject({ provenFullScans: 2, totals: { created: 6 } });
    [known, likely, isBelieved] = [0, 0, false];
    const after = readerOf({ ledger: ledger! });
    for (let n = 0; n < 2; n++) {
      await clock.advance(MINUTE);
      await after.read();
    }
    expect(after.state.lifecycle).toMatchObject({ created: 6, requeued: 0 });
    // The times of the ledger are those of the API, whatever is corrected by.
    const counted = after.state.ledger!;
    for (const item of counted.items.values()) expect(item.seenAt).toBe(apiNow());
    isBelieved = true;
    await live(after);
    expect(after.state.lifecycle).toMatchObject({ created: 12, requeued: 0 });
  });

  it('is settled in the past only: a future that a wrong clock has left behind ends with the next read', async () => {
    const reader = readerOf({ ledger: { ...newLedger(clock.now() + 30 * 24 * HOUR), provenFullScans: 2 } });
    await reader.read();
    await live(reader);
    expect(reader.state.lifecycle).toMatchObject({ created: 6, requeued: 0 });
  });

  it('is settled by the clock of now when that was stepped during a full scan', async () => {
    const reader = readerOf();
    await reader.read();
    list.before = () => {
      // An hour ahead when the full scan begins, and right again when its first answer comes.
      known = 0;
      clock.jumpWall(-HOUR);
      list.before = () => {};
    };
    clock.jumpWall(HOUR);
    await reader.read();
    await live(reader);
    expect(reader.state.lifecycle).toMatchObject({ created: 6, requeued: 0 });
  });
});
