import { describe, expect, it } from 'vitest';
import type { EpochMs } from '../../../src/base/clock.ts';
import type { WorkItem } from '../../../src/domain/work.ts';
import { latestStamp, latestStampOfList } from '../../../src/scan/memory/latest-stamp.ts';
import { newScanState } from '../../../src/scan/memory/scan-state.ts';
import { buildItem, NOW } from '../../support/states.ts';

const STAMPS = [
  'createdAt',
  'acknowledgedAt',
  'startedAt',
  'latestHeartbeatAt',
  'stopRequestedAt',
  'stoppedAt',
] as const satisfies ReadonlyArray<keyof WorkItem>;

/** An item that has the same moment in each stamp, but for those that are changed. */
function stamped(at: EpochMs | null, change: Partial<WorkItem> = {}): WorkItem {
  const stamps = Object.fromEntries(STAMPS.map((name) => [name, at]));
  return buildItem('work_1', { ...stamps, ...change }).item;
}

describe('the latest stamp of an item', () => {
  it.each(STAMPS)('may be its %s', (name) => {
    expect(latestStamp(stamped(NOW, { [name]: NOW + 1 }))).toBe(NOW + 1);
    expect(latestStamp(stamped(null, { [name]: NOW }))).toBe(NOW);
  });

  it('is 0 if it has none', () => {
    expect(latestStamp(stamped(null))).toBe(0);
  });
});

it.each([
  { what: 'an empty list', ends: [], live: [], newest: 0 },
  { what: 'items that have stopped', ends: [NOW - 1, NOW, NOW - 2], live: [], newest: NOW },
  { what: 'live items', ends: [], live: [NOW - 1, NOW, NOW - 2], newest: NOW },
  { what: 'a live item, newer than those that have stopped', ends: [NOW - 1], live: [NOW], newest: NOW },
  { what: 'a live item, older than those that have stopped', ends: [NOW], live: [NOW - 1], newest: NOW },
])('the newest stamp of $what', ({ ends, live, newest }) => {
  const { highWaterMark, items } = newScanState();
  for (const at of ends) highWaterMark.sawStopped(at);
  for (const [n, at] of live.entries()) {
    // What keeps a live item new are its heartbeats.
    const item = stamped(NOW - 3_600_000, { id: `work_${n}`, latestHeartbeatAt: at, stoppedAt: null });
    items.sawLive(item, { at: NOW, cursor: null, fullScan: 1 });
  }
  expect(latestStampOfList({ highWaterMark, items })).toBe(newest);
});
