import { countRead } from '../../lifecycle/count-read.ts';
import type { Ledger } from '../../lifecycle/ledger.ts';
import { ledgerChange } from '../../lifecycle/ledger-change.ts';
import type { Sighting } from '../../lifecycle/ledger-item.ts';
import { listFactsOf } from '../../scan/list-facts.ts';
import { runScan } from '../../scan/run-scan.ts';
import { scan } from '../../scan/scan.ts';
import { type GoodPoll, listRead } from '../../state/apply-poll.ts';
import type { EnvironmentState } from '../../state/environment-state.ts';
import { snapshotItems } from '../../state/items-snapshot.ts';
import type { PollJob } from '../schedule/poll-job.ts';
import { MOST_AHEAD_MS } from './ledger-of.ts';
import { outcomeOf, type ReadContext, type ReadEnd, startRead } from './poll-read.ts';
import { ReadFacts } from './read-facts.ts';

/** One read of an environment's list: if it succeeds, what it saw is counted and published at once. */
export async function readList(
  { environment, operation, scanState, intervalMs }: PollJob,
  context: ReadContext,
): Promise<ReadEnd> {
  const { connection, states, clock, signal } = context;
  const { startedAtIsEnqueueStamp } = connection;
  const finish = startRead({ environment, operation }, context);
  const facts = new ReadFacts({ environment, scanState }, context);
  const run = {
    api: () => context.api(),
    environmentId: environment.id,
    permits: context.permits,
    options: {
      signal,
      maxAgeMs: intervalMs,
      memory: scanState.answers,
      metadataKeys: environment.metadata.keys,
    },
  };
  const outcome = await outcomeOf(() => runScan(scan(scanState, facts), run));
  const answeredAt = clock.monotonic();
  const ledger = outcome.ok && !signal.aborted ? await countAndSave() : null;
  const apply = (state: EnvironmentState, poll: GoodPoll) => {
    if (ledger === null) return state;
    const items = snapshotItems(
      { tracked: scanState.items.byId, ledger, before: state.items },
      { ...listFactsOf(scanState), observedAt: clock.now() },
    );
    return { ...listRead(state, poll, items), ledger, lifecycle: ledger.totals };
  };
  return finish(outcome, apply, answeredAt);

  /** What is about to be published must be on the disk first. */
  async function countAndSave(): Promise<Ledger> {
    const historySkewMs = connection.historySkewMs();
    const known = facts.ledgerOf(states.get(environment.id));
    const seen = scanState.unpublished.take();
    const { fullScan } = seen;
    // The ledger's times are API time by the likely skew, those of the scan by the known one: the difference is added.
    const shiftMs = historySkewMs - facts.skewMs;
    const settled = fullScan && facts.settledBy({ ...fullScan, startedAt: fullScan.startedAt + shiftMs });
    const shiftedByMs = (one: Sighting) => ({ ...one, at: one.at + shiftMs });
    const sightings = Math.abs(shiftMs) < MOST_AHEAD_MS ? seen.sightings : Array.from(seen.sightings, shiftedByMs);
    const read = { ...seen, sightings, fullScan: settled };
    const { idsRotate } = connection;
    const { exemplars } = environment;
    const count = (before: Ledger) => countRead(before, read, { startedAtIsEnqueueStamp, idsRotate, exemplars });
    const counted = facts.counted(known, count, fullScan);
    await context.saveLedger?.(environment, counted, ledgerChange(known, counted));
    return counted;
  }
}
