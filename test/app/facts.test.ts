import { describe, expect, it } from 'vitest';
import { observeEnvironment } from '../../src/app/facts.ts';
import type { EnvironmentFacts } from '../../src/diagnosis/facts.ts';
import type { EnvironmentState } from '../../src/state/environment-state.ts';
import { noTransitions } from '../support/expositions.ts';
import { buildSessions, longRun } from '../support/sessions.ts';
import {
  buildEnvironment,
  buildItem,
  buildItems,
  buildOperation,
  buildState,
  buildStats,
  failingOperation,
  NOW,
} from '../support/states.ts';

const MOMENT = { now: NOW, monotonic: 100_000, skewMs: 0 };
/** The API's time of the list read. */
const READ = NOW - 5000;

const facts = (change: Partial<EnvironmentState>, moment: Partial<typeof MOMENT> = {}): EnvironmentFacts =>
  observeEnvironment(buildState('env_1', change), { ...MOMENT, ...moment });

describe('the queue', () => {
  const queue = (change: Parameters<typeof buildStats>[0], skewMs = 0) =>
    facts({ queue: { observedAt: READ, stats: buildStats(change) } }, { skewMs }).queue;

  it('has an age that grows, on the clock of the API', () => {
    expect(queue({ pending: 2 })).toEqual({
      waiting: 5,
      pending: 2,
      ageSeconds: 12.4,
      head: NOW - 12_400,
      polling: 2,
    });
    expect(queue({}, 60_000)!.ageSeconds).toBe(72.4);
  });

  it('without work has no oldest item, and what the API does not tell is unknown', () => {
    expect(queue({ depth: 0 })).toMatchObject({ ageSeconds: 0, head: null });
    expect(queue({ oldestQueuedAt: null, workersPolling: null })).toMatchObject({ ageSeconds: null, polling: null });
  });

  it('is not known once the series have gone from /metrics', () => {
    const old = { observedAt: NOW - 91_000, stats: buildStats() };
    expect(facts({ queue: old }).queue).toBeNull();
    const operations = { stats: buildOperation({ attempted: false }), list: buildOperation() };
    expect(facts({ operations }).queue).toBeNull();
  });
});

describe('the items', () => {
  const ago = (seconds: number) => READ - seconds * 1000;
  const running = (id: string, acknowledged: number, beat: number | null, state: 'active' | 'starting' = 'active') =>
    buildItem(id, { state, acknowledgedAt: ago(acknowledged), latestHeartbeatAt: beat === null ? null : ago(beat) });
  const items = (live: Parameters<typeof buildItems>[0], change: Partial<EnvironmentState> = {}) =>
    facts({ items: buildItems(live), ...change }).items;

  it('are alive, beating, stale, silent or frozen, as of the read that showed them', () => {
    expect(
      items([
        running('beats', 600, 20),
        running('hung', 700, 130),
        running('gone', 800, 170),
        running('young', 90, null, 'starting'),
        running('frozen', 310, null, 'starting'),
        buildItem('waits', { createdAt: ago(40) }),
      ]),
    ).toMatchObject({
      ...{ alive: 2, stale: 2, silent: 1, frozen: 1 },
      ...{ queuedSeconds: 40, startingSeconds: 310, activeSeconds: 800 },
    });
  });

  it('are silent sooner where heartbeats are stale sooner', () => {
    const { thresholds } = buildEnvironment();
    const environment = buildEnvironment('env_1', { thresholds: { ...thresholds, staleHeartbeatSeconds: 50 } });
    expect(items([running('a', 600, 69), running('b', 600, 71)], { environment })).toMatchObject({
      stale: 2,
      silent: 1,
    });
  });

  it('count as redelivered from the threshold on', () => {
    const delivered = (id: string, deliveries: number) => ({ ...running(id, 10, 1), deliveries });
    expect(items([delivered('a', 3), delivered('b', 4)])!.redelivered).toBe(1);
  });

  it('of a list that is cut, not read to its end yet, or too old are not known', () => {
    const read = buildItems().lastFullRead!;
    expect(facts({ items: buildItems([], { lastFullRead: { ...read, truncated: true } }) })).toMatchObject({
      items: null,
      isTruncated: true,
    });
    expect(facts({ items: buildItems([], { lastFullRead: null }) })).toMatchObject({ items: null, isTruncated: false });
    expect(facts({ items: buildItems([], { observedAt: NOW - 91_000 }) })).toMatchObject({ items: null });
  });

  it('have sessions that wait for somebody, or have ended', () => {
    const sessions = buildSessions({
      asks: ['idle', 'requires_action', NOW - 60_000],
      done: ['idle', 'end_turn', NOW - 90_000],
      over: ['terminated', null, NOW - 30_000],
    });
    const live = ['asks', 'done', 'over'].map((id) => longRun(id));
    const said = { sessionWaitSeconds: 60, endedSessions: 1, endedSessionSeconds: 30 };
    expect(items(live, { sessions })).toMatchObject(said);
    const old = { ...sessions, lastReadAt: NOW - 3_600_000 };
    expect(items(live, { sessions: old })).toMatchObject({ sessionWaitSeconds: null, endedSessions: 0 });
  });
});

describe('the reads', () => {
  it('are as old as the monotonic clock says, whatever the wall clock was set to', () => {
    const operations = { stats: buildOperation({ unreadSince: 90_000 }), list: buildOperation() };
    expect(facts({ operations }, { now: NOW + 86_400_000 }).stats).toMatchObject({
      unreadSeconds: 10,
      hasSucceeded: true,
      failure: null,
    });
  });

  it('that a pause holds back fail with it, but for a key that is refused', () => {
    const operations = { stats: failingOperation('timeout'), list: failingOperation('unauthorized') };
    const failures = (pausedUntil: number | null) => {
      const { stats, list } = facts({ operations, pausedUntil });
      return [stats.failure, list.failure];
    };
    expect(failures(null)).toEqual(['timeout', 'unauthorized']);
    expect(failures(NOW + 60_000)).toEqual(['rate_limited', 'unauthorized']);
  });
});

it('totals are known as long as the list has a key, also while it fails', () => {
  const lifecycle = noTransitions({ acknowledged: 7, losses: { endedWell: 0, lost: [NOW, NOW] } });
  const totals = { acknowledged: 7, lostInARow: 2, runs: 0 };
  expect(
    facts({ lifecycle, operations: { stats: buildOperation(), list: failingOperation('network') } }).totals,
  ).toMatchObject(totals);
  const keyless = { stats: buildOperation(), list: buildOperation({ attempted: false }) };
  expect(facts({ lifecycle, operations: keyless }).totals).toBeNull();
});
