import { describe, expect, it } from 'vitest';
import type { QueueStats } from '../../src/domain/work.ts';
import { triggersList } from '../../src/poller/reads.ts';
import type { EnvironmentState } from '../../src/state/environment-state.ts';
import {
  buildItem,
  buildItems,
  buildOperation,
  buildState,
  buildStats,
  failingOperation,
  NOW,
} from '../support/states.ts';

function state(stats: Partial<QueueStats>, change: Partial<EnvironmentState> = {}): EnvironmentState {
  return buildState('env_1', { queue: { observedAt: NOW, stats: buildStats(stats) }, ...change });
}

/** The list was looked through `ms` ago and showed one active item that sent a heartbeat `heartbeatMs` ago. */
function looked(ms: number, heartbeatMs: number): Partial<EnvironmentState> {
  const item = buildItem('work_1', { state: 'active', latestHeartbeatAt: NOW - heartbeatMs });
  const lastFullRead = { at: NOW - ms, pages: 1, items: 1, truncated: false };
  return { items: buildItems([item], { lastFullRead }) };
}

describe('a read of the stats', () => {
  it.each([
    ['the last worker stops polling', { workersPolling: 2 }, { workersPolling: 0 }, true],
    ['workers stop polling that were not counted', { workersPolling: null }, { workersPolling: 0 }, true],
    ['some workers still poll', { workersPolling: 2 }, { workersPolling: 1 }, false],
    ['the count of workers is unknown', { workersPolling: 2 }, { workersPolling: null }, false],
    ['work comes into an empty queue', { depth: 0 }, { depth: 1 }, true],
    ['more work comes', { depth: 1 }, { depth: 5 }, false],
  ])('when %s', (_, before, after, wanted) => {
    expect(triggersList(state(before), state(after), 0)).toBe(wanted);
  });

  it.each([
    ['nobody shows a sign of life and the last look is a minute old', looked(60_000, 300_000), true],
    ['the last look is recent', looked(59_000, 300_000), false],
    ['an item has a fresh heartbeat', looked(60_000, 30_000), false],
    ['the list was never read', { items: null }, true],
  ])('with nobody polling and work waiting, when %s', (_, change, wanted) => {
    const nobody = state({ workersPolling: 0, depth: 3 }, change);
    expect(triggersList(nobody, nobody, 0)).toBe(wanted);
  });

  it.each([
    ['ahead of the own one, so that a heartbeat of half a minute ago was in its future', 600_000, -570_000, false],
    ['ahead of the own one, and the heartbeat is as old', 600_000, -300_000, true],
    ['behind the own one', -600_000, 630_000, false],
  ])("with the API's clock %s, judges heartbeats by it", (_, skewMs, heartbeatMs, wanted) => {
    const nobody = state({ workersPolling: 0, depth: 3 }, looked(60_000, heartbeatMs));
    expect(triggersList(nobody, nobody, skewMs)).toBe(wanted);
  });

  it('is no reason while the list cannot be read, or without stats', () => {
    const operations = { stats: buildOperation(), list: failingOperation('unauthorized') };
    const before = state({ depth: 0 });
    expect(triggersList(before, state({ depth: 3 }, { operations }), 0)).toBe(false);
    expect(triggersList(before, { ...before, queue: null }, 0)).toBe(false);
  });
});
