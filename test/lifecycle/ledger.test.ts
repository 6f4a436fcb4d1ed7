import { describe, expect, it } from 'vitest';
import type { WorkItem } from '../../src/domain/work.ts';
import { countRead } from '../../src/lifecycle/count-read.ts';
import { type FullScanEnd, type Ledger, newLedger } from '../../src/lifecycle/ledger.ts';
import { buildItem, NOW } from '../support/states.ts';

const OPTIONS = { startedAtIsEnqueueStamp: true, exemplars: false };
const MINUTE = 60_000;

function row(change: Partial<WorkItem> = {}): WorkItem {
  return buildItem('work_1', { createdAt: NOW, ...change }).item;
}

function read(ledger: Ledger, at: number, items: WorkItem[], options = OPTIONS): Ledger {
  return countRead(ledger, { sightings: items.map((item) => ({ item, at })), fullScan: null }, options);
}

function fullScan(ledger: Ledger, end: FullScanEnd): Ledger {
  return countRead(ledger, { sightings: [], fullScan: end }, OPTIONS);
}

describe('what was there before the exporter', () => {
  it('is not counted, however it ended', () => {
    const old = row({ createdAt: NOW - 5 * MINUTE, startedAt: NOW - 5 * MINUTE, acknowledgedAt: NOW - 4 * MINUTE });
    const stopped = { ...old, id: 'work_2', state: 'stopped', stoppedAt: NOW - MINUTE } as const;
    const ledger = read(newLedger(NOW), NOW + 1000, [{ ...old, state: 'active' }, stopped]);
    expect(ledger.totals).toMatchObject({ created: 0, acknowledged: 0, stopped: 0, requeued: 0 });
    expect([...ledger.items.keys()]).toEqual(['work_1']);
  });

  it('counting begins with the first read, and nothing from before is counted', () => {
    const active = row({ state: 'active', createdAt: NOW - MINUTE, acknowledgedAt: NOW - MINUTE / 2 });
    let ledger = read(newLedger(NOW), NOW + 1000, [active]);
    ledger = read(ledger, NOW + 31_000, [{ ...active, state: 'stopped', stoppedAt: NOW + 30_000 }]);
    expect(ledger.totals).toMatchObject({ created: 0, acknowledged: 0, stopped: 1 });
    expect(ledger.totals.run.sum).toBe(60);
  });
});

