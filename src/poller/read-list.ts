import { countRead, type Ledger, newLedger } from '../lifecycle/ledger.ts';
import { ledgerChange } from '../lifecycle/ledger-change.ts';
import type { Sighting } from '../lifecycle/ledger-item.ts';
import { listFactsOf } from '../scan/list-facts.ts';
import { runScan } from '../scan/run-scan.ts';
import { scan } from '../scan/scan.ts';
import type { ScanFacts } from '../scan/scan-request.ts';
import { listRead } from '../state/apply-poll.ts';
import type { EnvironmentState } from '../state/environment-state.ts';
import { snapshotItems } from '../state/items-snapshot.ts';
import type { PollJob } from './poll-job.ts';
import { outcomeOf, type ReadContext, type ReadEnd, startRead } from './poll-read.ts';

/** A correction may be this large without anything being wrong. */
const FUTURE_MS = 60_000;

/** One read of an environment's list: if it succeeds, what it saw is counted and published at once. */
export async function readList(
  { environment, operation, scanState, intervalMs }: PollJob,
  context: ReadContext,
): Promise<ReadEnd> {
  const { connection, states, clock, signal } = context;
  const { startedAtIsEnqueueStamp } = connection;
  const finish = startRead({ environment, operation }, context);
  const before = states.get(environment.id);
  const facts: ScanFacts = {
    clock,
    // A getter, because the first answer of a connection reveals the skew.
    get skewMs() {
      return connection.skewMs();
    },
    poll: environment.poll,
    intervalMs: before?.operations.list.scheduledIntervalMs ?? environment.poll.listIntervalMs,
    pageSize: connection.pageSize,
    fallbackPageSize: connection.fallbackPageSize,
    startedAtIsEnqueueStamp,
    staleHeartbeatSeconds: environment.thresholds.staleHeartbeatSeconds,
    get settledUntil() {
      return ledgerOf(before, connection.likelySkewMs(), clock.now()).settledUntil;
    },
    mayRetrieve:
      environment.poll.singleReads === 'auto' && context.api().credentialFor('retrieve', environment.id) !== null,
    permits: context.permits,
    queue: before?.queue ?? null,
  };
  const run = {
    api: () => context.api(),
    environmentId: environment.id,
    permits: context.permits,
    signal,
    maxAgeMs: intervalMs,
    memory: scanState.answers,
    metadataKeys: environment.metadata.keys,
  };
  const outcome = await outcomeOf(() => runScan(scan(scanState, facts), run));
  const ledger = outcome.ok && !signal.aborted ? await countAndKeep() : null;
  return finish(outcome, (state, poll) => {
    if (ledger === null) return state;
    const items = snapshotItems(
      { tracked: scanState.items.byId, ledger, before: state.items },
      { observedAt: clock.now(), ...listFactsOf(scanState) },
    );
    return { ...listRead(state, poll, items), ledger, lifecycle: ledger.totals };
  });

  /** What is about to be published must be on the disk first. */
  async function countAndKeep(): Promise<Ledger> {
    const likelySkewMs = connection.likelySkewMs();
    const known = ledgerOf(states.get(environment.id), likelySkewMs, clock.now());
    const { fullScan, ...seen } = scanState.unpublished.take();
    // The ledger's times are all by the likely skew.
    const later = likelySkewMs - facts.skewMs;
    const settled = fullScan && { ...fullScan, startedAt: fullScan.startedAt + later };
    const shifted = (one: Sighting) => ({ ...one, at: one.at + later });
    const sightings = Math.abs(later) < FUTURE_MS ? seen.sightings : Array.from(seen.sightings, shifted);
    const counted = countRead(
      known,
      { ...seen, sightings, fullScan: settled },
      {
        startedAtIsEnqueueStamp,
        idsRotate: connection.idsRotate,
        exemplars: environment.exemplars,
      },
    );
    await context.keepLedger?.(environment, counted, ledgerChange(known, counted));
    return counted;
  }
}

/**
 * A ledger begins when watching the list began, on the API's clock. History cannot be settled into the future: that
 * would mean that a clock was wrong, and nothing would be counted until that time.
 */
function ledgerOf(state: EnvironmentState | undefined, skewMs: number, now: number): Ledger {
  const ledger = state?.ledger ?? newLedger((state?.listedSince ?? state?.watchedSince ?? now) + skewMs);
  return ledger.settledUntil > now + skewMs + FUTURE_MS ? { ...ledger, settledUntil: now + skewMs } : ledger;
}
