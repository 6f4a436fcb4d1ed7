import { describe, expect, it } from 'vitest';
import type { WorkItem } from '../../src/domain/work.ts';
import { countRead } from '../../src/lifecycle/count-read.ts';
import { type Ledger, newLedger } from '../../src/lifecycle/ledger.ts';
import type { LifecycleTotals } from '../../src/lifecycle/totals.ts';
import { buildItem, NOW } from '../support/states.ts';

type Row = readonly [at: number, change: Partial<WorkItem>];

const s = (seconds: number) => NOW + seconds * 1000;
const queued: Partial<WorkItem> = { state: 'queued' };
const starting = (acknowledged: number): Partial<WorkItem> => ({ state: 'starting', acknowledgedAt: s(acknowledged) });
const active = (acknowledged: number, beat: number): Partial<WorkItem> => ({
  state: 'active',
  acknowledgedAt: s(acknowledged),
  latestHeartbeatAt: s(beat),
});
const stopped = (acknowledged: number, at: number): Partial<WorkItem> => ({
  state: 'stopped',
  acknowledgedAt: s(acknowledged),
  stoppedAt: s(at),
});

/** The totals after reads that showed these rows, seconds after `NOW`; a row may name its item. */
function totalsAfter(rows: readonly Row[]): LifecycleTotals {
  let ledger: Ledger = newLedger(NOW - 1000);
  for (const [at, change] of rows) {
    const { item } = buildItem(change.id ?? 'w', { createdAt: NOW, ...change });
    const read = { sightings: [{ item, at: s(at) }], gone: [], fullScan: null };
    ledger = countRead(ledger, read, { startedAtIsEnqueueStamp: false, exemplars: false });
  }
  return ledger.totals;
}

describe('a lapse', () => {
  it.each<[string, readonly Row[], Pick<LifecycleTotals, 'lapsed' | 'lost'>]>([
    [
      'whose worker was silent lost its run',
      [
        [10, active(2, 9)],
        [100, active(2, 9)],
        [330, queued],
      ],
      { lapsed: 1, lost: 1 },
    ],
    [
      'of an item that was acknowledged, and nothing more, lost its run',
      [
        [10, starting(2)],
        [100, starting(2)],
        [330, queued],
      ],
      { lapsed: 1, lost: 1 },
    ],
    [
      'of a worker that was alive at the read before may be a session that ended and woke up',
      [
        [10, active(2, 9)],
        [40, active(2, 39)],
        [70, active(60, 69)],
      ],
      { lapsed: 1, lost: 0 },
    ],
    [
      'after a heartbeat that hung and came back loses nothing',
      [
        [100, active(2, 9)],
        [130, active(2, 129)],
        [160, active(150, 159)],
      ],
      { lapsed: 1, lost: 0 },
    ],
  ])('%s', (_, rows, expected) => {
    expect(totalsAfter(rows)).toMatchObject(expected);
  });
});

describe('a run has begun', () => {
  it.each<[string, readonly Row[], number]>([
    [
      'with its first heartbeat, once',
      [
        [3, starting(2)],
        [10, active(2, 9)],
        [40, active(2, 39)],
        [50, { ...active(2, 39), state: 'stopping' }],
        [60, stopped(2, 55)],
      ],
      1,
    ],
    ['when it is first seen at work', [[10, active(2, 9)]], 1],
    ['when it has ended before a read saw a heartbeat', [[10, stopped(2, 6)]], 1],
    [
      'not while it is only acknowledged, nor when it lapses then',
      [
        [10, starting(2)],
        [100, starting(2)],
        [330, queued],
        [360, starting(350)],
      ],
      0,
    ],
    [
      'not since the exporter counts, if it was acknowledged before',
      [[10, { ...active(-500, 9), createdAt: s(-600) }]],
      0,
    ],
    [
      'again after a lapse',
      [
        [10, active(2, 9)],
        [330, queued],
        [360, active(350, 359)],
      ],
      2,
    ],
    [
      'again after a session has woken up, seen and unseen',
      [
        [10, active(2, 9)],
        [40, stopped(2, 30)],
        [70, active(60, 69)],
        [100, { ...active(95, 99), stoppedAt: s(90) }],
      ],
      3,
    ],
  ])('%s', (_, rows, begun) => {
    expect(totalsAfter(rows).begun).toBe(begun);
  });
});

describe('losses in a row', () => {
  /** Acknowledged then, never heard of again, and back in the queue after five minutes. */
  const lost = (id: string, acknowledged: number): readonly Row[] => [
    [acknowledged + 100, { id, ...active(acknowledged, acknowledged + 1) }],
    [acknowledged + 310, { id, ...queued }],
  ];
  const well = (id: string, acknowledged: number, at: number): Row => [at + 1, { id, ...stopped(acknowledged, at) }];
  const inARow = (...rows: readonly Row[]) => totalsAfter(rows).losses.lost.length;

  it('are not hidden by runs from before the fault that still end well', () => {
    expect(inARow(...lost('a', 10), ...lost('b', 20), well('old', 5, 400))).toBe(2);
  });

  it('are over when a later run ends well, and an earlier loss that shows late is none', () => {
    expect(inARow(...lost('a', 10), ...lost('b', 20), well('new', 350, 400))).toBe(0);
    expect(inARow(well('new', 350, 400), ...lost('a', 10))).toBe(0);
  });

  it('are not over because a health check ends well', () => {
    expect(inARow(...lost('a', 10), [401, { id: 'check', type: 'healthcheck', ...stopped(350, 400) }])).toBe(1);
  });
});

it('short runs are those of sessions', () => {
  const totals = totalsAfter([
    [10, { id: 'a', ...stopped(2, 6) }],
    [10, { id: 'b', ...stopped(2, 9) }],
    [10, { id: 'check', type: 'healthcheck', ...stopped(2, 3) }],
  ]);
  expect(totals).toMatchObject({ sessionRuns: 2, shortSessionRuns: 1, stopped: 3 });
});
