import { beforeEach, describe, expect, it } from 'vitest';
import { LIMIT, ListRig } from './list-rig.ts';

let rig: ListRig;

beforeEach(() => {
  rig = new ListRig();
});

describe('many items that are lost together', () => {
  it('are passed over together, so that a read does not look through all of them for each', async () => {
    rig.given({ stopped: 10 * LIMIT, retrieve: false });
    for (let i = 0; i < 300; i++) rig.list.add(rig.clock.now() - 3_600_000 + i);
    await rig.read();
    expect(rig.reader.live).toHaveLength(300);
    rig.list.remove(rig.reader.live);
    const { items } = rig.reader.scanState;
    let looks = 0;
    const all = items.all.bind(items);
    items.all = () => {
      looks++;
      return all();
    };
    for (let n = 0; n < 10; n++) {
      looks = 0;
      await rig.read();
      expect(looks).toBeLessThan(30);
    }
    expect(rig.reader.live).toEqual([]);
  });

  it('are asked for by their ids where that is possible, also beside one that cannot be', async () => {
    rig.given({ stopped: 20 * LIMIT });
    const running = { state: 'active', acknowledgedAt: rig.clock.now(), latestHeartbeatAt: rig.clock.now() } as const;
    const ids = [1, 2].map((n) => rig.list.add(rig.clock.now() - 7_200_000 + n, running));
    await rig.read();
    const { items } = rig.reader.scanState;
    for (const id of ids) items.markLost(id);
    items.avoidRetrieve(ids[0]!);
    rig.list.change(ids[1]!, { state: 'stopped', stoppedAt: rig.clock.now() });
    await rig.read();
    expect(rig.reader.live).toEqual([ids[0]]);
  });
});
