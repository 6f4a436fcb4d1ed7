import { beforeEach, describe, expect, it } from 'vitest';
import { POLL } from '../support/environments.ts';
import { ListRig, MINUTE } from './list-rig.ts';

/** A full scan of a long list is due after this. */
const FULL = 10 * MINUTE;

let rig: ListRig;

beforeEach(() => {
  rig = new ListRig();
});

interface ListKind {
  readonly order?: 'newest' | 'none';
  readonly live?: number;
}

/** A list that was read once, with a permit for each page that needed one. */
async function readOnce(stopped: number, { order = 'newest', live = 0 }: ListKind = {}): Promise<void> {
  rig.given({ stopped, order }, { environment: { poll: { ...POLL, fullListIntervalMs: FULL } } });
  for (let n = 0; n < live; n++) rig.list.add(rig.clock.now());
  await rig.reader.read();
}

/** Pages that one read asks for, with so many permits to be had. */
async function read(available: number): Promise<number> {
  rig.permits = available;
  return (await rig.read()).length;
}

describe('a regular full scan', () => {
  it('stops where there is no permit and goes on with the next read; what was seen is shown meanwhile', async () => {
    await readOnce(95);
    await rig.clock.advance(FULL);
    const at = rig.list.add(rig.clock.now());
    expect(await read(0)).toBe(1);
    expect(rig.reader.live).toEqual([at]);
    expect(rig.reader.scanState.fullScans.current).toMatchObject({ pages: 0, urgent: false });
    const pages: number[] = [];
    while (rig.reader.scanState.fullScans.current !== null) pages.push((await read(1)) - 1);
    expect(pages).toEqual(new Array(10).fill(1));
    expect(rig.reader.scanState.fullScans.requests).toBe(7 + 10);
  });
});

describe('a regular full scan of a list that has grown', () => {
  it('reads more pages a scan the longer the list turns out to be', async () => {
    await readOnce(70);
    for (let n = 0; n < 3000; n++) rig.list.add(rig.clock.now(), { state: 'stopped', stoppedAt: rig.clock.now() });
    // What is too old already is read at the usual pace.
    for (let n = 0; n < 20; n++) await read(0);
    const { number } = rig.reader.scanState.fullScans;
    const pages: number[] = [];
    do pages.push((await read(100)) - 1);
    while (rig.reader.scanState.fullScans.last!.pages < 300);
    expect(rig.reader.scanState.fullScans.number).toBe(number);
    expect(pages[0]).toBe(1);
    // A tenth of the pages known so far: 49 scans instead of 307.
    expect(pages.length).toBeLessThan(60);
  });
});

describe('an urgent full scan', () => {
  it('takes the permits there are, says that it is urgent, and is over when it has seen all', async () => {
    await readOnce(95, { live: 1 });
    await rig.clock.advance(MINUTE);
    rig.reader.showStats({ depth: 1, workersPolling: 0 });
    expect(await read(4)).toBe(1 + 4);
    expect(rig.reader.scanState.fullScans.current).toMatchObject({ pages: 4, urgent: true });
    expect(await read(4)).toBe(1 + 4);
    expect(await read(4)).toBe(1 + 2);
    expect(rig.reader.scanState.fullScans.current).toBeNull();
  });

  it('begins anew what a regular full scan had begun: it may have passed what it is after', async () => {
    await readOnce(95, { live: 1 });
    await rig.clock.advance(FULL);
    await read(1);
    expect(rig.reader.scanState.fullScans.current).toMatchObject({ pages: 1, urgent: false });
    const { number } = rig.reader.scanState.fullScans.current!;
    rig.reader.showStats({ depth: 1, workersPolling: 0 });
    await read(2);
    expect(rig.reader.scanState.fullScans.current).toMatchObject({ pages: 2, urgent: true });
    expect(rig.reader.scanState.fullScans.current!.number).toBeGreaterThan(number);
  });
});

describe('a list without an order', () => {
  it('is looked at one page a read when there are no permits', async () => {
    await readOnce(95, { order: 'none' });
    expect([await read(0), await read(0), await read(2)]).toEqual([1, 1, 3]);
    expect(rig.reader.scanState.fullScans.current).toMatchObject({ pages: 5 });
  });
});
