import { describe, expect, it } from 'vitest';
import type { WorkItem } from '../../src/domain/work.ts';
import { countRead } from '../../src/lifecycle/count-read.ts';
import { type Ledger, newLedger } from '../../src/lifecycle/ledger.ts';
import { buildItem, NOW } from '../support/states.ts';

type Row = readonly [at: number, change: Partial<WorkItem>];

/** The deliveries that a ledger has after reads that showed these rows, seconds after `NOW`. */
function deliveriesAfter(rows: readonly Row[], options: { idsRotate?: boolean; enqueueStamps?: boolean } = {}): number {
  const { idsRotate = false, enqueueStamps = false } = options;
  let ledger: Ledger = newLedger(NOW - 1000);
  for (const [at, change] of rows) {
    const { item } = buildItem('w', { createdAt: NOW, sessionId: 's', ...change });
    const read = { sightings: [{ item, at: NOW + at * 1000 }], gone: [], fullScan: null };
    ledger = countRead(ledger, read, { startedAtIsEnqueueStamp: enqueueStamps, idsRotate, exemplars: false });
  }
  return [...ledger.items.values()][0]?.deliveries ?? 0;
}

const s = (seconds: number) => NOW + seconds * 1000;
const queued: Partial<WorkItem> = { state: 'queued' };
const active = (acknowledged: number, beat: number): Partial<WorkItem> => ({
  state: 'active',
  acknowledgedAt: s(acknowledged),
  latestHeartbeatAt: s(beat),
});
const starting = (acknowledged: number): Partial<WorkItem> => ({ state: 'starting', acknowledgedAt: s(acknowledged) });
const stopped = (acknowledged: number, at: number): Partial<WorkItem> => ({
  state: 'stopped',
  acknowledgedAt: s(acknowledged),
  stoppedAt: s(at),
});

describe('deliveries of an item since its last stop', () => {
  it.each<[string, readonly Row[], number]>([
    ['waits', [[1, queued]], 0],
    [
      'runs',
      [
        [1, queued],
        [10, active(2, 9)],
      ],
      1,
    ],
    ['was running when it was first seen', [[500, active(2, 490)]], 1],
    ['was running before the exporter started', [[10, { ...active(-500, 9), createdAt: s(-600) }]], 1],
    [
      'was running before the exporter started, and lapsed',
      [
        [10, { ...active(-500, -60), createdAt: s(-600) }],
        [330, { ...active(315, 329), createdAt: s(-600) }],
      ],
      2,
    ],
    ['runs without an acknowledgement', [[10, { state: 'active', latestHeartbeatAt: s(9) }]], 0],
    [
      'runs on',
      [
        [10, active(2, 9)],
        [40, active(2, 39)],
        [70, active(2, 69)],
      ],
      1,
    ],
    [
      'has stopped',
      [
        [10, active(2, 9)],
        [40, stopped(2, 30)],
      ],
      0,
    ],
    [
      'woke up, and the stop was seen',
      [
        [10, active(2, 9)],
        [40, stopped(2, 30)],
        [70, active(60, 69)],
      ],
      1,
    ],
    [
      'woke up between two reads',
      [
        [10, active(2, 9)],
        [40, active(35, 39)],
      ],
      1,
    ],
    [
      'woke up between two reads, three times',
      [
        [10, active(2, 9)],
        [40, active(35, 39)],
        [70, active(65, 69)],
        [100, active(95, 99)],
      ],
      1,
    ],
    [
      'woke up, seen waiting',
      [
        [10, active(2, 9)],
        [40, queued],
        [70, active(60, 69)],
      ],
      1,
    ],
    [
      'lapsed and waits',
      [
        [10, active(2, 9)],
        [100, active(2, 9)],
        [330, queued],
      ],
      1,
    ],
    [
      'lapsed and runs again',
      [
        [10, active(2, 9)],
        [100, active(2, 9)],
        [330, active(315, 329)],
      ],
      2,
    ],
    [
      'lapsed, seen waiting, and runs again',
      [
        [100, active(2, 9)],
        [330, queued],
        [360, active(340, 359)],
      ],
      2,
    ],
    [
      'lapsed before the first heartbeat',
      [
        [10, starting(2)],
        [100, starting(2)],
        [330, starting(310)],
      ],
      2,
    ],
    [
      'lapsed again and again',
      [
        [100, active(2, 9)],
        [330, active(315, 329)],
        [400, active(315, 330)],
        [650, active(640, 649)],
        [800, active(640, 650)],
        [1000, active(990, 999)],
      ],
      4,
    ],
    [
      'lapsed, stopped, and woke up',
      [
        [100, active(2, 9)],
        [330, active(315, 329)],
        [360, stopped(315, 350)],
        [400, active(390, 399)],
      ],
      1,
    ],
    [
      'was forcibly stopped while it waited',
      [
        [100, active(2, 9)],
        [330, queued],
        [360, stopped(2, 350)],
      ],
      0,
    ],
  ])('%s: %#', (_, rows, deliveries) => {
    expect(deliveriesAfter(rows)).toBe(deliveries);
  });

  it('a heartbeat that stamps the acknowledgement again is none', () => {
    const enqueued = { startedAt: s(0.1) };
    const rows: Row[] = [40, 80, 120].map((at) => [at, { ...active(at - 5, at - 5), ...enqueued }]);
    expect(deliveriesAfter(rows, { enqueueStamps: true })).toBe(1);
  });

  it('with enqueue stamps, a lapse is one more', () => {
    const rows: Row[] = [
      [100, { ...active(2, 9), startedAt: s(0.1) }],
      [330, { ...active(315, 329), startedAt: s(309) }],
    ];
    expect(deliveriesAfter(rows, { enqueueStamps: true })).toBe(2);
  });

  it('where ids rotate, leases are short, and so is silence', () => {
    const rows: Row[] = [
      [30, { id: 'work_1', ...active(2, 9) }],
      [45, { id: 'work_2', ...active(41, 44) }],
      [80, { id: 'work_3', ...active(76, 79) }],
    ];
    expect(deliveriesAfter(rows, { idsRotate: true })).toBe(2);
  });

  it.each([
    [31, 1],
    [31.001, 2],
  ])('a worker whose last sign is %d s old, then a new run: %d', (age, deliveries) => {
    expect(
      deliveriesAfter([
        [9 + age, active(2, 9)],
        [70, active(65, 69)],
      ]),
    ).toBe(deliveries);
  });

  it('an answer of a copy that is behind changes nothing', () => {
    expect(
      deliveriesAfter([
        [10, active(2, 9)],
        [40, stopped(2, 30)],
        [41, active(2, 29)],
      ]),
    ).toBe(0);
  });
});
