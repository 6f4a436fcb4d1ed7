import { describe, expect, it } from 'vitest';
import type { EpochMs } from '../../src/base/clock.ts';
import type { WorkItem } from '../../src/domain/work.ts';
import { countRead } from '../../src/lifecycle/count-read.ts';
import type { LifecycleTotals } from '../../src/lifecycle/ledger.ts';
import { type Ledger, type LedgerOptions, newLedger } from '../../src/lifecycle/ledger.ts';
import { buildItem, NOW } from '../support/states.ts';

type Row = readonly [seconds: number, row: Partial<WorkItem>];
const at = (seconds: number, row: Partial<WorkItem>): Row => [seconds, row];

const s = (seconds: number) => NOW + seconds * 1000;
const STAMPED = { startedAtIsEnqueueStamp: true, exemplars: false };
const PLAIN = { startedAtIsEnqueueStamp: false, exemplars: false };

const waits = { state: 'queued', startedAt: s(0) } as const;
const works = { state: 'active', startedAt: s(0), acknowledgedAt: s(5), latestHeartbeatAt: s(20) } as const;
const ended = { ...works, state: 'stopped', stoppedAt: s(25) } as const;
const again = { ...ended, state: 'queued', startedAt: s(40), latestHeartbeatAt: null } as const;
const lapsed = { ...works, state: 'queued', startedAt: s(40), latestHeartbeatAt: null } as const;
const next = { ...again, state: 'active', acknowledgedAt: s(44) } as const;
const woken = { state: 'queued', startedAt: s(40) } as const;
const beats = { ...works, latestHeartbeatAt: s(70) } as const;
const cleared = { state: 'queued', startedAt: s(0) } as const;
const unacknowledged = { state: 'active', startedAt: s(0) } as const;
const onlyEnded = { ...waits, stoppedAt: s(25) } as const;
const endedWaits = { ...ended, state: 'queued' } as const;

function item(row: Partial<WorkItem>): WorkItem {
  return buildItem('w', { createdAt: s(0), sessionId: 's', ...row }).item;
}

function read(ledger: Ledger, { item, at }: { item: WorkItem; at: EpochMs }, options: LedgerOptions): Ledger {
  return countRead(ledger, { sightings: [{ item, at }], fullScan: null }, options);
}

function totalsOf(rows: readonly Row[], options: LedgerOptions): LifecycleTotals {
  return rows.reduce(
    (ledger, [seconds, row]) => read(ledger, { item: item(row), at: s(seconds) }, options),
    newLedger(NOW - 1),
  ).totals;
}

describe('a row of a copy of the API that lags', () => {
  it.each<[what: string, options: LedgerOptions, before: readonly Row[], outdated: Row, after: Row]>([
    ['running, after the lapse', STAMPED, [at(22, works), at(45, lapsed)], at(50, works), at(75, lapsed)],
    ['running, after the lapse, unstamped', PLAIN, [at(22, works), at(45, lapsed)], at(50, works), at(75, lapsed)],
    ['running, as it was when seen to wait', PLAIN, [at(22, works), at(70, lapsed)], at(75, beats), at(105, lapsed)],
    ['running, after the stop', STAMPED, [at(30, ended)], at(35, works), at(60, ended)],
    ['stopped, after the requeue', STAMPED, [at(30, ended), at(45, again)], at(50, ended), at(75, again)],
    ['stopped, after the requeue, unstamped', PLAIN, [at(30, ended), at(45, again)], at(50, ended), at(75, again)],
    ['stopped, in the next run', PLAIN, [at(30, ended), at(45, next)], at(50, ended), at(75, next)],
    ['waiting, in the next run', PLAIN, [at(30, ended), at(45, next)], at(50, again), at(75, next)],
    ['stopped, of a run that was never seen', STAMPED, [at(45, woken)], at(50, ended), at(75, woken)],
    ['running, of a run that was never seen', STAMPED, [at(45, woken)], at(50, works), at(75, woken)],
    ['waiting, soon after the claim was seen', STAMPED, [at(3, waits), at(8, works)], at(10, waits), at(33, works)],
    ['waiting, soon after the stop was seen', STAMPED, [at(22, works), at(26, ended)], at(28, waits), at(60, ended)],
    ['waiting, a minute after the stop was seen', STAMPED, [at(26, ended)], at(86, waits), at(120, ended)],
    ['waiting, ten seconds after the claim', STAMPED, [at(3, waits), at(8, works)], at(18, waits), at(33, works)],
  ])('counts nothing: %s', (_, options, before, outdated, after) => {
    expect(totalsOf([...before, outdated, after], options)).toEqual(totalsOf([...before, after], options));
  });

  it.each<[what: string, options: LedgerOptions, rows: readonly Row[], counted: Partial<LifecycleTotals>]>([
    ['a lapse that clears stamps', STAMPED, [at(22, works), at(52, cleared)], { lapsed: 1 }],
    ['the same, seen twice', STAMPED, [at(22, works), at(25, cleared), at(55, cleared)], { lapsed: 1 }],
    ['a lapse soon after its silence was seen', STAMPED, [at(300, works), at(305, cleared)], { lapsed: 1 }],
    ['a requeue that clears stamps', PLAIN, [at(30, ended), at(60, cleared)], { stopped: 1, requeued: 1 }],
    ['an item that came back', PLAIN, [at(22, works), at(45, lapsed), at(75, beats), at(105, lapsed)], { lapsed: 2 }],
    ['a lapse later than that', STAMPED, [at(8, works), at(18.001, cleared)], { lapsed: 1 }],
    ['a requeue that keeps the stop', STAMPED, [at(26, ended), at(28, endedWaits)], { stopped: 1, requeued: 1 }],
    ['a requeue that keeps it alone', STAMPED, [at(26, ended), at(28, onlyEnded)], { stopped: 1, requeued: 1 }],
    ['a run not yet stamped', PLAIN, [at(3, waits), at(33, unacknowledged), at(63, waits)], { lapsed: 1 }],
    ['the same, later', PLAIN, [at(22, works), at(45, lapsed), at(75, unacknowledged), at(105, waits)], { lapsed: 2 }],
  ])('is not taken for what it is not: %s', (_, options, rows, counted) => {
    expect(totalsOf(rows, options)).toMatchObject(counted);
  });

  it('says that the item is in the list: it is not forgotten, however long no other copy answers', () => {
    let ledger = [works, lapsed].reduce(
      (before, row, n) => read(before, { item: item(row), at: s(22 + n * 30) }, PLAIN),
      newLedger(NOW - 1),
    );
    for (let minute = 2; minute < 200; minute++) {
      const fullScan = { startedAt: s(60 * minute), pages: 1, truncated: false };
      const sightings = [{ item: item(works), at: s(60 * minute) }];
      ledger = countRead(ledger, { sightings, fullScan }, PLAIN);
    }
    expect([ledger.items.has('w'), ledger.totals.requeued]).toEqual([true, 0]);
  });
});
