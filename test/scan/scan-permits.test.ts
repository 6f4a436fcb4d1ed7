import { beforeEach, describe, expect, it } from 'vitest';
import type { ScanPermits } from '../../src/scan/scan-quota.ts';
import { environment } from '../support/environments.ts';
import { FakeWorkList } from '../support/fake-work-list.ts';
import { ManualClock } from '../support/manual-clock.ts';
import { ListReader } from './list-reader.ts';

const MINUTE = 60_000;
const LIMIT = 10;
/** A full scan of a long list is due after this. */
const FULL = 10 * MINUTE;

let clock: ManualClock;
let list: FakeWorkList;
let reader: ListReader;
let permits: number;
let waiting: Array<() => void>;

beforeEach(() => {
  clock = new ManualClock();
  permits = 0;
  waiting = [];
});

const quota: ScanPermits = {
  tryTake: () => permits-- > 0,
  take: () => new Promise((resolve) => waiting.push(resolve)),
};

function given(stopped: number, order: 'newest' | 'none' = 'newest'): void {
  list = new FakeWorkList({ order, cursors: 'keyset' });
  for (let i = stopped; i > 0; i--) {
    const at = clock.now() - i * MINUTE - 3_600_000;
    list.add(at, { state: 'stopped', acknowledgedAt: at + 1000, stoppedAt: at + 30_000 });
  }
  const poll = { ...environment('env_1').poll, fullListIntervalMs: FULL };
  const connection = { pageSize: LIMIT, fallbackPageSize: LIMIT };
  reader = new ListReader({ api: list, clock, environment: { poll }, connection, permits: quota });
}

/** Pages that one read asked for, 30 s after the last one, with so many permits to be had. */
async function read(available: number): Promise<number> {
  await clock.advance(30_000);
  permits = available;
  const before = list.requests.length;
  const { failure } = await reader.read();
  expect(failure).toBeNull();
  return list.requests.length - before;
}

/** The first full scan, with a permit for each page that needs one. */
async function readFirst(): Promise<void> {
  const reading = reader.read();
  let done = false;
  void reading.then(() => {
    done = true;
  });
  while (!done) {
    await clock.advance(0);
    waiting.shift()?.();
  }
}

describe('a short list', () => {
  it('needs no permits', async () => {
    given(29);
    expect([await read(0), await read(0)]).toEqual([3, 3]);
    expect(waiting).toEqual([]);
  });
});

describe('the first full scan of a long list', () => {
  it('waits for a permit for each page after the third, and shows nothing before its end', async () => {
    given(55);
    const reading = reader.read();
    for (const pages of [3, 4, 5]) {
      await clock.advance(MINUTE);
      expect([list.requests.length, waiting.length]).toEqual([pages, 1]);
      expect(reader.state.items).toBeNull();
      waiting.shift()!();
    }
    await reading;
    expect(reader.state.items?.lastFullRead).toMatchObject({ pages: 6, items: 55 });
    expect(reader.scanState.fullScans.requests).toBe(3);
  });

  it('goes on where it was when it is called off while it waits', async () => {
    given(55);
    const abort = new AbortController();
    const reading = reader.read(abort.signal);
    await clock.advance(0);
    for (let n = 0; n < 2; n++) {
      waiting.shift()!();
      await clock.advance(0);
    }
    abort.abort();
    waiting.shift()!();
    await reading;
    expect(list.requests).toHaveLength(5);
    await readFirst();
    expect(list.requests).toHaveLength(6);
    expect(reader.state.items?.lastFullRead).toMatchObject({ pages: 6, items: 55 });
  });
});

describe('a regular full scan', () => {
  it('stops where there is no permit and goes on with the next read; what was seen is shown meanwhile', async () => {
    given(95);
    await readFirst();
    await clock.advance(FULL);
    const at = list.add(clock.now());
    expect(await read(0)).toBe(1);
    expect([...reader.state.items!.live.keys()]).toEqual([at]);
    expect(reader.scanState.fullScans.current).toMatchObject({ pages: 0, urgent: false });
    const pages: number[] = [];
    while (reader.scanState.fullScans.current !== null) pages.push((await read(1)) - 1);
    expect(pages).toEqual(new Array(10).fill(1));
    expect(reader.scanState.fullScans.requests).toBe(7 + 10);
  });
});

describe('a regular full scan of a list that has grown', () => {
  it('reads more pages a scan the longer the list turns out to be', async () => {
    given(70);
    await readFirst();
    for (let n = 0; n < 3000; n++) list.add(clock.now(), { state: 'stopped', stoppedAt: clock.now() });
    // What is too old already is read at the usual pace.
    for (let n = 0; n < 20; n++) await read(0);
    const { number } = reader.scanState.fullScans;
    const pages: number[] = [];
    do pages.push((await read(100)) - 1);
    while (reader.scanState.fullScans.last!.pages < 300);
    expect(reader.scanState.fullScans.number).toBe(number);
    expect(pages[0]).toBe(1);
    // A tenth of the pages known so far: 49 scans instead of 307.
    expect(pages.length).toBeLessThan(60);
  });
});

describe('an urgent full scan', () => {
  it('takes the permits there are, says that it is urgent, and is over when it has seen all', async () => {
    given(95);
    list.add(clock.now());
    await readFirst();
    await clock.advance(MINUTE);
    reader.showStats({ depth: 1, workersPolling: 0 });
    expect(await read(4)).toBe(1 + 4);
    expect(reader.scanState.fullScans.current).toMatchObject({ pages: 4, urgent: true });
    expect(await read(4)).toBe(1 + 4);
    expect(await read(4)).toBe(1 + 2);
    expect(reader.scanState.fullScans.current).toBeNull();
  });

  it('begins anew what a regular full scan had begun: it may have passed what it is after', async () => {
    given(95);
    list.add(clock.now());
    await readFirst();
    await clock.advance(FULL);
    await read(1);
    expect(reader.scanState.fullScans.current).toMatchObject({ pages: 1, urgent: false });
    const { number } = reader.scanState.fullScans.current!;
    reader.showStats({ depth: 1, workersPolling: 0 });
    await read(2);
    expect(reader.scanState.fullScans.current).toMatchObject({ pages: 2, urgent: true });
    expect(reader.scanState.fullScans.current!.number).toBeGreaterThan(number);
  });
});

describe('a list without an order', () => {
  it('is looked at one page a read when there are no permits', async () => {
    given(95, 'none');
    await readFirst();
    expect([await read(0), await read(0), await read(2)]).toEqual([1, 1, 3]);
    expect(reader.scanState.fullScans.current).toMatchObject({ pages: 5 });
  });
});
