import { beforeEach, describe, expect, it } from 'vitest';
import type { ScanPermits } from '../../src/scan/steps/scan-request.ts';
import { ListRig, MINUTE } from './list-rig.ts';

let rig: ListRig;
/** Who waits for a permit. */
let waiting: Array<() => void>;

beforeEach(() => {
  rig = new ListRig();
  waiting = [];
});

/** No permit is there, and who waits for one gets it when the test says so. */
const permits: ScanPermits = {
  tryTake: () => false,
  take: () => new Promise((resolve) => waiting.push(resolve)),
};

describe('a short list', () => {
  it('a short list needs no permits', async () => {
    rig.given({ stopped: 29 }, { permits });
    expect(await rig.readTimes(2)).toEqual([3, 3]);
    expect(waiting).toEqual([]);
  });
});

describe('the first full scan of a long list', () => {
  it('waits for a permit for each page after the third, and shows nothing before its end', async () => {
    rig.given({ stopped: 55 }, { permits });
    const reading = rig.reader.read();
    for (const pages of [3, 4, 5]) {
      await rig.clock.advance(MINUTE);
      expect([rig.list.requests.length, waiting.length]).toEqual([pages, 1]);
      expect(rig.reader.state.items).toBeNull();
      waiting.shift()!();
    }
    await reading;
    expect(rig.reader.state.items?.lastFullRead).toMatchObject({ pages: 6, items: 55 });
    expect(rig.reader.scanState.fullScans.requests).toBe(3);
  });

  it('goes on where it was when it is called off while it waits', async () => {
    rig.given({ stopped: 55 }, { permits });
    const abort = new AbortController();
    const reading = rig.reader.read(abort.signal);
    await rig.clock.advance(0);
    for (let n = 0; n < 2; n++) {
      waiting.shift()!();
      await rig.clock.advance(0);
    }
    abort.abort();
    waiting.shift()!();
    await reading;
    expect(rig.list.requests).toHaveLength(5);
    const rest = rig.reader.read();
    await rig.clock.advance(0);
    expect(waiting).toEqual([]);
    await rest;
    expect(rig.list.requests).toHaveLength(6);
    expect(rig.reader.state.items?.lastFullRead).toMatchObject({ pages: 6, items: 55 });
  });
});
