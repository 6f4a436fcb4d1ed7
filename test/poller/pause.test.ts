import { beforeEach, describe, expect, it } from 'vitest';
import { heldBackUntil, nextAttemptAt } from '../../src/state/staleness.ts';
import { environment } from '../support/environments.ts';
import { PolledFleet } from '../support/polled-fleet.ts';
import { SILENT_POLL_LOG } from '../support/silent-poll-log.ts';

const MINUTE = 60_000;

describe('a pause of a connection', () => {
  let fleet: PolledFleet;

  beforeEach(async () => {
    fleet = new PolledFleet();
    for (const id of ['env_1', 'env_2', 'env_3']) fleet.fill(id, 1);
    fleet.watch(['env_1', 'env_2', 'env_3'].map((id) => environment(id)));
    await fleet.clock.advance(2 * MINUTE);
    fleet.budget.answered({ retryAfterMs: 5 * MINUTE });
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

  it('lets nothing through before its end', async () => {
    const from = fleet.clock.monotonic() - 20_000;
    await fleet.clock.advance(5 * MINUTE - 20_001);
    expect(fleet.since(from)).toEqual([]);
    await fleet.clock.advance(MINUTE);
    expect(new Set(fleet.since(from).map(({ environmentId }) => environmentId)).size).toBe(3);
  });

  it('is no longer shown when it is over', async () => {
    await fleet.clock.advance(5 * MINUTE);
    for (const state of fleet.states.all()) expect(state.pausedUntil).toBeNull();
  });
});

it('the log is told when pauses begin and when the API takes requests again, not of each of them', async () => {
  const told: string[] = [];
  const fleet = new PolledFleet({
    log: {
      ...SILENT_POLL_LOG,
      connectionPaused: (name, until) =>
        told.push(`${name} paused for ${Math.round((until - fleet.clock.now()) / 1000)}`),
      connectionResumed: (name) => told.push(`${name} resumed`),
    },
  });
  fleet.fill('env_1', 1);
  fleet.watch([environment('env_1')]);
  for (const retryAfterMs of [MINUTE, 2 * MINUTE]) {
    fleet.budget.answered({ retryAfterMs });
    await fleet.clock.advance(retryAfterMs + 20_000);
  }
  expect(told).toEqual(['default paused for 60']);
  fleet.budget.answered(null);
  await fleet.clock.advance(MINUTE);
  expect(told).toEqual(['default paused for 60', 'default resumed']);
  await fleet.poller.stop();
  expect(fleet.clock.timers).toBe(0);
});
