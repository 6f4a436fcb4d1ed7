import { beforeEach, describe, expect, it } from 'vitest';
import { ConnectionPause } from '../../src/poller/connection-pause.ts';
import { initialState } from '../../src/state/initial-state.ts';
import { heldBackUntil, nextAttemptAt } from '../../src/state/pause.ts';
import { MemoryStateStore } from '../../src/state/store.ts';
import { environment } from '../support/environments.ts';
import { ManualClock } from '../support/manual-clock.ts';
import { PolledFleet } from '../support/polled-fleet.ts';

const MINUTE = 60_000;

describe('a pause of a connection', () => {
  let fleet: PolledFleet;

  beforeEach(async () => {
    fleet = new PolledFleet();
    for (const id of ['env_1', 'env_2', 'env_3']) fleet.fill(id, 1);
    fleet.watch(['env_1', 'env_2', 'env_3'].map((id) => environment(id)));
    await fleet.clock.advance(2 * MINUTE);
    fleet.budget.penalize(5 * MINUTE);
    await fleet.clock.advance(20_000);
  });

  it('shows on each of its environments, whoever was answered with 429', () => {
    const until = fleet.clock.now() - 20_000 + 5 * MINUTE;
    for (const state of fleet.states.all()) {
      expect(state.pausedUntil).toBeCloseTo(until, -1);
      for (const operation of ['stats', 'list'] as const) {
        expect(state.operations[operation].failure).toBeNull();
        expect(heldBackUntil(state, operation)).toBe(state.pausedUntil);
        expect(nextAttemptAt(state, operation)).toBe(state.pausedUntil);
      }
    }
  });

  it('lets nothing through, then one request, and the others when that is answered', async () => {
    const from = fleet.clock.monotonic() - 20_000;
    await fleet.clock.advance(5 * MINUTE - 20_001);
    expect(fleet.since(from)).toEqual([]);
    await fleet.clock.advance(5001);
    expect(fleet.since(from)).toHaveLength(1);
    fleet.budget.succeeded();
    await fleet.clock.advance(MINUTE);
    expect(new Set(fleet.since(from).map(({ environmentId }) => environmentId)).size).toBe(3);
  });

  it('is no longer shown when it is over', async () => {
    await fleet.clock.advance(5 * MINUTE);
    for (const state of fleet.states.all()) expect(state.pausedUntil).toBeNull();
  });

  it('shows on an environment that comes meanwhile', async () => {
    fleet.fill('env_4', 1);
    fleet.watch(['env_1', 'env_4'].map((id) => environment(id)));
    expect(fleet.states.get('env_4')?.pausedUntil).toBe(fleet.states.get('env_1')?.pausedUntil);
    expect(fleet.states.get('env_4')?.pausedUntil).not.toBeNull();
  });
});

describe('what the log is told of pauses', () => {
  it('is when they begin and when the API takes requests again, not each of them', () => {
    const clock = new ManualClock();
    const states = new MemoryStateStore();
    states.replaceAll([initialState(environment('env_1'), { stats: true, list: true }, clock)]);
    const told: string[] = [];
    const log = {
      connectionPaused: (name: string, until: number) => told.push(`${name} until ${until - clock.now()}`),
      connectionResumed: (name: string) => told.push(`${name} resumed`),
    };
    const pause = new ConnectionPause({ states, clock, log, ended: () => {} });
    const look = (pauseMs: number, isRateLimited: boolean) =>
      pause.update({ name: 'default', budget: { pauseMs, isRateLimited }, environmentIds: ['env_1'] });
    look(0, false);
    look(60_000, true);
    clock.advanceNow(30_000);
    look(30_000, true);
    clock.advanceNow(30_000);
    look(0, true);
    look(120_000, true);
    look(0, true);
    expect(told).toEqual(['default until 60000']);
    look(0, false);
    look(0, false);
    expect(told).toEqual(['default until 60000', 'default resumed']);
    pause.stop();
    expect(clock.timers).toBe(0);
  });
});
