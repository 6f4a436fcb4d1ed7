import { afterEach, describe, expect, it } from 'vitest';
import { PRESETS } from '../../src/wire/presets.ts';
import { POLL } from '../support/environments.ts';
import { DENSE_CASES, LONG_CASES, switchesOf } from './lifecycle-cases.ts';
import { expectCounted, expectTruth } from './lifecycle-counters.ts';
import { GaugeCheck } from './lifecycle-gauges.ts';
import { startRig, stopRigs } from './lifecycle-rig.ts';

afterEach(stopRigs);

describe.each(DENSE_CASES)('$scenario of $preset, stamps $requeueStamps, read every second and a half', (options) => {
  it('is counted as the world counts itself', async () => {
    // To a reader, another id is another item, created a second time; and stamps of whole seconds are not the truth.
    const exact = { rotateIds: false, fractionDigits: 6 };
    const current = await startRig({ ...options, switches: { ...switchesOf(options), ...exact } });
    const before = current.truth();
    await current.read();
    for (let n = 0; n < 120; n++) {
      await current.clock.advance(1500);
      await current.read();
    }
    expectTruth(current.state, {
      before,
      after: current.truth(),
      stamped: PRESETS[options.preset].startedAtIsEnqueueStamp,
    });
  });

  it('loses nothing to crashes after any read, even one that counted nothing', async () => {
    const current = await startRig({ ...options, switches: switchesOf(options) });
    for (let n = 0; n < 60; n++) {
      await current.clock.advance(1500);
      expectCounted((await current.read()).lifecycle!, current.visible);
      current.restart('crash');
    }
  });
});

describe.each(['newest', 'oldest'] as const)('a long list, %s first, in pages of 7', (listOrder) => {
  it('is followed at its end, and sessions that wake up on old pages are found within the full interval', async () => {
    const current = await startRig({ scenario: 'deploy', switches: { listOrder, maxPageSize: 7 } });
    const gauges = new GaugeCheck(current, { fullListIntervalMs: POLL.fullListIntervalMs, gapMs: POLL.listIntervalMs });
    await current.clock.advance(7_200_000);
    for (let n = 0; n < 60; n++) {
      await current.clock.advance(POLL.listIntervalMs);
      current.world.look();
      const state = await current.read();
      expect(state.items!.mode).toBe(listOrder);
      gauges.check(current.now());
    }
    expect(gauges.found).toBeGreaterThan(0);
  });
});

describe.each(LONG_CASES)('a hundred thousand stopped items of $preset, $listOrder first', (options) => {
  it('are read once, and then a few pages a read show what lives', async () => {
    const current = await startRig({ ...options, switches: switchesOf(options) });
    const { clock } = current;
    await clock.advance(1000);
    expect((await current.read()).items?.lastFullRead).toMatchObject({ truncated: false });
    expect(current.state.items!.lastFullRead!.pages).toBeGreaterThan(100);
    const gauges = new GaugeCheck(current, { fullListIntervalMs: POLL.fullListIntervalMs, gapMs: 30_000 });
    // Full scans are apart.
    const list = () => (current.truth().requests.list?.['200'] ?? 0) - current.reader.scanState.fullScans.requests;
    for (let n = 0; n < 6; n++) {
      await clock.advance(30_000);
      const before = list();
      current.world.look();
      const state = await current.read();
      expect(list() - before).toBeLessThanOrEqual(5);
      expect(state.items?.mode).toBe(options.listOrder);
      gauges.check(current.now());
      expectCounted(state.lifecycle!, current.visible);
    }
  });
});
