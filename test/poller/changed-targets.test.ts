import { beforeEach, describe, expect, it } from 'vitest';
import { apiError } from '../support/api-errors.ts';
import { environment, POLL } from '../support/environments.ts';
import { deferred, IDLE } from '../support/scripted-work-api.ts';
import { PollerRig, STATS_ONLY } from './poller-rig.ts';

let rig: PollerRig;
beforeEach(() => {
  rig = new PollerRig();
});

describe('watching something else', () => {
  it('calls off the reads of environments that left, and their results have no home', async () => {
    const pending = deferred<typeof IDLE>();
    let signal: AbortSignal | undefined;
    rig.api.onStats = () => {
      signal = rig.api.calls.at(-1)!.options.signal;
      return pending.promise;
    };
    rig.watch([environment('env_1')], STATS_ONLY);
    await rig.clock.advance(10);
    rig.watch([]);
    expect(signal?.aborted).toBe(true);
    pending.resolve(IDLE);
    await rig.clock.advance(300_000);
    expect(rig.states.all()).toEqual([]);
    expect(rig.api.count('stats')).toBe(1);
    expect(rig.reported).toEqual([]);
  });

  it('applies a shorter interval at once', async () => {
    const slow = { ...POLL, statsIntervalMs: 3_600_000 };
    rig.watch([environment('env_1', { poll: slow })], STATS_ONLY);
    await rig.clock.advance(60_000);
    expect(rig.api.count('stats')).toBe(1);
    rig.watch([environment('env_1')], STATS_ONLY);
    await rig.clock.advance(20_000);
    expect(rig.api.count('stats')).toBe(2);
  });

  it.each([true, false])(
    'tries again at once what was refused, if a reload may bring the new key: %s',
    async (retry) => {
      rig.api.onStats = () => {
        throw apiError('unauthorized', { httpStatus: 401 });
      };
      rig.watch([environment('env_1')], STATS_ONLY);
      await rig.clock.advance(600_000);
      rig.api.onStats = () => IDLE;
      rig.watch([environment('env_1')], STATS_ONLY, undefined, retry);
      await rig.clock.advance(10);
      expect(rig.states.get('env_1')!.operations.stats.failure === null).toBe(retry);
    },
  );
});
