import { describe, expect, it } from 'vitest';
import type { FailureReason } from '../../src/domain/failure.ts';
import { NO_TOTALS } from '../../src/lifecycle/lifecycle-totals.ts';
import { initialState, reconfigured } from '../../src/state/initial-state.ts';
import { nextPollPlanned, pollFailed, pollSucceeded, requestCounted } from '../../src/state/operation-changes.ts';
import { RECENT_POLLS } from '../../src/state/recent-polls.ts';
import { NO_SESSIONS } from '../../src/state/sessions-state.ts';
import { MemoryStateStore } from '../../src/state/store.ts';
import { failure } from '../support/api-errors.ts';
import { environment, POLL } from '../support/environments.ts';
import { IDLE } from '../support/scripted-work-api.ts';

const BOTH = { stats: true, list: true };
const fresh = initialState(environment('env_1'), BOTH, { now: () => 1_000, monotonic: () => 0 });
const facts = { operation: 'stats' as const, at: 2_000, durationSeconds: 0.5, requests: 1 };
const sent = (reason: FailureReason | null) => ({ credential: 'api_key' as const, reason });
const good = { ...facts, endedAt: 2_500, endedMonotonic: 0, credential: 'api_key' as const, httpStatus: 200 };

describe('a new environment', () => {
  it('a new environment shows nothing as known', () => {
    expect(fresh).toMatchObject({ watchedSince: 1_000, queue: null, items: null });
    expect(fresh.operations.stats).toMatchObject({ lastSuccessAt: null, failure: null, requests: 0 });
    expect(Object.values(fresh.operations.stats.failuresByReason)).toEqual(new Array(10).fill(0));
    expect(fresh.operations.list.scheduledIntervalMs).toBe(30_000);
  });

  it('has its counters at 0 before the first read of the list, and none without a credential for it', () => {
    expect(fresh.lifecycle).toEqual(NO_TOTALS);
    const blind = initialState(
      environment('env_1'),
      { stats: true, list: false },
      { now: () => 1_000, monotonic: () => 0 },
    );
    expect(blind.lifecycle).toBeNull();
    expect(reconfigured(blind, { environment: environment('env_1'), attempted: BOTH, monotonic: 0 }).lifecycle).toEqual(
      NO_TOTALS,
    );
  });
});

describe('an environment without a key for its list any more', () => {
  const sessions = { ...NO_SESSIONS, attempted: true, longRuns: 3, lastReadAt: 2_000, requests: 7 };

  it('reads no sessions either, and keeps its counts', () => {
    const blind = reconfigured(
      { ...fresh, sessions },
      { environment: environment('env_1'), attempted: { stats: true, list: false }, monotonic: 0 },
    );
    expect(blind.sessions).toEqual({ ...NO_SESSIONS, requests: 7 });
    expect(
      reconfigured({ ...fresh, sessions }, { environment: environment('env_1'), attempted: BOTH, monotonic: 0 })
        .sessions,
    ).toBe(sessions);
    expect(
      reconfigured(fresh, { environment: environment('env_1'), attempted: { stats: true, list: false }, monotonic: 0 }),
    ).not.toHaveProperty('sessions');
  });
});

describe('polls', () => {
  it('keep the start of an outage through further failures and forget it at the first success', () => {
    const failed = pollFailed(fresh, { ...facts, failure: failure('timeout') });
    const again = pollFailed(failed, { ...facts, at: 9_000, failure: failure('network') });
    expect(again.operations.stats).toMatchObject({
      consecutiveFailures: 2,
      failure: { reason: 'network', since: 2_000 },
      lastAttemptAt: 9_000,
      lastSuccessAt: null,
    });
    const well = pollSucceeded(again, good);
    expect(well.operations.stats).toMatchObject({ consecutiveFailures: 0, failure: null, lastSuccessAt: 2_500 });
  });

  it('a poll of one operation leaves the other one alone', () => {
    const failed = pollFailed(fresh, { ...facts, failure: failure('timeout') });
    expect(failed.operations.list).toBe(fresh.operations.list);
  });

  it('are remembered, newest first, and failures outlive successes', () => {
    let state = pollFailed(fresh, { ...facts, failure: failure('timeout') });
    for (let n = 0; n < RECENT_POLLS + 5; n++) state = pollSucceeded(state, { ...good, at: 10_000 + n });
    const recent = state.recentPolls.newestFirst();
    expect(recent).toHaveLength(RECENT_POLLS);
    expect(recent[0]).toMatchObject({ at: 10_000 + RECENT_POLLS + 4, ok: true, reason: null });
    expect(recent.some(({ ok }) => !ok)).toBe(false);
    expect(state.recentFailures).toMatchObject([{ at: 2_000, reason: 'timeout', requestId: 'req_failed' }]);
  });

  it('plan the next one, as cadence or as backoff', () => {
    const planned = nextPollPlanned(fresh, 'stats', { nextAttemptAt: 7_000, backingOff: false });
    expect(planned.operations.stats).toMatchObject({ nextAttemptAt: 7_000, backoffUntil: null });
    const waiting = nextPollPlanned(fresh, 'stats', { nextAttemptAt: 7_000, backingOff: true });
    expect(waiting.operations.stats.backoffUntil).toBe(7_000);
  });
});

describe('requestCounted', () => {
  it('counts every request and each failure under its reason', () => {
    const one = requestCounted(fresh, 'list', sent(null));
    const two = requestCounted(one, 'list', sent('rate_limited'));
    expect(two.operations.list.requests).toBe(2);
    expect(two.operations.list.failuresByReason).toMatchObject({ rate_limited: 1, timeout: 0 });
    expect(two.operations.stats.requests).toBe(0);
  });
});

describe('reconfigured', () => {
  const seen = {
    ...requestCounted(pollSucceeded(fresh, good), 'stats', sent(null)),
    queue: { observedAt: 1, stats: IDLE },
  };

  it('keeps counters and values, and takes the new environment', () => {
    const renamed = environment('env_1', { name: 'production' });
    const changed = reconfigured(seen, { environment: renamed, attempted: BOTH, monotonic: 0 });
    expect(changed.environment.name).toBe('production');
    expect(changed.queue).toBe(seen.queue);
    expect(changed.operations.stats).toMatchObject({ requests: 1, lastSuccessAt: 2_500 });
    expect(changed.watchedSince).toBe(1_000);
  });

  it('takes a changed interval and drops what can no longer be read', () => {
    const faster = environment('env_1', { poll: { ...POLL, statsIntervalMs: 5_000 } });
    const changed = reconfigured(seen, { environment: faster, attempted: { stats: false, list: true }, monotonic: 0 });
    expect(changed.operations.stats).toMatchObject({ attempted: false, scheduledIntervalMs: 5_000 });
    expect(changed.queue).toBeNull();
  });
});

describe('MemoryStateStore', () => {
  it('keeps the order it was given and forgets what is left out', () => {
    const store = new MemoryStateStore();
    const other = initialState(environment('env_2'), BOTH, { now: () => 0, monotonic: () => 0 });
    store.replaceAll([other, fresh]);
    expect(store.all().map((state) => state.environment.id)).toEqual(['env_2', 'env_1']);
    store.update('env_1', (state) => requestCounted(state, 'stats', sent(null)));
    expect(store.get('env_1')?.operations.stats.requests).toBe(1);
    store.replaceAll([other]);
    store.update('env_1', (state) => requestCounted(state, 'stats', sent(null)));
    expect(store.get('env_1')).toBeUndefined();
  });
});
