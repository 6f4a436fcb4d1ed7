import { beforeEach, describe, expect, it } from 'vitest';
import { initialState } from '../../src/state/changes.ts';
import { environment } from '../support/environments.ts';
import { deferred, IDLE } from '../support/scripted-work-api.ts';
import { PollerRig, STATS_ONLY } from './poller-rig.ts';

let rig: PollerRig;
beforeEach(() => {
  rig = new PollerRig();
});

describe('the cadence', () => {
  it('reads stats and list at once and then each on its own interval', async () => {
    rig.watch([environment('env_1')]);
    await rig.clock.advance(0);
    expect([rig.api.count('stats'), rig.api.count('list')]).toEqual([1, 1]);
    await rig.clock.advance(600_000);
    // 600 s in steps of 15 s and 30 s, each ±10 %.
    expect(rig.api.count('stats')).toBeGreaterThan(36);
    expect(rig.api.count('stats')).toBeLessThan(46);
    expect(rig.api.count('list')).toBeGreaterThan(18);
    expect(rig.api.count('list')).toBeLessThan(24);
  });

  it('does not read an operation without a credential', async () => {
    rig.watch([environment('env_1')], STATS_ONLY);
    await rig.clock.advance(120_000);
    expect(rig.api.count('list')).toBe(0);
    expect(rig.api.count('stats')).toBeGreaterThan(5);
  });

  it('never overlaps reads of one environment and operation', async () => {
    const pending = deferred<typeof IDLE>();
    rig.api.onStats = () => pending.promise;
    rig.watch([environment('env_1')], STATS_ONLY);
    await rig.clock.advance(300_000);
    expect(rig.api.count('stats')).toBe(1);
    pending.resolve(IDLE);
    await rig.clock.advance(20_000);
    expect(rig.api.count('stats')).toBeGreaterThan(1);
  });

  it('keeps to the slots of a connection', async () => {
    const answers: Array<() => void> = [];
    rig.api.onStats = () => new Promise((resolve) => answers.push(() => resolve(IDLE)));
    const environments = [1, 2, 3, 4, 5].map((n) => environment(`env_${n}`));
    rig.watch(environments, STATS_ONLY, [rig.connection({ maxConcurrent: 2 })]);
    await rig.clock.advance(0);
    expect(rig.api.calls.map((call) => call.environmentId)).toEqual(['env_1', 'env_2']);
    answers[0]!();
    await rig.clock.advance(0);
    expect(rig.api.calls.map((call) => call.environmentId)).toEqual(['env_1', 'env_2', 'env_3']);
  });
});

describe('a budget that is too small', () => {
  const scheduled = () => rig.states.all().map(({ operations }) => operations.stats.scheduledIntervalMs / 1000);

  it('lengthens the intervals of idle environments, up to their longest, and shows it', async () => {
    const environments = Array.from({ length: 100 }, (_, n) => environment(`env_${n}`));
    rig.api.onStats = (id) => ({ ...IDLE, depth: id === 'env_0' ? 5 : 0 });
    rig.watch(environments, STATS_ONLY);
    await rig.clock.advance(900_000);
    const [active, ...idle] = scheduled();
    expect(active).toBe(15);
    // 216 requests a minute less the 4 of the active one, for 99 idle ones.
    for (const seconds of idle) expect(seconds).toBeCloseTo((99 * 60) / 212, 1);
    const before = rig.api.calls.length;
    await rig.clock.advance(60_000);
    expect(rig.api.calls.length - before).toBeLessThan(240);
  });

  it('shortens them again at once when there is less to read', async () => {
    const environments = Array.from({ length: 100 }, (_, n) => environment(`env_${n}`));
    rig.watch(environments, STATS_ONLY);
    await rig.clock.advance(900_000);
    expect(Math.max(...scheduled())).toBeGreaterThan(20);
    rig.watch(environments.slice(0, 10), STATS_ONLY);
    await rig.clock.advance(10_000);
    expect(new Set(scheduled())).toEqual(new Set([15]));
    const before = rig.api.calls.length;
    await rig.clock.advance(60_000);
    const reads = rig.api.calls.slice(before).map(({ environmentId }) => environmentId);
    for (let n = 0; n < 10; n++) expect(reads.filter((id) => id === `env_${n}`).length).toBeGreaterThanOrEqual(3);
  });
});

describe('start', () => {
  it('is when reading begins, not when targets are given', async () => {
    const waiting = rig.newPoller();
    rig.states.replaceAll([initialState(environment('env_1'), STATS_ONLY, rig.clock)]);
    waiting.watch([rig.connection()], [{ environment: environment('env_1'), attempted: STATS_ONLY }]);
    await rig.clock.advance(60_000);
    expect(rig.api.calls).toEqual([]);
    waiting.start();
    await rig.clock.advance(1);
    expect(rig.api.count('stats')).toBe(1);
  });
});

describe('stop', () => {
  it('calls everything off and leaves no timer', async () => {
    rig.watch([environment('env_1'), environment('env_2')]);
    await rig.clock.advance(20_000);
    await rig.poller.stop();
    const calls = rig.api.calls.length;
    await rig.clock.advance(600_000);
    expect(rig.api.calls.length).toBe(calls);
    expect(rig.clock.timers).toBe(0);
  });
});
