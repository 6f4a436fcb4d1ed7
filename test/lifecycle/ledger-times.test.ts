import { describe, expect, it } from 'vitest';
import type { WorkItem } from '../../src/domain/work.ts';
import { countRead } from '../../src/lifecycle/count-read.ts';
import { isHistory, isWithinAnHour, newLedger, readUntil } from '../../src/lifecycle/ledger.ts';
import { buildItem, NOW } from '../support/states.ts';

const HOUR = 3_600_000;

it.each([
  ['an hour before', -HOUR, true],
  ['longer before', -HOUR - 1, false],
  ['an hour after', HOUR, true],
  ['longer after', HOUR + 1, false],
  ['the same', 0, true],
])('a time is within an hour of another: %s', (_, ms, within) => {
  expect(isWithinAnHour(NOW + ms, NOW)).toBe(within);
});

it.each<[what: string, settledUntil: number, reads: readonly number[], until: number]>([
  ['of its beginning, without a read', 0, [], 0],
  ['of W, if no read was later', 5000, [1000], 5000],
  ['of the last read', 0, [1000, 2000], 2000],
  ['of the latest read, if the API set its clock back', 0, [9000, 2000], 9000],
])('the reads of a ledger are known to have shown the list up to the time %s', (_, settledUntil, reads, until) => {
  let ledger = newLedger(NOW);
  for (const [index, ms] of reads.entries()) {
    const { item } = buildItem(`w${index}`, { createdAt: NOW });
    const sightings = [{ item, at: NOW + ms }];
    ledger = countRead(
      ledger,
      { sightings, gone: [], fullScan: null },
      { startedAtIsEnqueueStamp: true, exemplars: false },
    );
  }
  expect(readUntil({ ...ledger, settledUntil: NOW + settledUntil }) - NOW).toBe(until);
});

describe('an unknown item is history', () => {
  const ENDED: Partial<WorkItem> = {
    state: 'stopped',
    createdAt: NOW - 9,
    acknowledgedAt: NOW - 8,
    stoppedAt: NOW - 7,
  };

  it.each<[what: string, row: Partial<WorkItem>, history: boolean, isEnqueueStamp?: boolean]>([
    ['if it stopped before W', {}, true],
    ['if it stopped at W', { stoppedAt: NOW }, true],
    ['but not if it stopped later', { stoppedAt: NOW + 1 }, false],
    ['but not if it was asked to stop later', { stopRequestedAt: NOW + 1 }, false],
    ['but not if it was acknowledged later', { acknowledgedAt: NOW + 1 }, false],
    ['but not if it was created later', { createdAt: NOW + 1 }, false],
    ['but not if it was queued later', { startedAt: NOW + 1 }, false],
    ['even with a later started_at that is no enqueue stamp', { startedAt: NOW + 1 }, true, false],
    ['even with a later heartbeat', { latestHeartbeatAt: NOW + 1 }, true],
    ['but not if it has not stopped', { state: 'stopping' }, false],
  ])('%s', (_, row, history, isEnqueueStamp = true) => {
    expect(isHistory(buildItem('w', { ...ENDED, ...row }).item, NOW, isEnqueueStamp)).toBe(history);
  });
});
