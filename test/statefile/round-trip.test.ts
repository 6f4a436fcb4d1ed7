import fc from 'fast-check';
import { expect, it } from 'vitest';
import { WORK_STATES } from '../../src/domain/work.ts';
import { type Ledger, newLedger } from '../../src/lifecycle/ledger.ts';
import type { LedgerItem } from '../../src/lifecycle/ledger-item.ts';
import { formatStateFile } from '../../src/statefile/format.ts';
import { parseStateFile } from '../../src/statefile/parse-state-file.ts';

const BEGUN = Date.UTC(2026, 10, 24);

const stamp = fc.option(fc.integer({ min: 0, max: BEGUN }));
/** Of this type, so that a new field cannot be left out here. */
const anyItem: fc.Arbitrary<LedgerItem> = fc.record({
  state: fc.constantFrom(...WORK_STATES, 'other' as const),
  sessionId: fc.option(fc.string()),
  createdAt: stamp,
  enqueuedAt: stamp,
  acknowledgedAt: stamp,
  stopRequestedAt: stamp,
  stoppedAt: stamp,
  runAcknowledgedAt: stamp,
  queuedSince: fc.option(fc.record({ at: fc.integer({ min: 0, max: BEGUN }), slackMs: fc.nat() })),
  deliveries: fc.nat(),
  begun: fc.boolean(),
  silent: fc.boolean(),
  enqueueStampDue: fc.boolean(),
  seenAt: stamp,
  unseen: fc.nat(),
  gone: fc.boolean(),
});

function reloaded(ledger: Ledger): Ledger {
  const text = formatStateFile({ instance: 'one', savedAt: BEGUN, ledgers: new Map([['env_1', ledger]]) });
  return parseStateFile(text).ledgers.get('env_1')!;
}

it('a state file keeps all that the ledger knows of an item', () => {
  const anyItems = fc.uniqueArray(fc.tuple(fc.stringMatching(/^work_[0-9a-z]{1,8}$/), anyItem), {
    selector: ([id]) => id,
    maxLength: 5,
  });
  fc.assert(
    fc.property(anyItems, fc.nat(), (items, provenFullScans) => {
      const ledger = { ...newLedger(BEGUN), provenFullScans, items: new Map(items) };
      // An item of the last read does not say when that was; in the file, each does.
      const seen = items.map(([id, item]) => [id, { ...item, seenAt: item.seenAt ?? ledger.readAt }] as const);
      expect(reloaded(ledger)).toEqual({ ...ledger, items: new Map(seen) });
    }),
  );
});

it.each([0, 999, 1000, 1001, 2500])(
  'a state file of %d items, which is put together by the thousand, keeps them all',
  (count) => {
    const [known] = fc.sample(anyItem, { numRuns: 1, seed: 1 });
    const items = new Map(Array.from({ length: count }, (_, n) => [`work_${n}`, { ...known!, seenAt: BEGUN }]));
    expect(reloaded({ ...newLedger(BEGUN), items }).items).toEqual(items);
  },
);
