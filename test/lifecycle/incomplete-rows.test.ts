import { describe, expect, it } from 'vitest';
import type { WorkItem } from '../../src/domain/work.ts';
import { countRead } from '../../src/lifecycle/count-read.ts';
import { type Ledger, newLedger } from '../../src/lifecycle/ledger.ts';
import { buildItem, NOW } from '../support/states.ts';

const s = (seconds: number) => NOW + seconds * 1000;

const STAMPS = { createdAt: NOW, startedAt: NOW + 100 };
const RUN = { ...STAMPS, acknowledgedAt: s(5), latestHeartbeatAt: s(15) };
const END = { ...RUN, stopRequestedAt: s(35), stoppedAt: s(45) };

const LIFE: readonly Partial<WorkItem>[] = [
  { ...STAMPS, state: 'queued' },
  { ...STAMPS, state: 'queued' },
  { ...RUN, state: 'active' },
  { ...RUN, state: 'active', latestHeartbeatAt: s(25) },
  { ...RUN, state: 'stopping', stopRequestedAt: s(35) },
  { ...END, state: 'stopped' },
  { ...END, state: 'stopped' },
];

/** The same session wakes up and ends once more, between two reads. */
const SECOND_RUN = { ...STAMPS, startedAt: s(70), acknowledgedAt: s(75), latestHeartbeatAt: s(80) };

/** What rows lack, as while a fleet of servers is replaced by one that leaves something out. */
const LACKING: readonly (readonly [what: string, lacking: Partial<WorkItem>])[] = [
  ['the creation', { createdAt: null }],
  ['the acknowledgement', { acknowledgedAt: null }],
  ['the stop', { stoppedAt: null }],
  ['started_at', { startedAt: null }],
  ['all of them', { createdAt: null, acknowledgedAt: null, stoppedAt: null, startedAt: null }],
];

/** The ledger after a life in which some reads lacked something. */
function ledgerAfter(lackingOf: (read: number) => Partial<WorkItem>, startedAtIsEnqueueStamp: boolean): Ledger {
  let ledger: Ledger = newLedger(NOW - 1000);
  LIFE.forEach((row, read) => {
    const { item } = buildItem('w', { sessionId: 's', ...row, ...lackingOf(read) });
    const options = { startedAtIsEnqueueStamp, exemplars: false };
    ledger = countRead(ledger, { sightings: [{ item, at: s(read * 10) }], gone: [], fullScan: null }, options);
  });
  return ledger;
}

describe.each([true, false])('where started_at is an enqueue stamp: %s', (isStamp) => {
  const { totals } = ledgerAfter(() => ({}), isStamp);
  const counts = ({ created, acknowledged, stopped, requeued, lapsed, run }: typeof totals) => {
    return { created, acknowledged, stopped, requeued, lapsed, runs: run.counts };
  };

  describe.each(LACKING)('a row that lacks %s, and did not or will not', (_, lacking) => {
    it.each(LIFE.map((_row, read) => read).slice(0, -1))('changes nothing that is counted: read %i', (odd) => {
      expect(counts(ledgerAfter((read) => (read === odd ? lacking : {}), isStamp).totals)).toEqual(counts(totals));
    });

    it.each([0, 1])('changes nothing that is counted, as every other row: from read %i', (from) => {
      const { totals: odd } = ledgerAfter(
        (read) => (read % 2 === from && read < LIFE.length - 1 ? lacking : {}),
        isStamp,
      );
      expect(counts(odd)).toEqual(counts(totals));
    });
  });
});

describe.each([true, false])('rows that never tell the stop, where started_at is an enqueue stamp: %s', (isStamp) => {
  const options = { startedAtIsEnqueueStamp: isStamp, exemplars: false };
  const read = (ledger: Ledger, row: Partial<WorkItem>, at: number) => {
    const { item } = buildItem('w', { sessionId: 's', ...row });
    return countRead(ledger, { sightings: [{ item, at }], gone: [], fullScan: null }, options);
  };

  it.each([
    ['was handed out', RUN],
    ['was stopped while it waited', STAMPS],
  ])('count the run that ended unseen, after one that %s', (_, first) => {
    const ended = read(newLedger(NOW - 1000), { ...first, state: 'stopped' }, s(60));
    const { totals } = read(ended, { ...SECOND_RUN, state: 'stopped' }, s(100));
    expect(totals.requeued - ended.totals.requeued).toBe(1);
    expect(totals.acknowledged - ended.totals.acknowledged).toBe(1);
    expect(read(ended, { ...first, state: 'stopped', stoppedAt: s(59) }, s(70)).totals.requeued).toBe(0);
  });

  it.each([
    ['about the time of the read', s(65), 0],
    ['ten seconds later', s(70), 0],
    ['more than ten seconds later', s(70) + 1, 1],
  ])('take a stop for that of the run that a read showed stopped: %s', (_, stoppedAt, requeued) => {
    const ended = read(newLedger(NOW - 1000), { ...STAMPS, state: 'stopped' }, s(60));
    expect(read(ended, { ...END, stoppedAt, state: 'stopped' }, s(80)).totals.requeued).toBe(requeued);
  });
});