describe('a run', () => {
  it.each([
    ['at once', 0, [0, 1]],
    ['after a second', 1000, [1, 1]],
    ['and asked to stop only in its next life', -1000, [0, 0]],
  ])('that was stopped %s and is queued again when it is read', (_, stopMs, [sum, stops]) => {
    const run = row({ state: 'active', startedAt: NOW + 100, acknowledgedAt: NOW + 5000 });
    let ledger = read(newLedger(NOW - 1), NOW + 6000, [run]);
    const stoppedAt = NOW + 20_000;
    const again = { ...run, state: 'queued', startedAt: NOW + 30_000, stoppedAt, stopRequestedAt: stoppedAt - stopMs };
    ledger = read(ledger, NOW + 40_000, [again as WorkItem]);
    const { stop, stopped } = ledger.totals;
    expect([stop.sum, stop.counts.reduce((one, other) => one + other), stopped]).toEqual([sum, stops, 1]);
  });

  it('is the same one when heartbeats stamp its acknowledgement again, up to its stop', () => {
    const run = row({ state: 'active', startedAt: NOW + 100, acknowledgedAt: NOW + 5000 });
    let ledger = read(newLedger(NOW - 1), NOW + 6000, [run]);
    ledger = read(ledger, NOW + 40_000, [{ ...run, acknowledgedAt: NOW + 35_000 }]);
    ledger = read(ledger, NOW + 70_000, [
      { ...run, state: 'stopped', acknowledgedAt: NOW + 60_000, stoppedAt: NOW + 65_000 },
    ]);
    expect(ledger.totals).toMatchObject({ acknowledged: 1, lapsed: 0, requeued: 0, stopped: 1 });
    expect([ledger.totals.wait.sum, ledger.totals.run.sum]).toEqual([4.9, 60]);
  });

  it.each([
    ['has waited since the read before', 30_000, 0, 5 + 44],
    ['has an unknown wait when reads were further apart than a minute', 120_000, 1, 5],
  ])('that a read saw queued in between, although the enqueue stamp stayed, %s', (_, apartMs, waitUnknown, sum) => {
    const run = row({ state: 'active', startedAt: NOW, acknowledgedAt: NOW + 5000 });
    let ledger = read(newLedger(NOW - 1), NOW + 6000, [run]);
    const at = NOW + 6000 + apartMs;
    ledger = read(ledger, at, [{ ...run, state: 'queued', acknowledgedAt: null }]);
    ledger = read(ledger, at + 30_000, [{ ...run, acknowledgedAt: at + 14_000 }]);
    expect(ledger.totals).toMatchObject({ lapsed: 1, acknowledged: 2, waitUnknown });
    expect(ledger.totals.wait.sum).toBe(sum);
  });

  it('is recognized before its enqueue stamp, which then is no second one', () => {
    const stopped = row({ state: 'stopped', startedAt: NOW + 100, acknowledgedAt: NOW + 500, stoppedAt: NOW + 9000 });
    let ledger = read(newLedger(NOW - 1), NOW + 10_000, [stopped]);
    const queued = { ...stopped, state: 'queued', acknowledgedAt: null, stoppedAt: null } as const;
    ledger = read(ledger, NOW + 40_000, [queued]);
    ledger = read(ledger, NOW + 70_000, [{ ...queued, startedAt: NOW + 40_100 }]);
    expect(ledger.totals).toMatchObject({ requeued: 1, lapsed: 0 });
    expect(ledger.items.get('work_1')?.queuedSince).toBe(NOW + 40_100);
  });

  it('gives health checks no wait, but a run', () => {
    const done = row({ type: 'healthcheck', state: 'stopped', acknowledgedAt: NOW + 1000, stoppedAt: NOW + 3000 });
    const { totals } = read(newLedger(NOW - 1), NOW + 5000, [done]);
    expect(totals).toMatchObject({ acknowledged: 1, stopped: 1, waitUnknown: 0 });
    expect([totals.wait.sum, totals.run.sum]).toEqual([0, 2]);
  });

  it('counts a negative duration as 0 and says so', () => {
    const done = row({ state: 'stopped', acknowledgedAt: NOW + 3000, stoppedAt: NOW + 2500 });
    const ledger = read(newLedger(NOW - 1), NOW + 5000, [done]);
    expect([ledger.totals.run.sum, ledger.totals.run.counts[0], ledger.clamped]).toEqual([0, 1, 1]);
  });
});

