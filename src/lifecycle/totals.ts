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

/**
 * When runs were acknowledged that were lost and began after every run that has ended with a stop: a change of the workers
 * that breaks each new run shows here at once, though runs from before it still finish.
 */
export interface Losses {
  /** The latest acknowledgement of a run that ended with a stop; 0 before there was one. */
  readonly endedWell: EpochMs;
  readonly lost: readonly EpochMs[];
}

/** Transitions counted once: docs/design/README.md#counting. */
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

/** The transitions that one row shows. Durations are in milliseconds and may be negative. */
export interface ItemEvents {
  readonly created: boolean;
  readonly acknowledged: boolean;
  readonly stopped: boolean;
  readonly requeued: boolean;
  readonly lapsed: boolean;
  /**
   * The lapse came after silence, so its worker is gone: when the lost run was acknowledged. Without silence, a session may
   * have ended and woken up between two reads.
   */
  readonly lost: EpochMs | null;
  /** How many runs are seen for the first time to have begun. */
  readonly begun: number;
  /** `unknown`: the moment of queueing is uncertain by more than a minute. Null: no wait has ended. */
  readonly waitMs: number | 'unknown' | null;
  readonly runMs: number | null;
  readonly stopMs: number | null;
}

/** Nothing waits or runs for more than a year: one of the two stamps is wrong, and would swamp the sum. */
const LONGEST_MS = 366 * 86_400_000;
/** A session that ends so soon after its acknowledgement has hardly done anything. */
const SHORT_RUN_MS = 5000;
/** More than this many losses without one good run say no more. */
const MOST_LOSSES = 100;
/** OpenMetrics 1.0 allows 128 characters for an exemplar's labels and values together. */
const MOST_EXEMPLAR_CHARACTERS = 128;
const EXEMPLAR_LABEL = 'work_id';
/** Prometheus takes a NUL as the end of the text and rejects the whole scrape; no real id has control characters. */
const CONTROL_CHARACTER = /\p{Cc}/u;

/** Adds the events of one row. Also returns how many durations were negative: they are observed as 0. */
export function addEvents(
  totals: LifecycleTotals,
  events: ItemEvents,
  { item, exemplars }: { readonly item: WorkItem; readonly exemplars: boolean },
): { totals: LifecycleTotals; clamped: number } {
  const { created, acknowledged, stopped, requeued, lapsed, lost, begun } = events;
  const waitMs = possible(events.waitMs === 'unknown' ? null : events.waitMs);
  const [runMs, stopMs] = [possible(events.runMs), possible(events.stopMs)];
  const isSessionRun = item.type === 'session' && runMs !== null;
  const add = (histogram: Histogram, ms: number | null, endedAt: number | null): Histogram => {
    if (ms === null) return histogram;
    const seconds = Math.max(0, ms) / 1000;
    return observe(histogram, seconds, exemplars ? exemplarOf(item.id, seconds, endedAt) : null);
  };
  return {
    totals: {
      created: totals.created + Number(created),
      acknowledged: totals.acknowledged + Number(acknowledged),
      stopped: totals.stopped + Number(stopped),
      requeued: totals.requeued + Number(requeued),
      lapsed: totals.lapsed + Number(lapsed),
      lost: totals.lost + Number(lost !== null),
      begun: totals.begun + begun,
      waitUnknown: totals.waitUnknown + Number(events.waitMs !== null && waitMs === null),
      sessionRuns: totals.sessionRuns + Number(isSessionRun),
      shortSessionRuns: totals.shortSessionRuns + Number(isSessionRun && runMs < SHORT_RUN_MS),
      losses: lossesAfter(totals.losses, { lost, runMs, item }),
      wait: add(totals.wait, waitMs, item.acknowledgedAt),
      run: add(totals.run, runMs, item.stoppedAt),
      // Stops carry no exemplar: the run of the same item has one.
      stop: add(totals.stop, stopMs, null),
    },
    clamped: [waitMs, runMs, stopMs].filter((ms) => ms !== null && ms < 0).length,
  };
}

function lossesAfter(
  losses: Losses,
  { lost, runMs, item }: Pick<ItemEvents, 'lost' | 'runMs'> & { readonly item: WorkItem },
): Losses {
  // A health check needs no sandbox: it ends well where every session is lost.
  const isEnd = runMs !== null && item.stoppedAt !== null && item.type !== 'healthcheck';
  const endedWell = isEnd ? Math.max(losses.endedWell, item.stoppedAt - runMs) : losses.endedWell;
  const kept = losses.lost.filter((at) => at > endedWell);
  return { endedWell, lost: lost !== null && lost > endedWell ? [...kept, lost].slice(-MOST_LOSSES) : kept };
}

function possible(ms: number | null): number | null {
  return ms === null || Math.abs(ms) > LONGEST_MS ? null : ms;
}

function exemplarOf(id: string, seconds: number, endedAt: number | null): Exemplar | null {
  if (endedAt === null || EXEMPLAR_LABEL.length + id.length > MOST_EXEMPLAR_CHARACTERS) return null;
  if (CONTROL_CHARACTER.test(id)) return null;
  return { labels: { [EXEMPLAR_LABEL]: id }, value: seconds, timestampSeconds: endedAt / 1000 };
}
