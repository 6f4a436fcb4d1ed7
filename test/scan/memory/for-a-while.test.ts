import { describe, expect, it } from 'vitest';
import { ApiLimits } from '../../../src/scan/memory/api-limits.ts';
import { LearnedOrder } from '../../../src/scan/memory/learned-order.ts';
import { Rescans } from '../../../src/scan/memory/rescans.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const NOW = 5000;

describe('a smaller page size', () => {
  it.each([
    ['less than a day', DAY - 1, false],
    ['a day', DAY, true],
  ])('is old after %s', (_, ms, old) => {
    const limits = new ApiLimits();
    limits.pageSizeRejected(100, NOW);
    expect([limits.pageSize, limits.isPageSizeOld(NOW + ms)]).toEqual([100, old]);
  });

  it('is old at once when another server or key is asked', () => {
    const limits = new ApiLimits();
    limits.pageSizeRejected(100, NOW);
    limits.recheck();
    expect(limits.isPageSizeOld(NOW)).toBe(true);
  });

  it('is kept when the one of the preset is rejected again', () => {
    const limits = new ApiLimits();
    expect(limits.isPageSizeOld(NOW + DAY)).toBe(false);
    limits.pageSizeRejected(100, NOW);
    const revert = limits.tryPageSize();
    expect(limits.pageSize).toBeNull();
    revert();
    expect(limits.pageSize).toBe(100);
  });
});

describe('single reads that a key may not make', () => {
  it.each([
    ['for an hour', HOUR - 1, true],
    ['for no longer', HOUR, false],
  ])('are not tried %s', (_, ms, refused) => {
    const limits = new ApiLimits();
    limits.singleReadsRefused(NOW);
    expect(limits.areSingleReadsRefused(NOW + ms)).toBe(refused);
  });

  it('are tried at once with another key', () => {
    const limits = new ApiLimits();
    limits.singleReadsRefused(NOW);
    limits.recheck();
    expect(limits.areSingleReadsRefused(NOW)).toBe(false);
  });
});

describe('a list without an order', () => {
  it.each([
    ['for an hour, whatever full scans show', HOUR - 1, 'none'],
    ['for no longer than that', HOUR, 'newest'],
  ] as const)('counts as one %s', (_, ms, value) => {
    const order = new LearnedOrder();
    order.markUnordered(NOW);
    expect(order.value).toBe('none');
    order.learn('newest', NOW + ms);
    expect(order.value).toBe(value);
  });
});

describe('reasons for a rescan', () => {
  it.each([
    ['two', [0, 1], [false, false]],
    ['three within ten minutes', [0, 1, 10 * MINUTE - 1], [false, false, true]],
    ['three in ten minutes', [0, 1, 10 * MINUTE], [false, false, false]],
    [
      'four, of which the last three came within ten minutes',
      [0, MINUTE, 9 * MINUTE + 1, 10 * MINUTE],
      [false, false, true, false],
    ],
    ['three more after those that were too many', [0, 1, 2, 3, 4, 5], [false, false, true, false, false, true]],
  ])('are too many, or not: %s', (_, times, expected) => {
    const rescans = new Rescans();
    const tooMany = times.map((ms) => rescans.add('order', { now: NOW + ms, at: ms }).tooMany);
    expect(tooMany).toEqual(expected);
    expect(rescans.last).toEqual({ reason: 'order', at: times.at(-1) });
  });

  it('are answered by one full scan, and the last one is remembered', () => {
    const rescans = new Rescans();
    rescans.add('order', { now: NOW, at: 1 });
    rescans.add('mismatch', { now: NOW, at: 2 });
    expect(rescans.reason).toBe('mismatch');
    rescans.answered();
    expect([rescans.reason, rescans.last]).toEqual([null, { reason: 'mismatch', at: 2 }]);
  });
});
