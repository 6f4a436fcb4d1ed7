import type { EpochMs } from '../base/clock.ts';
import { type Exemplar, type Histogram, observe } from '../domain/histogram.ts';
import type { WorkItem } from '../domain/work.ts';
import type { Counter, LifecycleTotals, Losses } from './ledger.ts';

/** A session that ends so soon after its acknowledgement has hardly done anything. */
const SHORT_RUN_MS = 5000;
/** More than this many losses without one good run say no more. */
const MOST_LOSSES = 100;
/** OpenMetrics 1.0 allows 128 characters for an exemplar's labels and values together. */
const MOST_EXEMPLAR_CHARACTERS = 128;
const EXEMPLAR_LABEL = 'work_id';
/** Prometheus takes a NUL as the end of the text and rejects the whole scrape; no real id has control characters. */
const CONTROL_CHARACTER = /\p{Cc}/u;

/** What one row shows for the first time. Durations may be negative, and are null if no wait, run or stop ended, or none is known. */
export interface RowEvents {
  readonly counts: Readonly<Partial<Record<Counter, number | boolean>>>;
  readonly waitMs: number | null;
  readonly runMs: number | null;
  readonly stopMs: number | null;
  /** When a run was acknowledged that its worker has lost. */
  readonly lostAt: EpochMs | null;
}

/** Adds the events of one row. Also returns how many durations were negative: they are observed as 0. */
export function withEvents(
  totals: LifecycleTotals,
  { counts, waitMs, runMs, stopMs, lostAt }: RowEvents,
  { item, exemplars }: { readonly item: WorkItem; readonly exemplars: boolean },
): { readonly totals: LifecycleTotals; readonly clamped: number } {
  const isSessionRun = item.type === 'session' && runMs !== null;
  const all = { ...counts, sessionRuns: isSessionRun, shortSessionRuns: isSessionRun && runMs < SHORT_RUN_MS };
  const counted: Record<Counter, number> = { ...totals };
  for (const [name, count] of Object.entries(all)) counted[name as Counter] += Number(count);
  const add = (histogram: Histogram, ms: number | null, endedAt: number | null): Histogram => {
    if (ms === null) return histogram;
    const seconds = Math.max(0, ms) / 1000;
    return observe(histogram, seconds, exemplars ? exemplarOf(item.id, seconds, endedAt) : null);
  };
  return {
    totals: {
      ...counted,
      losses: lossesAfter(totals.losses, lostAt, runMs, item),
      wait: add(totals.wait, waitMs, item.acknowledgedAt),
      run: add(totals.run, runMs, item.stoppedAt),
      // Stops carry no exemplar: the run of the same item has one.
      stop: add(totals.stop, stopMs, null),
    },
    clamped: [waitMs, runMs, stopMs].filter((ms) => ms !== null && ms < 0).length,
  };
}

function lossesAfter(losses: Losses, lostAt: EpochMs | null, runMs: number | null, item: WorkItem): Losses {
  // A health check needs no sandbox: it ends well where every session is lost.
  const isEnd = runMs !== null && item.stoppedAt !== null && item.type !== 'healthcheck';
  const endedWell = isEnd ? Math.max(losses.endedWell, item.stoppedAt - runMs) : losses.endedWell;
  const kept = losses.lost.filter((at) => at > endedWell);
  return { endedWell, lost: lostAt !== null && lostAt > endedWell ? [...kept, lostAt].slice(-MOST_LOSSES) : kept };
}

function exemplarOf(id: string, seconds: number, endedAt: number | null): Exemplar | null {
  if (endedAt === null || EXEMPLAR_LABEL.length + id.length > MOST_EXEMPLAR_CHARACTERS) return null;
  if (CONTROL_CHARACTER.test(id)) return null;
  return { labels: { [EXEMPLAR_LABEL]: id }, value: seconds, timestampSeconds: endedAt / 1000 };
}
