import { beforeEach, describe, expect, it } from 'vitest';
import { Drift } from '../../src/wire/drift.ts';
import { parseStats } from '../../src/wire/parse-stats.ts';
import { NOON, placeOf, STATS } from './bodies.ts';

let seen: string[];
let drift: Drift;
beforeEach(() => {
  seen = [];
  drift = new Drift((kind) => seen.push(kind));
});

describe('parseStats', () => {
  it('stats are read as their four numbers', () => {
    expect(parseStats(STATS, drift)).toEqual({
      depth: 3,
      pending: 1,
      oldestQueuedAt: NOON + 0.25,
      workersPolling: 2,
    });
    expect(seen).toEqual([]);
  });

  it('keeps null as null, and 0 as 0', () => {
    const empty = { depth: 0, pending: 0, oldest_queued_at: null, workers_polling: null };
    expect(parseStats(empty, drift)).toEqual({ depth: 0, pending: 0, oldestQueuedAt: null, workersPolling: null });
    expect(parseStats({ ...empty, workers_polling: 0 }, drift).workersPolling).toBe(0);
    expect(parseStats({ depth: 0, pending: 0 }, drift)).toMatchObject({ oldestQueuedAt: null, workersPolling: null });
  });

  it.each([
    ['depth', { ...STATS, depth: -1 }],
    ['depth', { ...STATS, depth: 1.5 }],
    ['depth', { ...STATS, depth: '3' }],
    ['depth', { ...STATS, depth: null }],
    ['depth', { ...STATS, depth: 1e300 }],
    ['pending', { depth: 1 }],
    ['workers_polling', { ...STATS, workers_polling: -2 }],
  ])('complains about %s in %j', (place, body) => {
    expect(placeOf(() => parseStats(body, drift))).toBe(place);
  });
});
