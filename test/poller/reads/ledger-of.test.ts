import { expect, it } from 'vitest';
import type { EpochMs } from '../../../src/base/clock.ts';
import { type Ledger, newLedger } from '../../../src/lifecycle/ledger.ts';
import { NO_TOTALS } from '../../../src/lifecycle/lifecycle-totals.ts';
import { countedByOwnClock, MOST_AHEAD_MS } from '../../../src/poller/reads/ledger-of.ts';
import { KNOWN_RUN } from '../../lifecycle/known-run.ts';
import { ManualClock } from '../../support/manual-clock.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

const clock = new ManualClock();
const NOW = clock.now();
/** What the read has counted, unless it may count nothing. */
const TOTALS = { ...NO_TOTALS, created: 1 };

/** A ledger that follows the items of these last transitions. */
function following(stamps: readonly EpochMs[], change: Partial<Ledger> = {}): Ledger {
  const items = stamps.map((acknowledgedAt, n) => [`work_${n}`, { ...KNOWN_RUN, acknowledgedAt }] as const);
  return { ...newLedger(NOW), items: new Map(items), ...change };
}

interface Situation {
  readonly what: string;
  /** Last transitions of the items that were followed before the read, and that are now. */
  readonly before?: readonly EpochMs[];
  readonly after?: readonly EpochMs[];
  readonly provenFullScans?: number;
  /** Of the whole list; 0: not all of it was read. */
  readonly newest: EpochMs;
  readonly counts: boolean;
  /** W after it; that of before unless told otherwise. */
  readonly settledUntil?: EpochMs;
}

const PAST = NOW - HOUR;
const SOON = NOW + MOST_AHEAD_MS;

it.each<Situation>([
  { what: 'stamps after W', after: [NOW + 1], newest: NOW + 1, counts: true },
  { what: 'a newest stamp that is W', after: [NOW], newest: NOW, counts: true },
  { what: 'only stamps before W', after: [PAST], newest: PAST, counts: false, settledUntil: PAST },
  { what: 'only stamps before W, and no live item', newest: PAST, counts: false, settledUntil: PAST },
  {
    what: 'only stamps before W, at a later full scan',
    provenFullScans: 2,
    newest: PAST,
    counts: false,
    settledUntil: PAST,
  },
  { what: 'a part of a list, or an empty one', after: [PAST], newest: 0, counts: true },
  {
    what: 'only stamps before W, of items already followed',
    before: [PAST],
    after: [PAST],
    newest: PAST,
    counts: true,
  },
  { what: 'the end of the only item that was followed', before: [PAST], newest: PAST, counts: true },
  { what: 'a stamp a minute ahead', after: [SOON], newest: SOON, counts: true },
  { what: 'a stamp of the future', after: [PAST, SOON + 1], newest: SOON + 1, counts: false },
  { what: 'a stamp of the future in a part of a list', after: [SOON + 1], newest: 0, counts: false },
  { what: 'a stamp of the future, later', provenFullScans: 1, after: [SOON + 1], newest: SOON + 1, counts: true },
  { what: 'a stamp of the future, of a known item', before: [PAST], after: [SOON + 1], newest: SOON + 1, counts: true },
])('a read that shows $what: counts $counts', ({ before = [], after = [], provenFullScans = 0, ...read }) => {
  const { newest, counts, settledUntil = NOW } = read;
  const known = following(before, { provenFullScans });
  const seen = following(after, { totals: TOTALS, clamped: 1, provenFullScans: 2 });
  const { totals, clamped } = counts ? seen : known;
  const shown = { clock, newestStamp: newest, isFirstWhole: provenFullScans === 0 && newest > 0 };
  expect(countedByOwnClock(known, () => seen, shown)).toEqual({
    ...seen,
    totals,
    clamped,
    settledUntil,
  });
});

interface Whole {
  readonly what: string;
  readonly known?: Partial<Ledger>;
  /** Of the whole list. */
  readonly newest: EpochMs;
  readonly isFirstWhole?: boolean;
  readonly created: number;
  /** W after it. */
  readonly settledUntil: EpochMs;
}

const COUNTED = { ...NO_TOTALS, created: 3 };

it.each<Whole>([
  { what: 'only stamps before W', newest: PAST, created: 0, settledUntil: PAST },
  {
    what: 'only stamps before W, after what was created since',
    known: { totals: COUNTED },
    newest: PAST,
    created: 4,
    settledUntil: NOW,
  },
  {
    what: 'only stamps before W that a whole list told',
    known: { provenFullScans: 1 },
    newest: PAST,
    created: 1,
    settledUntil: NOW,
  },
  { what: 'only stamps before W, once more', newest: PAST, isFirstWhole: false, created: 1, settledUntil: NOW },
  { what: 'stamps after W', newest: SOON, created: 1, settledUntil: NOW },
  { what: 'a stamp of the future', newest: SOON + 1, created: 0, settledUntil: NOW },
  {
    what: 'a stamp of the future, after what was created since',
    known: { totals: COUNTED },
    newest: SOON + 1,
    created: 3,
    settledUntil: NOW,
  },
  { what: 'a stamp of the future, once more', newest: SOON + 1, isFirstWhole: false, created: 1, settledUntil: NOW },
  {
    what: 'a stamp of the future, as is W',
    known: { settledUntil: SOON + 1 },
    newest: SOON + 2,
    created: 1,
    settledUntil: SOON + 1,
  },
  { what: 'no stamp', newest: 0, created: 1, settledUntil: NOW },
])(
  'the first whole list after parts of it, which shows $what: $created are created in all',
  ({ known: change, newest, isFirstWhole = true, created, settledUntil }) => {
    const known = following([PAST], change);
    /** A read that shows an item of just after W, if that is before the newest stamp. */
    const count = (before: Ledger) =>
      before.settledUntil === newest
        ? before
        : { ...before, totals: { ...before.totals, created: before.totals.created + 1 } };
    const counted = countedByOwnClock(known, count, { clock, newestStamp: newest, isFirstWhole });
    expect([counted.totals.created, counted.settledUntil]).toEqual([created, settledUntil]);
  },
);
