import { basename } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { isOfOtherDivision, shardSuffix } from '../../src/domain/shard.ts';
import type { Ledger } from '../../src/lifecycle/ledger.ts';
import { ledgerOf } from '../../src/poller/reads/ledger-of.ts';
import { initialState } from '../../src/state/initial-state.ts';
import { buildEnvironment } from '../support/states.ts';
import { PATH, StateFileRig, withoutChecksum } from './state-file-rig.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

let { clock, files, open, ledger } = new StateFileRig();

beforeEach(() => {
  ({ clock, files, open, ledger } = new StateFileRig());
});

/** What the first read of the list counts on from, if the API's clock is ahead by so much; null: nobody knows by how much. */
function atFirstRead(restored: Ledger | undefined, skewMs: number | null = 0): Ledger {
  const state = initialState(buildEnvironment(), { stats: true, list: true }, clock);
  return ledgerOf({ ...state, ledger: restored! }, skewMs ?? 0, {
    clock,
    latestStampOfStopped: skewMs === null ? 0 : null,
  });
}

describe('an old state file', () => {
  it('goes on with the counters, but what happened meanwhile is history', async () => {
    const first = await open();
    const counted = ledger(3);
    await first.save('env_1', counted, 'counted');
    await clock.advance(HOUR + 60_000);
    const restored = atFirstRead((await open('two')).resume('env_1'));
    expect(restored.totals).toEqual(counted.totals);
    expect([restored.settledUntil, restored.items.size, restored.provenFullScans]).toEqual([clock.now(), 0, 0]);
  });

  it('is one from the future, too: its times are those of a clock that was wrong', async () => {
    clock.jumpWall(30 * DAY);
    const first = await open();
    const counted = ledger(3);
    await first.save('env_1', counted, 'counted');
    clock.jumpWall(-30 * DAY);
    const restored = atFirstRead((await open('two')).resume('env_1'));
    expect(restored.totals).toEqual(counted.totals);
    expect([restored.settledUntil, restored.items.size]).toEqual([clock.now(), 0]);
  });

  it.each([
    ['by a clock that was set ahead, and recent by that of the API', { setBy: DAY, downMs: 60_000 }, true],
    ['by a clock that was set back, and recent by that of the API', { setBy: -DAY, downMs: 60_000 }, true],
    ['by a clock that was set an hour ahead, and recent by that of the API', { setBy: HOUR, downMs: 1 }, true],
    ['by a clock that was set ahead, and old by that of the API', { setBy: DAY, downMs: HOUR + 60_000 }, false],
    ['by a clock that was set back, and old by that of the API', { setBy: -DAY, downMs: 2 * HOUR }, false],
    ['by both clocks', { setBy: 0, downMs: 2 * HOUR }, false],
    [
      'by a clock that was set ahead, while that of the API is unknown',
      { setBy: DAY, downMs: 1, unknown: true },
      false,
    ],
    [
      'by a clock that was set back, while that of the API is unknown',
      { setBy: -DAY, downMs: 1, unknown: true },
      false,
    ],
    ['by a clock that was set ahead, and of another shard', { setBy: DAY, downMs: 1, isOwn: () => false }, false],
  ] as const)('is old %s', async (_, { setBy, downMs, ...given }, goesOn) => {
    const first = await open();
    const counted = ledger(3);
    await first.save('env_1', counted, 'counted');
    await first.close();
    await clock.advance(downMs);
    clock.jumpWall(setBy);
    const second = await open('two', 'isOwn' in given ? given : {});
    const apiNow = clock.now() - setBy;
    const known = atFirstRead(second.resume('env_1'), 'unknown' in given ? null : -setBy);
    expect(known.totals).toEqual(counted.totals);
    if (goesOn) expect([known.settledUntil, known.items.size]).toEqual([counted.settledUntil, counted.items.size]);
    else expect([known.settledUntil, known.items.size]).toEqual(['unknown' in given ? clock.now() : apiNow, 0]);
    expect(known.resumeIfRecent).toBeUndefined();
    await second.close();
    // Nothing was read before the process ended, so nobody knows what was counted until then.
    const third = atFirstRead((await open('three')).resume('env_1'), -setBy);
    expect([third.settledUntil, third.items.size]).toEqual([apiNow, 0]);
  });

  it('is one of before another shard watched the environment, whatever becomes of this process meanwhile', async () => {
    const counted = ledger(3);
    await (await open()).save('env_1', counted, 'counted');
    for (const instance of ['two', 'three']) {
      const isOwn = (environmentId: string) => environmentId !== 'env_1';
      const ofOthers = await open(instance, { isOwn });
      await clock.advance(60_000);
      await ofOthers.save('env_2', ledger(1), 'counted');
      await ofOthers.close();
    }
    const restored = atFirstRead((await open('four')).resume('env_1'));
    expect(restored.totals).toEqual(counted.totals);
    expect([restored.settledUntil, restored.items.size, restored.provenFullScans]).toEqual([clock.now(), 0, 0]);
  });

  it.each([
    ['one process, three, and one again', ['0/1', '0/3', '0/1'], true],
    ['three, one, and three again', ['0/3', '0/1', '0/3'], true],
    ['one, three, and one that began and ended before it read', ['0/1', '0/3', '0/1', '0/1'], true],
    ['one that ends and begins', ['0/1', '0/1'], false],
    ['a shard that ends and begins while another goes on', ['0/3', '1/3', '0/3'], false],
    ['one, after shards of former times', ['0/3', '0/1', '0/1'], false],
  ])('is one of before another division of the fleet, if there was one since: %s', async (_, divisions, isHistory) => {
    let restored: Ledger | undefined;
    for (const [n, text] of divisions.entries()) {
      const [index, count] = text.split('/').map(Number) as [number, number];
      const path = `${PATH}${shardSuffix({ index, count })}`;
      const isCompared = (name: string) => isOfOtherDivision(name, basename(path), { index, count });
      const file = await open(`process_${n}`, { path, isOfOtherDivision: isCompared });
      restored = file.resume('env_1');
      await clock.advance(60_000);
      const isLast = n === divisions.length - 1;
      const isIdle = isLast || (divisions.length === 4 && n === 2);
      if (!isIdle) await file.save('env_1', ledger(3), 'counted');
      await file.close();
    }
    expect(restored!.totals.stopped).toBe(3);
    expect(restored!.settledUntil === Number.MAX_SAFE_INTEGER).toBe(isHistory);
  });

  it('from before there were buckets of 15, 20 and 45 minutes keeps every count under its bound', async () => {
    const file = await open();
    await file.save('env_1', ledger(1), 'counted');
    await file.close();
    const { environments, ...head } = JSON.parse(withoutChecksum(files.files.get(PATH)!));
    const former = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15];
    environments.env_1.histograms.wait = { counts: former, sum: 7 };
    files.files.set(PATH, JSON.stringify({ ...head, environments }));
    const { wait, run } = (await open('two')).resume('env_1')!.totals;
    const cumulative = Object.fromEntries(
      [...wait.bounds, '+Inf'].map((bound, n) => [bound, wait.counts.slice(0, n + 1).reduce((a, b) => a + b)]),
    );
    expect(cumulative).toMatchObject({
      600: 36,
      900: 36,
      1200: 36,
      1800: 45,
      2700: 45,
      3600: 55,
      86400: 105,
      '+Inf': 120,
    });
    expect([wait.sum, run.counts]).toEqual([7, ledger(1).totals.run.counts]);
  });
});
