import { expect, it } from 'vitest';
import type { WorkItem } from '../../src/domain/work.ts';
import { countRead } from '../../src/lifecycle/count-read.ts';
import { type Ledger, newLedger } from '../../src/lifecycle/ledger.ts';
import { buildItem, NOW } from '../support/states.ts';

const MINUTE = 60_000;
const OPTIONS = { startedAtIsEnqueueStamp: true, exemplars: false };
/** W is ten minutes before the start of a full scan, and an item is long unseen an hour before W. */
const LONG_UNSEEN = 70 * MINUTE;

const LIVE: Partial<WorkItem> = { createdAt: NOW - 5000, startedAt: NOW - 5000 };

/** How many full scans of the same kind, a second apart, it takes until the item is forgotten; null if four do not. */
function scansUntilForgotten(
  row: Partial<WorkItem>,
  { scanAt, gone, truncated }: { readonly scanAt: number; readonly gone: boolean; readonly truncated: boolean },
): number | null {
  const { item } = buildItem('w', { ...LIVE, ...row });
  const read = { sightings: [{ item, at: NOW }], gone: [], fullScan: null };
  let ledger: Ledger = countRead(newLedger(NOW - 10_000), read, OPTIONS);
  for (let scan = 1; scan <= 4; scan++) {
    const fullScan = { startedAt: NOW + scanAt + (scan - 1) * 1000, pages: 1, truncated };
    ledger = countRead(ledger, { sightings: [], gone: gone ? ['w'] : [], fullScan }, OPTIONS);
    if (ledger.items.size === 0) return scan;
  }
  return null;
}

it.each<[what: string, gone: boolean, truncated: boolean, scans: number | null]>([
  ['proved gone, the list read to its end', true, false, 3],
  ['proved gone, the list cut', true, true, 3],
  ['not shown, the list read to its end', false, false, 3],
  ['not shown, the list cut, so that it may stand behind the cut', false, true, null],
])('a live item that was last seen over an hour before W is forgotten: %s', (_, gone, truncated, scans) => {
  expect(scansUntilForgotten({}, { scanAt: LONG_UNSEEN + 1, gone, truncated })).toBe(scans);
});

it.each([
  ['an hour before W', LONG_UNSEEN, 4],
  ['a second less', LONG_UNSEEN - 1000, null],
])(
  'a live item that was last seen %s at the first full scan is forgotten at the end of scan %s',
  (_, scanAt, scans) => {
    expect(scansUntilForgotten({}, { scanAt, gone: true, truncated: false })).toBe(scans);
  },
);

it.each<[what: string, stopped: number, scanAt: number, scans: number | null]>([
  ['at W', 0, 10 * MINUTE, 1],
  ['a millisecond after W', 1, 10 * MINUTE, 2],
  ['an hour after W', 60 * MINUTE, 10 * MINUTE, null],
])('a stopped item whose last stamp is %s is history', (_, stopped, scanAt, scans) => {
  const row = { state: 'stopped', acknowledgedAt: NOW - 4000, stoppedAt: NOW + stopped } as const;
  expect(scansUntilForgotten(row, { scanAt, gone: false, truncated: false })).toBe(scans);
});
