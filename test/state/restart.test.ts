import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { countRead, type Ledger, newLedger } from '../../src/state/ledger.ts';
import { formatStateFile, parseStateFile } from '../../src/state/state-file-format.ts';
import { anyService, anySteps, BIRTH, play } from './true-history.ts';

/** What a process that reads this ledger from its state file has. */
function reloaded(ledger: Ledger): Ledger {
  const text = formatStateFile({ instance: 'one', savedAt: BIRTH, ledgers: new Map([['env_1', ledger]]) });
  return parseStateFile(text).ledgers.get('env_1')!;
}

describe('restarts from the state file, over random histories', () => {
  it('change nothing that is counted, at whatever moments they come', () => {
    fc.assert(
      fc.property(anyService, anySteps, fc.array(fc.boolean(), { minLength: 1 }), (service, steps, restarts) => {
        // Without an enqueue stamp a requeue is told from history by what was proved before, which a restart forgets.
        fc.pre(service.enqueueStamp);
        const options = { startedAtIsEnqueueStamp: service.enqueueStamp, exemplars: false };
        let steady = newLedger(BIRTH);
        let restarted = newLedger(BIRTH);
        // Written when a counter moved, and only then.
        let saved = restarted;
        let reads = 0;
        play(service, steps, (items, at) => {
          const read = {
            sightings: items.map(({ row }) => ({ item: row, at })),
            gone: [],
            walk: { startedAt: at, pages: 1, truncated: false },
          };
          if (restarts[reads++ % restarts.length]) restarted = reloaded(saved);
          steady = countRead(steady, read, options);
          const counted = countRead(restarted, read, options);
          if (counted.totals !== restarted.totals) saved = counted;
          restarted = counted;
        });
        const { wait: _, run, stop, waitUnknown, ...counters } = steady.totals;
        expect(restarted.totals).toMatchObject(counters);
        expect([restarted.totals.run, restarted.totals.stop]).toEqual([run, stop]);
        // The read that last saw an item may have been written down later than it was made: a wait may become unknown.
        const waits = (totals: Ledger['totals']) => totals.wait.counts.reduce((a, b) => a + b, 0) + totals.waitUnknown;
        expect(waits(restarted.totals)).toBe(waits(steady.totals));
        expect(waitUnknown).toBeLessThanOrEqual(restarted.totals.waitUnknown);
      }),
      { numRuns: 300, seed: 20_261_124 },
    );
  });
});
