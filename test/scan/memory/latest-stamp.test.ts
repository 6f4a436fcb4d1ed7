import { describe, expect, it } from 'vitest';
import type { EpochMs } from '../../../src/base/clock.ts';
import type { WorkItem } from '../../../src/domain/work.ts';
import { latestStamp } from '../../../src/scan/memory/latest-stamp.ts';
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