describe('the watermark', () => {
  const stopped = row({ state: 'stopped', startedAt: NOW, acknowledgedAt: NOW + 1000, stoppedAt: NOW + 2000 });

  it('follows the start of full scans by ten minutes and forgets what is behind it', () => {
    let ledger = read(newLedger(NOW - 1), NOW + 5000, [stopped]);
    ledger = fullScan(ledger, { startedAt: NOW + 5 * MINUTE, pages: 4, truncated: false });
    expect([ledger.settledUntil, ledger.items.size]).toEqual([NOW - 1, 1]);
    ledger = fullScan(ledger, { startedAt: NOW + 11 * MINUTE, pages: 4, truncated: false });
    expect([ledger.settledUntil, ledger.items.size]).toEqual([NOW + MINUTE, 0]);
    const again = read(ledger, NOW + 12 * MINUTE, [stopped]);
    expect([again.totals, again.items.size]).toEqual([ledger.totals, 0]);
  });

  it('keeps a live item that no read shows for an hour more, so that it is not counted twice when it comes back', () => {
    const queued = row({ startedAt: NOW });
    let ledger = read(newLedger(NOW - 1), NOW + 5000, [queued]);
    for (const minutes of [1, 20]) {
      ledger = fullScan(ledger, { startedAt: NOW + minutes * MINUTE, pages: 1, truncated: false });
      ledger = read(ledger, NOW + (minutes + 1) * MINUTE, [queued]);
      expect(ledger.totals).toMatchObject({ created: 1, requeued: 0 });
    }
    ledger = fullScan(ledger, { startedAt: NOW + 90 * MINUTE, pages: 1, truncated: false });
    expect(ledger.items.size).toBe(1);
    ledger = fullScan(ledger, { startedAt: NOW + 92 * MINUTE, pages: 1, truncated: false });
    expect(ledger.items.size).toBe(0);
  });

  it('keeps items that seem long unseen because a clock was set: two full scans do not forget what a read then shows', () => {
    const queued = row({ startedAt: NOW });
    let ledger = read(newLedger(NOW - 1), NOW + 5000, [queued]);
    for (let minutes = 121; minutes < 150; minutes += 3) {
      ledger = fullScan(ledger, { startedAt: NOW + minutes * MINUTE, pages: 4, truncated: false });
      ledger = fullScan(ledger, { startedAt: NOW + (minutes + 1) * MINUTE, pages: 4, truncated: false });
      // By the clock of before.
      ledger = read(ledger, NOW + (minutes - 120) * MINUTE, [queued]);
    }
    expect(ledger.totals).toMatchObject({ created: 1, requeued: 0 });
  });

  it('knows a forgotten item that lives again by its enqueue stamp', () => {
    let ledger = fullScan(newLedger(NOW), { startedAt: NOW + 30 * MINUTE, pages: 1, truncated: false });
    const at = NOW + 31 * MINUTE;
    ledger = read(ledger, at, [row({ createdAt: NOW - MINUTE, startedAt: at - 1000 })]);
    expect(ledger.totals).toMatchObject({ created: 0, requeued: 1 });
  });

  it.each([
    [10_001, 1],
    [10_000, 0],
  ])(
    'knows an item from before the watermark as living again by a stamp %i ms after its creation: %i',
    (late, count) => {
      const createdAt = NOW - 4000;
      const ledger = read(newLedger(NOW), NOW + 10_000, [row({ createdAt, startedAt: createdAt + late })]);
      expect(ledger.totals).toMatchObject({ created: 0, requeued: count });
    },
  );

  it('takes a lapse of an item that no read has shown yet for no requeue', () => {
    const again = { startedAt: NOW + 18_000, acknowledgedAt: NOW + 9000 };
    const ledger = read(newLedger(NOW), NOW + 30_000, [row({ createdAt: NOW - MINUTE, ...again })]);
    expect(ledger.totals).toMatchObject({ created: 0, acknowledged: 1, requeued: 0, lapsed: 1 });
  });

  const unstamped = { startedAtIsEnqueueStamp: false, exemplars: false };
  const waitsAgain = row({ createdAt: NOW - MINUTE });

  it.each([
    [2, 1],
    [1, 0],
  ])('knows it without such a stamp after %i full scans of several pages: %i', (fullScans, requeued) => {
    let ledger = newLedger(NOW);
    for (let n = 11; n < 11 + fullScans; n++)
      ledger = fullScan(ledger, { startedAt: NOW + n * MINUTE, pages: 5, truncated: false });
    expect(read(ledger, NOW + 20 * MINUTE, [waitsAgain], unstamped).totals.requeued).toBe(requeued);
  });

  it('takes an item that becomes visible in the first minutes, from just before counting began, for no requeue', () => {
    let ledger = newLedger(NOW);
    for (let n = 0; n < 20; n++) ledger = fullScan(ledger, { startedAt: NOW + n * 10_000, pages: 1, truncated: false });
    expect(read(ledger, NOW + 5 * MINUTE, [waitsAgain], unstamped).totals.requeued).toBe(0);
  });

  it('takes no full scan that was cut as a proof', () => {
    let ledger = fullScan(newLedger(NOW), { startedAt: NOW + 1, pages: 9, truncated: true });
    ledger = read(ledger, NOW + 2 * MINUTE, [row({ createdAt: NOW - MINUTE })]);
    expect([ledger.provenFullScans, ledger.totals.requeued]).toEqual([0, 0]);
  });
});

describe('exemplars', () => {
  const done = row({ state: 'stopped', startedAt: NOW, acknowledgedAt: NOW + 4000, stoppedAt: NOW + 9000 });

  it('name the work item on waits and runs when asked for', () => {
    const { wait, run, stop } = read(newLedger(NOW - 1), NOW + 9500, [done], { ...OPTIONS, exemplars: true }).totals;
    expect(wait.exemplars[1]).toEqual({
      labels: { work_id: 'work_1' },
      value: 4,
      timestampSeconds: (NOW + 4000) / 1000,
    });
    expect(run.exemplars[1]?.value).toBe(5);
    expect(stop.exemplars.every((exemplar) => exemplar === null)).toBe(true);
  });

  it('stay away otherwise, and for an id that is too long for OpenMetrics', () => {
    const long = { ...done, id: 'w'.repeat(125) };
    const off = read(newLedger(NOW - 1), NOW + 9500, [done]).totals;
    const tooLong = read(newLedger(NOW - 1), NOW + 9500, [long], { ...OPTIONS, exemplars: true }).totals;
    expect([...off.run.exemplars, ...tooLong.run.exemplars].every((exemplar) => exemplar === null)).toBe(true);
    expect(tooLong.run.sum).toBe(5);
  });
});
