import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { WorkItem, WorkState } from '../../../src/domain/work.ts';
import { newScanState, type ScanState } from '../../../src/scan/memory/scan-state.ts';
import { SeenRows } from '../../../src/scan/memory/seen-rows.ts';
import { NO_FULL_SCAN } from '../../../src/scan/memory/tracked-items.ts';
import { dropItem, observeItems } from '../../../src/scan/steps/observe-items.ts';
import type { ScanFacts } from '../../../src/scan/steps/scan-request.ts';
import { ManualClock } from '../../support/manual-clock.ts';

const START = Date.UTC(2026, 10, 24, 12);

/** A row: a small id, so that ids come twice, on one page and on several; and stamps around the moves of W. */
interface Row {
  readonly id: number;
  readonly state: WorkState;
  readonly minute: number;
}

const ROW = fc.record<Row>({
  id: fc.integer({ min: 0, max: 11 }),
  state: fc.constantFrom<WorkState>('queued', 'active', 'stopped', 'stopped', 'stopped', 'other'),
  minute: fc.integer({ min: 0, max: 14 }),
});

/** One thing that happens to the list of an environment, or to what is known of it. */
const STEP = fc.oneof(
  {
    weight: 2,
    arbitrary: fc.record({ rows: fc.array(ROW, { maxLength: 6 }), cursor: fc.integer({ min: 0, max: 2 }) }),
  },
  { weight: 25, arbitrary: fc.record({ again: fc.integer({ min: 0, max: 2 }), fullScan: fc.boolean() }) },
  fc.record({ single: ROW }),
  fc.record({ gone: fc.integer({ min: 0, max: 11 }) }),
  fc.record({ settledMinute: fc.integer({ min: 3, max: 12 }) }),
  fc.constant({ published: true }),
  { weight: 3, arbitrary: fc.constant({ full: true }) },
);

type Step = typeof STEP extends fc.Arbitrary<infer T> ? Partial<UnionToIntersection<T>> : never;
type UnionToIntersection<T> = (T extends unknown ? (given: T) => void : never) extends (given: infer I) => void
  ? I
  : never;

function itemOf({ id, state, minute }: Row, heartbeat: number): WorkItem {
  const at = START + minute * 60_000;
  return {
    id: `work_${id}`,
    type: 'session',
    sessionId: null,
    state,
    metadata: {},
    createdAt: at,
    acknowledgedAt: null,
    startedAt: state === 'stopped' ? at + 90_000 : null,
    latestHeartbeatAt: state === 'active' ? START + heartbeat : null,
    stopRequestedAt: null,
    stoppedAt: state === 'stopped' ? at + 1000 : null,
  };
}

/** Plays the steps, with and without knowing which pages have the rows of before, and compares after each. */
function play(steps: readonly Step[], startedAtIsEnqueueStamp: boolean): number {
  const clock = new ManualClock(START + 600_000);
  const pages = new Map<number, { readonly rows: readonly Row[]; readonly sameRows: object }>();
  const [knowing, plain] = [newScanState(), newScanState()];
  let settledUntil = START + 12 * 60_000;
  let quick = 0;
  for (const [heartbeat, step] of steps.entries()) {
    clock.advanceNow(1000);
    const isFollowed = () => false;
    const facts = { clock, skewMs: 0, settledUntil, startedAtIsEnqueueStamp, isFollowed } as unknown as ScanFacts;
    if (step.rows !== undefined) pages.set(step.cursor!, { rows: step.rows, sameRows: {} });
    if (step.settledMinute !== undefined) settledUntil = START + step.settledMinute * 60_000;
    const cursor = step.cursor ?? step.again;
    const shown = cursor === undefined ? undefined : pages.get(cursor);
    if (shown !== undefined) {
      const items = shown.rows.map((row) => itemOf(row, heartbeat));
      const place = { cursor: `${cursor}`, fullScan: step.fullScan === true ? heartbeat : NO_FULL_SCAN };
      const seen = knowing.seenRows.of({ items, sameRows: shown.sameRows }, place.cursor, startedAtIsEnqueueStamp);
      if (seen?.isHistoryStill(settledUntil, knowing.items.additions)) quick++;
      observeItems(knowing, facts, { items, seen, ...place });
      observeItems(plain, facts, { items, ...place });
    }
    for (const scanState of [knowing, plain]) {
      if (step.single !== undefined) {
        const place = { cursor: undefined, fullScan: NO_FULL_SCAN };
        observeItems(scanState, facts, { items: [itemOf(step.single, heartbeat)], ...place });
      }
      // As all that drops items: only those that are tracked.
      if (step.gone !== undefined && scanState.items.get(`work_${step.gone}`)) dropItem(scanState, `work_${step.gone}`);
      if (step.full === true) scanState.highWaterMark.fullScanEnded(clock.now());
    }
    expect(known(knowing)).toEqual(known(plain));
    if (step.published === true) expect(knowing.unpublished.take()).toEqual(plain.unpublished.take());
  }
  expect(knowing.unpublished.take()).toEqual(plain.unpublished.take());
  return quick;
}

function known({ items, highWaterMark, unpublished }: ScanState) {
  const mentioned = Array.from({ length: 12 }, (_, id) => unpublished.mentions(`work_${id}`));
  return { tracked: [...items.byId], metUntil: highWaterMark.metUntil, mentioned };
}

describe.each([false, true])('where started_at is a stamp of the queue: %s', (startedAtIsEnqueueStamp) => {
  it('pages that come again mean the same, whether or not all of their rows are looked at', () => {
    let quick = 0;
    fc.assert(
      fc.property(fc.array(STEP, { minLength: 5, maxLength: 50 }), (steps) => {
        quick += play(steps as readonly Step[], startedAtIsEnqueueStamp);
      }),
      { numRuns: 3000 },
    );
    // The property says little about what never happens.
    expect(quick).toBeGreaterThan(250);
  });
});

describe('the rows of a page', () => {
  const items = [0, 1, 2].map((id) => itemOf({ id, state: id === 1 ? 'active' : 'stopped', minute: id }, 0));
  const page = { items, sameRows: {} };

  it('are looked at when it comes for the second time in a row, under its cursor', () => {
    const rows = new SeenRows();
    expect(rows.of({ items }, null, false)).toBeNull();
    expect(rows.of(page, null, false)).toBeNull();
    expect(rows.of(page, 'other', false)).toBeNull();
    const seen = rows.of(page, null, false);
    expect(seen?.facts).toEqual({
      newestCreatedAt: START + 120_000,
      showsEachOnce: true,
      live: [1],
      historyFrom: START + 121_000,
    });
    expect(rows.of(page, null, false)).toBe(seen);
    expect(rows.of({ items, sameRows: {} }, null, false)).toBeNull();
    expect(rows.of(page, null, false)).toBeNull();
  });

  it('are forgotten where three other pages came since', () => {
    const rows = new SeenRows();
    const cursors = ['one', 'two', 'three', 'four'];
    for (const cursor of [...cursors.slice(0, 3), ...cursors.slice(0, 3)]) rows.of(page, cursor, false);
    expect(rows.of(page, 'one', false)).not.toBeNull();
    rows.of(page, 'four', false);
    expect(rows.of(page, 'one', false)).toBeNull();
  });
});
