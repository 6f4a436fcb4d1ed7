import { beforeEach, describe, expect, it } from 'vitest';
import { ListRig } from './list-rig.ts';

let rig: ListRig;

beforeEach(() => {
  rig = new ListRig();
});

describe('work that waits while nobody is there', () => {
  it('is a reason to look through the whole list, once a minute', async () => {
    rig.given({ stopped: 95 });
    rig.list.add(rig.clock.now());
    rig.reader.showStats({ depth: 1, workersPolling: 0 });
    expect(await rig.read()).toHaveLength(10);
    expect(await rig.read()).toHaveLength(1);
    // The page with the new items, and then all of them.
    expect(await rig.read()).toHaveLength(11);
  });

  it('is none while a live item has a fresh heartbeat', async () => {
    rig.given({ stopped: 95 });
    const id = rig.list.add(rig.clock.now(), { state: 'active', latestHeartbeatAt: rig.clock.now() });
    rig.reader.showStats({ depth: 1, workersPolling: 0 });
    await rig.read();
    rig.list.change(id, { latestHeartbeatAt: rig.clock.now() });
    await rig.read();
    expect(await rig.read()).toHaveLength(1);
  });
});

describe('items that stats count and the list does not show', () => {
  it('are a rescan reason when two reads in a row miss them; what a full scan does not explain is left at that', async () => {
    rig.given({ stopped: 95 });
    const costs: number[] = [];
    for (let n = 0; n < 9; n++) {
      await rig.clock.advance(1000);
      rig.reader.showStats({ depth: 2 });
      costs.push((await rig.read()).length);
    }
    expect(rig.reader.state.items?.mismatch).toBe(2);
    // The full scan at the start, and one that looks for the two.
    expect(costs.filter((cost) => cost >= 10)).toHaveLength(2);
  });

  it('are what both the stats before and after the read agree on', async () => {
    rig.given({ stopped: 5 });
    rig.reader.showStats({ depth: 3 });
    await rig.read();
    await rig.clock.advance(1000);
    rig.reader.showStats({ depth: 0 });
    await rig.read();
    expect(rig.reader.state.items?.mismatch).toBe(0);
  });

  it('what the list does not show is unknown without stats', async () => {
    rig.given({ stopped: 5 });
    await rig.read();
    await rig.read();
    expect(rig.reader.state.items?.mismatch).toBeNull();
  });
});
