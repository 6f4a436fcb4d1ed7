import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { EpochMs } from '../../src/base/clock.ts';
import type { Histogram } from '../../src/domain/histogram.ts';
import { countRead } from '../../src/lifecycle/count-read.ts';
import type { LifecycleTotals } from '../../src/lifecycle/ledger.ts';
import { type Ledger, newLedger } from '../../src/lifecycle/ledger.ts';
import { anyService, anySteps, BIRTH, play, type Service, type TrueItem } from './true-history.ts';

const COUNTERS = ['created', 'acknowledged', 'stopped', 'requeued', 'lapsed', 'waitUnknown'] as const;
const HISTOGRAMS = ['wait', 'run', 'stop'] as const;
type Delta = Record<
  (typeof COUNTERS)[number] | (typeof HISTOGRAMS)[number] | `${(typeof HISTOGRAMS)[number]}Ms`,
  number
>;

/** What the oracle knows of an item from the reads so far; it sees which run a stamp truly belongs to. */
interface Seen {
  readonly run: number;
  readonly state: string;
  readonly acknowledgedRun: number;
  readonly stoppedRun: number;
  /** A run before this one came and went unseen while it seemed to wait: only an enqueue stamp would tell. */
  readonly hidden: boolean;
}

function isHidden({ run }: TrueItem, seen: Seen | undefined): boolean {
  if (run === seen?.run) return seen.hidden;
  return seen === undefined ? run > 0 : seen.state === 'queued';
}

function count(histogram: Histogram): number {
  return histogram.counts.reduce((sum, value) => sum + value, 0);
}

function difference(after: LifecycleTotals, before: LifecycleTotals): Delta {
  const delta: Record<string, number> = {};
  for (const name of COUNTERS) delta[name] = after[name] - before[name];
  for (const name of HISTOGRAMS) {
    delta[name] = count(after[name]) - count(before[name]);
    delta[`${name}Ms`] = Math.round((after[name].sum - before[name].sum) * 1000);
  }
  return delta as Delta;
}

/** Which counters one row must move, from the truth. */
function expected(item: TrueItem, seen: Seen | undefined, { enqueueStamp }: Service) {
  const newAck = item.acknowledgedRun >= 0 && item.acknowledgedRun > (seen?.acknowledgedRun ?? -1);
  const newStop = item.stoppedRun >= 0 && item.stoppedRun > (seen?.stoppedRun ?? -1);
  const waits = item.row.state === 'queued';
  const alive = item.row.state !== 'stopped';
  const stoppedBefore = newStop && item.stoppedRun < item.run;
  let requeued = 0;
  let lapsed = 0;
  if (seen === undefined) {
    requeued = stoppedBefore && alive ? 1 : 0;
    // It was handed out before any read, and waits again.
    lapsed = requeued === 0 && waits && newAck ? 1 : 0;
  } else if (item.run > seen.run) {
    const visible =
      enqueueStamp ||
      seen.state === 'stopped' ||
      stoppedBefore ||
      (waits && newAck) ||
      (seen.state !== 'queued' && (waits || newAck || item.row.acknowledgedAt === null));
    if (visible && (seen.state === 'stopped' || (newStop && alive))) requeued = 1;
    else if (visible) lapsed = 1;
  }
  return {
    created: seen === undefined ? 1 : 0,
    acknowledged: newAck ? 1 : 0,
    stopped: newStop ? 1 : 0,
    requeued,
    lapsed,
  };
}

function readOnce(ledger: Ledger, item: TrueItem, { at, service }: { at: EpochMs; service: Service }): Ledger {
  const options = { startedAtIsEnqueueStamp: service.enqueueStamp, exemplars: false };
  return countRead(ledger, { sightings: [{ item: item.row, at }], fullScan: null }, options);
}

/** Ends a read that showed the whole list on one page. */
function scanned(ledger: Ledger, at: EpochMs): Ledger {
  const fullScan = { startedAt: at, pages: 1, truncated: false };
  return countRead(ledger, { sightings: [], fullScan }, { startedAtIsEnqueueStamp: true, exemplars: false });
}

interface LookedAt {
  readonly item: TrueItem;
  readonly seen: Seen | undefined;
  readonly delta: Delta;
}

