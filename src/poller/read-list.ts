import { sleep } from '../base/clock.ts';
import type { Environment } from '../domain/environment.ts';
import { countRead, hasCounted } from '../lifecycle/count-read.ts';
import type { Ledger } from '../lifecycle/ledger.ts';
import { listFactsOf } from '../scan/list-facts.ts';
import type { ScanState } from '../scan/memory/scan-state.ts';
import { runScan } from '../scan/run-scan.ts';
import { scan } from '../scan/scan.ts';
import type { ScanPermits } from '../scan/steps/scan-request.ts';
import { type GoodPoll, listRead, snapshotItems } from '../state/changes.ts';
import type { EnvironmentState } from '../state/environment-state.ts';
import { ReadFacts } from './read-facts.ts';
import { type EndedRead, outcomeOf, type ReadContext, startRead } from './reads.ts';

/** One read of an environment's list: if it succeeds, what it saw is counted and published at once. */
export async function readList(
  {
    environment,
    scanState,
    intervalMs,
  }: { readonly environment: Environment; readonly scanState: ScanState; readonly intervalMs: number },
  context: ReadContext & { readonly permits?: ScanPermits },
): Promise<EndedRead> {
  const { connection, states, clock, signal } = context;
  const { permits = permitsOf(context) } = context;
  const { startedAtIsEnqueueStamp } = connection;
  const finish = startRead(environment, 'list', context);
  const facts = new ReadFacts(environment, { ...context, permits });
  const run = {
    api: () => context.api(),
    environmentId: environment.id,
    permits,
    options: {
      signal,
      maxAgeMs: intervalMs,
      memory: scanState.answers,
      metadataKeys: environment.metadata.keys,
    },
  };
  let answeredAt: number | undefined;
  const outcome = await outcomeOf(async () => {
    const reply = await runScan(scan(scanState, facts), run);
    answeredAt = clock.monotonic();
    return { ...reply, value: signal.aborted ? null : await countAndSave() };
  });
  const apply = (state: EnvironmentState, poll: GoodPoll, ledger: Ledger | null) => {
    if (ledger === null) return state;
    const items = snapshotItems(
      scanState.items.byId.values(),
      { ledger, idsRotate: connection.idsRotate },
      { ...listFactsOf(scanState), observedAt: clock.now() },
    );
    return { ...listRead(state, poll, items), ledger, lifecycle: ledger.totals };
  };
  return finish(outcome, apply, answeredAt);

  /** What is about to be published must be on the disk first. */
  async function countAndSave(): Promise<Ledger> {
    const known = facts.ledgerOf(states.get(environment.id));
    const seen = scanState.unpublished.take();
    // The ledger's times are API time by the likely skew, those of the scan by the known one.
    const shiftMs = connection.historySkewMs() - facts.skewMs;
    const read = {
      ...seen,
      sightings: seen.sightings.map(({ item, at }) => ({ item, at: at + shiftMs })),
      fullScan: seen.fullScan && { ...seen.fullScan, startedAt: seen.fullScan.startedAt + shiftMs },
    };
    const { idsRotate } = connection;
    const { exemplars } = environment;
    const ledger = countRead(known, read, { startedAtIsEnqueueStamp, idsRotate, exemplars });
    const counted = hasCounted(known, ledger);
    const saved = context.saveLedger?.(environment, ledger, counted) ?? null;
    if (saved !== null && counted) context.leaveSlot();
    await saved;
    return ledger;
  }
}

/** A further page of a full scan only while half of the budget is unused. */
function permitsOf({ connection: { budget }, clock }: ReadContext): ScanPermits {
  return {
    tryTake: (urgent) => budget.spare >= (urgent ? 0.1 : 0.5),
    async take(signal) {
      while (budget.spare < 0.5) await sleep(clock, 250, signal);
    },
  };
}
