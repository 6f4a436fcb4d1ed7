import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { EpochMs } from '../../src/base/clock.ts';
import { isRunning, type WorkItem } from '../../src/domain/work.ts';
import { countRead } from '../../src/lifecycle/count-read.ts';
import { type Ledger, type LedgerOptions, newLedger } from '../../src/lifecycle/ledger.ts';
import type { LifecycleTotals } from '../../src/lifecycle/lifecycle-totals.ts';
import { anyService, anySteps, BIRTH, play, type Service } from './true-history.ts';

function read(ledger: Ledger, { item, at }: { item: WorkItem; at: EpochMs }, options: LedgerOptions): Ledger {
  return countRead(ledger, { sightings: [{ item, at }], gone: [], fullScan: null }, options);
}

/**
 * A waiting row without a stamp that a later row has: the service may have cleared it. Only an enqueue stamp tells, or how
 * soon it was seen, if the worker was not silent before.
 */
function isAmbiguous(old: WorkItem, now: WorkItem, { at, service }: { at: EpochMs; service: Service }): boolean {
  const lacks = (stamp: 'acknowledgedAt' | 'stoppedAt') => old[stamp] === null && now[stamp] !== null;
  if (old.state !== 'queued' || !(lacks('acknowledgedAt') || lacks('stoppedAt'))) return false;
  const silent = isRunning(now.state) && at - (now.latestHeartbeatAt ?? now.acknowledgedAt ?? at) > 31_000;
  return !service.enqueueStamp || (silent && old.startedAt === now.startedAt);
}

it('rows that come a second time, when later ones have been seen, count nothing', () => {
  fc.assert(
    fc.property(anyService, anySteps, fc.infiniteStream(fc.nat()), (service, steps, anyOf) => {
      const options = { startedAtIsEnqueueStamp: service.enqueueStamp, exemplars: false };
      let [plain, lagging] = [newLedger(BIRTH), newLedger(BIRTH)];
      const rows = new Map<string, WorkItem[]>();
      play(service, steps, (items, at) => {
        for (const { id, row } of items) {
          const before = rows.get(id) ?? [];
          plain = read(plain, { item: row, at }, options);
          lagging = read(lagging, { item: row, at }, options);
          const old = before[anyOf.next().value! % before.length];
          if (old !== undefined && !isAmbiguous(old, row, { at, service })) {
            lagging = read(lagging, { item: old, at: at + 1 }, options);
          }
          rows.set(id, [...before, row]);
        }
      });
      const counted = ({ created, acknowledged, stopped, requeued, lapsed, run }: LifecycleTotals) => {
        return { created, acknowledged, stopped, requeued, lapsed, run };
      };
      expect(counted(lagging.totals)).toEqual(counted(plain.totals));
    }),
    { numRuns: 1000 },
  );
});
