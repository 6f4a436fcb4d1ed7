import { expect, it } from 'vitest';
import type { WorkItem } from '../../src/domain/work.ts';
import { countRead } from '../../src/lifecycle/count-read.ts';
import { newLedger } from '../../src/lifecycle/ledger.ts';
import { buildItem, NOW } from '../support/states.ts';

const s = (seconds: number) => NOW + seconds * 1000;

const CREATED = { createdAt: s(1), startedAt: s(1) };
const ENDED = { ...CREATED, state: 'stopped', acknowledgedAt: s(5) } as const;
const HELD = { state: 'active', createdAt: s(-600), startedAt: s(-600), latestHeartbeatAt: s(9) } as const;

/** What is counted of the rows of one item, one a read, 10 s apart, when W is `NOW`. */
function counted(rows: readonly Partial<WorkItem>[], startedAtIsEnqueueStamp = true) {
  let ledger = newLedger(NOW);
  for (const [read, row] of rows.entries()) {
    const { item } = buildItem('w', row);
    const sightings = [{ item, at: s(10 + read * 10) }];
    ledger = countRead(ledger, { sightings, gone: [], fullScan: null }, { startedAtIsEnqueueStamp, exemplars: false });
  }
  const { acknowledged, stopped, requeued, lapsed, run } = ledger.totals;
  return { acknowledged, stopped, requeued, lapsed, runSeconds: run.sum };
}

const ONCE = { acknowledged: 1, stopped: 1, requeued: 0, lapsed: 0, runSeconds: 3 };

it('a stop with another date at each read is one stop, as long as its run is the same', () => {
  expect(counted([8, 18, 28].map((second) => ({ ...ENDED, stoppedAt: s(second) })))).toEqual(ONCE);
});

it.each<[what: string, later: Partial<WorkItem>, expected: Partial<typeof ONCE>, isEnqueueStamp?: boolean]>([
  ['queued again', { startedAt: s(12) }, { stopped: 2, requeued: 1 }],
  ['acknowledged again', { acknowledgedAt: s(12) }, { acknowledged: 2, stopped: 2, requeued: 1, runSeconds: 9 }],
  ['where no stamp tells of runs', {}, { stopped: 2, requeued: 1 }, false],
  ['of an item that waits', { state: 'queued' }, { stopped: 2, requeued: 1 }],
])('a stop with another date is another one: %s', (_, later, expected, isEnqueueStamp) => {
  const rows = [
    { ...ENDED, stoppedAt: s(8) },
    { ...ENDED, ...later, stoppedAt: s(18) },
  ];
  expect(counted(rows, isEnqueueStamp)).toEqual({ ...ONCE, ...expected });
});

it('a stop with another date is another one after the item was seen to wait, though it was not acknowledged', () => {
  const first = { ...ENDED, stoppedAt: s(8) };
  const again = { ...first, startedAt: s(12) };
  const rows = [first, { ...again, state: 'queued' }, { ...again, stoppedAt: s(28) }] as const;
  expect(counted(rows)).toEqual({ ...ONCE, stopped: 2, requeued: 1 });
});

it('a stop with another date is another one while the enqueue stamp of its run is still to come', () => {
  const again = { ...ENDED, acknowledgedAt: s(12) };
  const rows = [{ ...ENDED, stoppedAt: s(8) }, ...[18, 28].map((second) => ({ ...again, stoppedAt: s(second) }))];
  expect(counted(rows)).toMatchObject({ acknowledged: 2, stopped: 3, requeued: 2 });
});

it('the run of an item that tells only once it has stopped since when it ran is known', () => {
  const rows = [
    { ...HELD, acknowledgedAt: null },
    { ...HELD, state: 'stopped', acknowledgedAt: s(-300), stoppedAt: s(15) },
  ] as const;
  expect(counted(rows)).toEqual({ acknowledged: 0, stopped: 1, requeued: 0, lapsed: 0, runSeconds: 315 });
});

it('an item that a read showed as waiting was acknowledged since, whatever its stamp says', () => {
  const rows = [
    { ...HELD, state: 'queued', latestHeartbeatAt: null },
    { ...HELD, acknowledgedAt: s(-0.5) },
  ] as const;
  expect(counted(rows)).toMatchObject({ acknowledged: 1 });
});

it.each([
  ['before W', s(-300), 0],
  ['at W', s(0), 0],
  ['after W', s(0.001), 1],
])('an item that runs and tells only later since when: %s', (_, acknowledgedAt, acknowledged) => {
  const rows = [
    { ...HELD, acknowledgedAt: null },
    { ...HELD, acknowledgedAt },
  ];
  expect(counted(rows)).toMatchObject({ acknowledged, requeued: 0 });
});

it.each([
  ['a whole second apart', 8, 9],
  ['less than a second apart, of which neither lacks its fraction', 8.25, 8.75],
])('stamps %s are two', (_, ...seconds) => {
  const stops = seconds.map((second) => ({ ...ENDED, stoppedAt: s(second) }));
  expect(counted(stops, false)).toMatchObject({ stopped: 2, requeued: 1 });
});

it.each([true, false])(
  'stamps that come with and without their fractions are the same, where started_at is an enqueue stamp: %s',
  (isStamp) => {
    const fine = { ...ENDED, startedAt: s(1.25), acknowledgedAt: s(5.5), stoppedAt: s(8.75) };
    const coarse = { ...ENDED, startedAt: s(1), acknowledgedAt: s(5), stoppedAt: s(8) };
    const running = (row: Partial<WorkItem>) =>
      ({ ...row, state: 'active', stoppedAt: null, latestHeartbeatAt: s(9) }) as const;
    for (const rows of [
      [coarse, fine],
      [fine, coarse],
    ]) {
      const life = [...rows.map(running), ...rows.map(running), ...rows, ...rows];
      expect(counted(life, isStamp)).toMatchObject({ acknowledged: 1, stopped: 1, requeued: 0, lapsed: 0 });
    }
  },
);
