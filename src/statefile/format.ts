import type { EpochMs } from '../base/clock.ts';
import { DURATION_BUCKETS, STOP_BUCKETS } from '../domain/histogram.ts';
import { type Ledger, lastSeenAt } from '../lifecycle/ledger.ts';
import { withChecksum } from './checksum.ts';

/** A new version begins when the same words of a file would mean something else. */
export const STATE_FILE_VERSION = 1;

export interface StateFileContent {
  readonly instance: string;
  readonly savedAt: EpochMs;
  readonly ledgers: ReadonlyMap<string, Ledger>;
  /** What the diagnosis remembers, as JSON; null if it remembers nothing. */
  readonly diagnosis?: string | null;
}

export const COUNTERS = ['created', 'acknowledged', 'stopped', 'requeued', 'lapsed', 'waitUnknown'] as const;
/** Files of earlier versions do not have them. */
export const LATER_COUNTERS = ['lost', 'begun', 'sessionRuns', 'shortSessionRuns'] as const;
export const HISTOGRAMS = { wait: DURATION_BUCKETS, run: DURATION_BUCKETS, stop: STOP_BUCKETS } as const;

/** Texts of so many items are joined at once. */
const ITEMS_AT_ONCE = 1000;

/** One line of JSON that begins with the instance, so that its first bytes tell who wrote it. */
export function formatStateFile(
  { instance, savedAt, ledgers, diagnosis = null }: StateFileContent,
  textOf: (ledger: Ledger) => string = formatLedger,
): string {
  const start = JSON.stringify({ version: STATE_FILE_VERSION, instance, behind: 0 }).slice(0, -1);
  const environments = [...ledgers].map(([id, ledger]) => `${JSON.stringify(id)}:${textOf(ledger)}`);
  const verdicts = diagnosis === null ? '' : `"diagnosis":${diagnosis},`;
  return withChecksum(start, `"saved_at":${savedAt},${verdicts}"environments":{${environments.join(',')}}}\n`);
}

/** One environment's part of the file. */
export function formatLedger(ledger: Ledger): string {
  const { settledUntil, provenFullScans, clamped, totals, items } = ledger;
  const start = JSON.stringify({
    settled_until: settledUntil,
    proven_walks: provenFullScans,
    clamped,
    counters: Object.fromEntries([...COUNTERS, ...LATER_COUNTERS].map((name) => [name, totals[name]])),
    losses: { ended_well: totals.losses.endedWell, lost: totals.losses.lost },
    histograms: Object.fromEntries(
      Object.keys(HISTOGRAMS).map((name) => {
        const { counts, sum } = totals[name as keyof typeof HISTOGRAMS];
        return [name, { counts, sum }];
      }),
    ),
  });
  // Item by item: copies of all of them at once would take more memory than the ledger itself.
  const blocks: string[] = [];
  let block: string[] = [];
  for (const [id, item] of items) {
    block.push(`${JSON.stringify(id)}:${JSON.stringify({ ...item, seenAt: lastSeenAt(ledger, item) })}`);
    if (block.length < ITEMS_AT_ONCE) continue;
    blocks.push(block.join(','));
    block = [];
  }
  if (block.length > 0) blocks.push(block.join(','));
  return `${start.slice(0, -1)},"items":{${blocks.join(',')}}}`;
}
