import type { EpochMs } from '../base/clock.ts';
import {
  DURATION_BUCKETS,
  type Exemplar,
  emptyHistogram,
  type Histogram,
  observe,
  STOP_BUCKETS,
} from '../domain/histogram.ts';
import type { WorkItem } from '../domain/work.ts';
import type { ItemEvents, Sighting } from './ledger-item.ts';

/**
 * When runs were acknowledged that were lost and began after every run that has ended with a stop: a change of the workers
 * that breaks each new run shows here at once, though runs from before it still finish.
 */
export interface Losses {
  /** The latest acknowledgement of a run that ended with a stop; 0 before there was one. */
  readonly endedWell: EpochMs;
  readonly lost: readonly EpochMs[];
}

/** Transitions counted once: docs/design/counting.md. */
export interface LifecycleTotals {
  readonly created: number;
  readonly acknowledged: number;
  readonly stopped: number;
  readonly requeued: number;
  readonly lapsed: number;
  /** Those of `lapsed` that came after silence. */
  readonly lost: number;
  /** Runs that sent a heartbeat, or ended with a stop before a read saw one. */
  readonly begun: number;
  readonly waitUnknown: number;
  /** Runs of sessions that ended with a stop, and those of them that were short; health checks are no sessions. */
  readonly sessionRuns: number;
  readonly shortSessionRuns: number;
  /** Runs lost since the last one that ended well. */
  readonly losses: Losses;
  readonly wait: Histogram;
  readonly run: Histogram;
  readonly stop: Histogram;
}

export const NO_TOTALS: LifecycleTotals = {
  created: 0,
  acknowledged: 0,
  stopped: 0,
  requeued: 0,
  lapsed: 0,
  lost: 0,
  begun: 0,
  waitUnknown: 0,
  sessionRuns: 0,
  shortSessionRuns: 0,
  losses: { endedWell: 0, lost: [] },
  wait: emptyHistogram(DURATION_BUCKETS),
  run: emptyHistogram(DURATION_BUCKETS),
  stop: emptyHistogram(STOP_BUCKETS),
};

/**
 * Nothing waits or runs for more than a year: one of the two stamps is wrong, and one such duration would swamp the
 * sum.
 */
const LONGEST_MS = 366 * 86_400_000;
/** A session that ends so soon after its acknowledgement has hardly done anything. */
const SHORT_RUN_MS = 5000;

/** OpenMetrics 1.0 allows 128 characters for an exemplar's labels and values together. */
const MOST_EXEMPLAR_CHARACTERS = 128;
const EXEMPLAR_LABEL = 'work_id';
/** Prometheus takes a NUL as the end of the text and rejects the whole scrape; no real id has control characters. */
const CONTROL_CHARACTER = /\p{Cc}/u;

/**
 * Adds the events of one sighting; without events, returns the same object. Also returns how many durations were
 * negative.
 */
export function addEvents(
  totals: LifecycleTotals,
  events: ItemEvents,
  { item, exemplars }: Pick<Sighting, 'item'> & { readonly exemplars: boolean },
): { totals: LifecycleTotals; clamped: number } {
  const { created, acknowledged, stopped, requeued, lapsed, lost, begun = 0 } = events;
  if (Object.keys(events).length === 0) return { totals, clamped: 0 };
  const waitMs = typeof events.waitMs === 'number' ? (possible(events.waitMs) ?? 'unknown') : events.waitMs;
  const [runMs, stopMs] = [possible(events.runMs), possible(events.stopMs)];
  const isSessionRun = item.type === 'session' && runMs !== undefined;
  let clamped = 0;
  const add = (histogram: Histogram, ms: number | undefined, endedAt: number | null): Histogram => {
    if (ms === undefined) return histogram;
    if (ms < 0) clamped++;
    const seconds = Math.max(0, ms) / 1000;
    return observe(histogram, seconds, exemplars ? exemplarOf(item.id, seconds, endedAt) : null);
  };
  return {
    totals: {
      created: totals.created + (created ? 1 : 0),
      acknowledged: totals.acknowledged + (acknowledged ? 1 : 0),
      stopped: totals.stopped + (stopped ? 1 : 0),
      requeued: totals.requeued + (requeued ? 1 : 0),
      lapsed: totals.lapsed + (lapsed ? 1 : 0),
      lost: totals.lost + (lost === undefined ? 0 : 1),
      begun: totals.begun + begun,
      waitUnknown: totals.waitUnknown + (waitMs === 'unknown' ? 1 : 0),
      sessionRuns: totals.sessionRuns + (isSessionRun ? 1 : 0),
      shortSessionRuns: totals.shortSessionRuns + (isSessionRun && runMs < SHORT_RUN_MS ? 1 : 0),
      losses: lossesAfter(totals.losses, { lost, runMs, item }),
      wait: add(totals.wait, waitMs === 'unknown' ? undefined : waitMs, item.acknowledgedAt),
      run: add(totals.run, runMs, item.stoppedAt),
      // Stops carry no exemplar: the run of the same item has one.
      stop: stopMs === undefined ? totals.stop : observe(totals.stop, Math.max(0, stopMs) / 1000),
    },
    clamped: clamped + (stopMs !== undefined && stopMs < 0 ? 1 : 0),
  };
}

/** More than this many losses without one good run say no more. */
const MOST_LOSSES = 100;

function lossesAfter(
  losses: Losses,
  {
    lost,
    runMs,
    item,
  }: { readonly lost: EpochMs | undefined; readonly runMs: number | undefined; readonly item: WorkItem },
): Losses {
  // A health check needs no sandbox: it ends well where every session is lost.
  const isEnd = runMs !== undefined && item.stoppedAt !== null && item.type !== 'healthcheck';
  const endedWell = isEnd ? Math.max(losses.endedWell, item.stoppedAt - runMs) : losses.endedWell;
  const isNew = lost !== undefined && lost > endedWell;
  if (endedWell === losses.endedWell && !isNew) return losses;
  const kept = losses.lost.filter((at) => at > endedWell);
  return { endedWell, lost: isNew ? [...kept, lost].slice(-MOST_LOSSES) : kept };
}

function possible(ms: number | undefined): number | undefined {
  return ms === undefined || Math.abs(ms) > LONGEST_MS ? undefined : ms;
}

function exemplarOf(id: string, seconds: number, endedAt: number | null): Exemplar | null {
  if (endedAt === null || EXEMPLAR_LABEL.length + id.length > MOST_EXEMPLAR_CHARACTERS) return null;
  if (CONTROL_CHARACTER.test(id)) return null;
  return { labels: { [EXEMPLAR_LABEL]: id }, value: seconds, timestampSeconds: endedAt / 1000 };
}
