import { describe, expect, it } from 'vitest';
import type { WorkItem } from '../../src/domain/work.ts';
import { inStateSince, isStale, staleFrom } from '../../src/state/staleness.ts';
import { buildEnvironment, buildItem, NOW } from '../support/states.ts';

const SEEN = NOW - 5000;
const { thresholds } = buildEnvironment();
const { staleHeartbeatSeconds } = thresholds;

function since(change: Partial<WorkItem>): number | null {
  return inStateSince(buildItem('a', change));
}

function stale(change: Partial<WorkItem>): boolean {
  return isStale(buildItem('a', change), thresholds);
}

describe('since when an item is in its state', () => {
  it.each(['starting', 'active'] as const)('%s: since the first acknowledgement of its run', (state) => {
    const again = buildItem('a', { state, acknowledgedAt: SEEN - 1000 });
    expect(inStateSince({ ...again, runAcknowledgedAt: SEEN - 9000 })).toBe(SEEN - 9000);
    expect(inStateSince({ ...again, runAcknowledgedAt: null })).toBe(SEEN - 1000);
    expect(inStateSince(again)).toBe(SEEN - 1000);
  });

  it('stopping: since the request, or without a stamp of it since the last sign of life', () => {
    const stopping = { state: 'stopping', acknowledgedAt: 1, latestHeartbeatAt: 2, stopRequestedAt: 3 } as const;
    expect(since(stopping)).toBe(3);
    expect(since({ ...stopping, stopRequestedAt: null })).toBe(2);
    expect(since({ ...stopping, stopRequestedAt: null, latestHeartbeatAt: null })).toBe(1);
    expect(since({ state: 'stopping' })).toBeNull();
  });

  it('queued: as the ledger knows, and nothing of a state that is not known', () => {
    expect(since({ createdAt: 7, acknowledgedAt: 8 })).toBe(7);
    expect(since({ state: 'other', acknowledgedAt: 8 })).toBeNull();
  });
});

describe('an item is stale', () => {
  const limit = SEEN - staleHeartbeatSeconds * 1000;

  it.each(['active', 'stopping'] as const)('%s: when its latest heartbeat is too old', (state) => {
    expect(stale({ state, acknowledgedAt: 0, latestHeartbeatAt: limit })).toBe(false);
    expect(stale({ state, acknowledgedAt: 0, latestHeartbeatAt: limit - 1 })).toBe(true);
  });

  it.each(['active', 'stopping'] as const)('%s without a heartbeat: when it was acknowledged too long ago', (state) => {
    expect(stale({ state, acknowledgedAt: limit })).toBe(false);
    expect(stale({ state, acknowledgedAt: limit - 1 })).toBe(true);
    expect(stale({ state })).toBe(false);
  });

  it('starting: when the first acknowledgement of its run is too old', () => {
    const starting = buildItem('a', { state: 'starting', acknowledgedAt: SEEN });
    const runAcknowledgedAt = SEEN - thresholds.stateAgeSeconds.starting * 1000 - 1;
    expect(isStale(starting, thresholds)).toBe(false);
    expect(isStale({ ...starting, runAcknowledgedAt }, thresholds)).toBe(true);
    expect(staleFrom({ ...starting, runAcknowledgedAt }, thresholds)).toBe(SEEN - 1);
  });
});
