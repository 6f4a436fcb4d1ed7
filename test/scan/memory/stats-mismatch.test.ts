import { describe, expect, it } from 'vitest';
import { StatsMismatch } from '../../../src/scan/memory/stats-mismatch.ts';

/** Judges the same difference in scans one after the other; returns for which of them a full scan was due. */
function judged(mismatch: StatsMismatch, differences: readonly number[], { scanned }: { scanned: boolean }) {
  return differences.map((difference) => {
    mismatch.note({ waitingBefore: null, queued: 0, endedAt: 0, fullScanEnded: scanned });
    return mismatch.judge(mismatch.comparison!, difference);
  });
}

describe('the difference that counts as explained', () => {
  it('is the one that is left after the full scan that was requested, and after no other', () => {
    const mismatch = new StatsMismatch();
    expect(judged(mismatch, [2, 2], { scanned: false })).toEqual([false, true]);
    mismatch.rescanRequested();
    expect(judged(mismatch, [2, 2], { scanned: false })).toEqual([false, true]);
    expect(judged(mismatch, [2, 2, 2], { scanned: true })).toEqual([false, false, false]);
    expect(judged(mismatch, [2, 2, 2], { scanned: false })).toEqual([false, false, false]);
    // Regular full scans end in these, too. What has grown since is still to be looked for.
    expect(judged(mismatch, [5, 5], { scanned: true })).toEqual([false, true]);
    expect(judged(mismatch, [2, 3, 3], { scanned: true })).toEqual([false, false, true]);
  });

  it('is also known if the stats were not read again before the scan after that full scan', () => {
    const mismatch = new StatsMismatch();
    judged(mismatch, [2, 2], { scanned: false });
    mismatch.rescanRequested();
    mismatch.note({ waitingBefore: null, queued: 0, endedAt: 0, fullScanEnded: true });
    expect(judged(mismatch, [2, 2], { scanned: false })).toEqual([false, false]);
  });

  it('shrinks with the difference, and does not grow again by itself', () => {
    const mismatch = new StatsMismatch();
    judged(mismatch, [3, 3], { scanned: false });
    mismatch.rescanRequested();
    judged(mismatch, [3], { scanned: true });
    expect(judged(mismatch, [1, -2], { scanned: false })).toEqual([false, false]);
    expect(mismatch.value).toBe(-2);
    expect(judged(mismatch, [1, 1], { scanned: false })).toEqual([false, true]);
  });
});
