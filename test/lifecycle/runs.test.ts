import { describe, expect, it } from 'vitest';
import type { WorkItem, WorkState } from '../../src/domain/work.ts';
import { countRead } from '../../src/lifecycle/count-read.ts';
import { type Ledger, newLedger } from '../../src/lifecycle/ledger.ts';
import { buildItem, NOW } from '../support/states.ts';

const s = (seconds: number | null) => (seconds === null ? null : NOW + seconds * 1000);

interface Options {
  readonly idsRotate?: boolean;
  readonly enqueueStamps?: boolean;
}

/** A row as `<at> <state> <acknowledged> <latest heartbeat, or stop> <id>`, in seconds after `NOW`; `-` for what is absent. */
function rowOf(text: string): { item: WorkItem; at: number } {
  const [at, state, acknowledged, last, id = 'w'] = text.split(' ');
  const seconds = (word = '-') => s(word === '-' ? null : Number(word));
  const isStopped = state === 'stopped';
  const change: Partial<WorkItem> = {
    state: state as WorkState,
    acknowledgedAt: seconds(acknowledged),
    ...(isStopped ? { stoppedAt: seconds(last) } : { latestHeartbeatAt: seconds(last) }),
    ...(id.startsWith('check') && { type: 'healthcheck' }),
  };
  return { item: buildItem(id, { createdAt: NOW, sessionId: 's', ...change }).item, at: s(Number(at))! };
}

/** The ledger after reads that showed these rows, one each. */
function ledgerOf(rows: string, { idsRotate = false, enqueueStamps = false }: Options = {}): Ledger {
  const options = { startedAtIsEnqueueStamp: enqueueStamps, idsRotate, exemplars: false };
  return rows
    .split(', ')
    .map(rowOf)
    .reduce<Ledger>(
      (ledger, sighting) => countRead(ledger, { sightings: [sighting], fullScan: null }, options),
      newLedger(NOW - 1000),
    );
}

describe('deliveries of an item since its last stop', () => {
  it.each([
    ['waits', '1 queued', 0],
    ['runs on', '10 active 2 9, 40 active 2 39', 1],
    ['has stopped', '10 active 2 9, 40 stopped 2 30', 0],
    ['woke up between two reads', '10 active 2 9, 40 active 35 39, 70 active 65 69', 1],
    ['lapsed and waits', '10 active 2 9, 100 active 2 9, 330 queued', 1],
    ['lapsed and runs again', '10 active 2 9, 100 active 2 9, 330 active 315 329', 2],
    ['lapsed before the first heartbeat', '10 starting 2, 100 starting 2, 330 starting 310', 2],
    ['lapsed, stopped, and woke up', '100 active 2 9, 330 active 315 329, 360 stopped 315 350, 400 active 390 399', 1],
    ['was shown by a copy that is behind', '10 active 2 9, 40 stopped 2 30, 41 active 2 29', 0],
  ])('%s', (_, rows, deliveries) => {
    expect(ledgerOf(rows).items.get('w')?.deliveries).toBe(deliveries);
  });

  it('under a new id each, where ids rotate', () => {
    const { items } = ledgerOf('30 active 2 9 a, 45 active 41 44 b, 80 active 76 79 c', { idsRotate: true });
    expect(Array.from(items.values(), ({ deliveries }) => deliveries)).toEqual([2]);
  });
});

describe('runs', () => {
  it.each([
    ['a lapse after silence loses its run', '10 active 2 9, 100 active 2 9, 330 queued', { lapsed: 1, lost: 1 }],
    [
      'one without may be a session that woke up',
      '10 active 2 9, 40 active 2 39, 70 active 60 69',
      { lapsed: 1, lost: 0 },
    ],
    ['a run begins with its first heartbeat, once', '3 starting 2, 10 active 2 9, 60 stopped 2 55', { begun: 1 }],
    ['or ends before a read saw one', '10 stopped 2 6', { begun: 1 }],
    ['not while it is only acknowledged', '10 starting 2, 100 starting 2, 330 queued', { begun: 0, lost: 1 }],
    ['again after a lapse', '10 active 2 9, 330 queued, 360 active 350 359', { begun: 2 }],
    ['short ones are those of sessions', '9 stopped 2 6, 9 stopped 2 3 check', { sessionRuns: 1, shortSessionRuns: 1 }],
  ])('%s', (_, rows, totals) => {
    expect(ledgerOf(rows).totals).toMatchObject(totals);
  });

  const lost = (id: string, from: number) =>
    `${from + 100} active ${from} ${from + 1} ${id}, ${from + 310} queued - - ${id}`;

  it.each([
    ['that are older do not end losses in a row', `${lost('a', 10)}, ${lost('b', 20)}, 401 stopped 5 400 old`, 2],
    ['that are later do', `${lost('a', 10)}, ${lost('b', 20)}, 401 stopped 350 400 new`, 0],
    ['of health checks do not', `${lost('a', 10)}, 401 stopped 350 400 check`, 1],
  ])('%s', (_, rows, inARow) => {
    expect(ledgerOf(rows).totals.losses.lost).toHaveLength(inARow);
  });
});

describe('an item that is handed out again under a new id', () => {
  it('is counted once where ids rotate, and its wait is that of the item', () => {
    const { totals, items } = ledgerOf('10 queued - - a, 40 queued - - b, 80 starting 70 - c', { idsRotate: true });
    expect(totals).toMatchObject({ created: 1, acknowledged: 1, requeued: 0, waitUnknown: 0 });
    expect([totals.wait.sum, items.size]).toEqual([70, 1]);
  });

  it('is a new one where they do not', () => {
    expect(ledgerOf('10 queued - - a, 40 queued - - b').totals.created).toBe(2);
  });
});

describe.each([true, false])('a state that is not known, where started_at is an enqueue stamp: %s', (enqueueStamps) => {
  const life = ['1 queued', '10 starting 5', '20 active 5 15', '30 active 5 25', '50 stopped 5 45', '60 stopped 5 45'];
  const lifeWith = (odd: number) => life.map((row, n) => (n === odd ? row.replace(/[a-z]+/, 'other') : row)).join(', ');

  it.each(life.keys().toArray())('changes nothing that is counted, as of read %i', (odd) => {
    expect(ledgerOf(lifeWith(odd), { enqueueStamps }).totals).toEqual(ledgerOf(lifeWith(-1), { enqueueStamps }).totals);
  });
});