/** Plays a history into a ledger and hands every single row with what it moved to `check`. */
function follow(service: Service, steps: Parameters<typeof play>[1], check: (row: LookedAt) => void): Ledger {
  let ledger = newLedger(BIRTH);
  const seen = new Map<string, Seen>();
  play(service, steps, (items, at) => {
    for (const item of items) {
      const before = ledger.totals;
      ledger = readOnce(ledger, item, { at, service });
      check({ item, seen: seen.get(item.id), delta: difference(ledger.totals, before) });
      const again = readOnce(ledger, item, { at, service });
      expect(difference(again.totals, ledger.totals), 'a second look').toEqual(difference(before, before));
      const { run, acknowledgedRun, stoppedRun } = item;
      const old = seen.get(item.id);
      seen.set(item.id, {
        run,
        state: item.row.state,
        acknowledgedRun: Math.max(acknowledgedRun, old?.acknowledgedRun ?? -1),
        stoppedRun: Math.max(stoppedRun, old?.stoppedRun ?? -1),
        hidden: isHidden(item, old),
      });
    }
    ledger = scanned(ledger, at);
  });
  return ledger;
}

/** A wait is observed, or said to be unknown, for each acknowledgement. */
function checkWait({ item, seen, delta }: LookedAt, service: Service): void {
  expect(delta.wait + delta.waitUnknown).toBe(delta.acknowledged);
  if (delta.wait === 0 || (!service.enqueueStamp && isHidden(item, seen))) return;
  const run = item.runs[item.acknowledgedRun]!;
  const truth = run.acknowledgedAt! - run.queuedAt;
  // With an enqueue stamp in the row the wait is exact; without it, within a minute.
  if (service.enqueueStamp && item.acknowledgedRun === item.run) expect(delta.waitMs).toBe(truth);
  else expect(Math.abs(delta.waitMs - truth)).toBeLessThanOrEqual(60_000);
}

/** Runs and stops are observed exactly if some read has shown both ends. `shown`: runs whose beginning was. */
function checkEnd({ item, seen, delta }: LookedAt, service: Service, shown: ReadonlySet<TrueItem['runs'][number]>) {
  const ended = item.runs[item.stoppedRun];
  if (delta.stopped === 0) return expect([delta.run, delta.stop]).toEqual([0, 0]);
  // A live row with stamps of two earlier runs: nobody who sees the row alone can tell them apart.
  const mixed = item.acknowledgedRun !== item.stoppedRun || (item.askedRun >= 0 && item.askedRun !== item.stoppedRun);
  if (item.row.state !== 'stopped' && mixed) return;
  // An item that lapsed unseen and was stopped while it waited: without an enqueue stamp its row shows one run.
  const isRepeated = seen?.acknowledgedRun === item.acknowledgedRun;
  const sawEnd = isRepeated && (seen?.state === 'queued' || seen?.state === 'stopped');
  if (!service.enqueueStamp && mixed && !sawEnd) return;
  const known = ended!.acknowledgedAt !== null && shown.has(ended!);
  expect([delta.run, delta.runMs]).toEqual(known ? [1, ended!.stoppedAt! - ended!.acknowledgedAt!] : [0, 0]);
  const asked = item.askedRun === item.stoppedRun;
  expect([delta.stop, delta.stopMs]).toEqual(asked ? [1, ended!.stoppedAt! - ended!.askedAt!] : [0, 0]);
}

it('over random histories, every transition that a read shows is counted once, and no other', () => {
  fc.assert(
    fc.property(anyService, anySteps, (service, steps) => {
      const shown = new Set<TrueItem['runs'][number]>();
      const live = new Set<string>();
      const ledger = follow(service, steps, (row) => {
        const { item, seen, delta } = row;
        expect(delta).toMatchObject(expected(item, seen, service));
        for (const value of Object.values(delta)) expect(value).toBeGreaterThanOrEqual(0);
        checkWait(row, service);
        if (item.acknowledgedRun >= 0) shown.add(item.runs[item.acknowledgedRun]!);
        checkEnd(row, service, shown);
        if (item.row.state === 'stopped') live.delete(item.id);
        else live.add(item.id);
      });
      // Live items and what happened after W are remembered, and nothing else.
      for (const [id, item] of ledger.items) {
        const newest = Math.max(item.createdAt ?? 0, item.acknowledgedAt ?? 0, item.stoppedAt ?? 0);
        expect(live.has(id) || newest > ledger.settledUntil - 120_000).toBe(true);
      }
      for (const id of live) expect(ledger.items.has(id)).toBe(true);
    }),
    { numRuns: 3000 },
  );
});
