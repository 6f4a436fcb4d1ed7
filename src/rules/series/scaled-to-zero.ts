import type { Duration } from '../parts/durations.ts';
import { and, on, type Queries, unless } from '../parts/queries.ts';
import { RECORDED } from '../parts/recorded.ts';
import type { Rule } from '../parts/rule.ts';
import { polledWithoutBreak } from './who-polls.ts';

/**
 * Fleets that are scaled to zero: nothing waits, nothing runs, nobody works, and workers have not just died. Those that
 * must get a machine first take minutes to start.
 */
export function scaledToZeroSeries(q: Queries): Rule {
  const idle = and(q.recorded(RECORDED.nobodyPolls), `(${q.recorded(RECORDED.waiting)} == 0)`);
  // What dead workers left behind is stale, and waits only when its lease has ended.
  const runs = [`(${q.recorded(RECORDED.workersLive)} > 0)`, q.recorded(RECORDED.staleHeartbeats)];
  // 0 and the time, so that it can be compared with when the oldest item came.
  return { record: RECORDED.scaledToZero, expr: unless(`(${idle}) + time()`, ...runs, polledWithoutBreak(q)) };
}

function scaledToZeroWithin(q: Queries, window: Duration): string {
  return `last_over_time(${q.range(q.recorded(RECORDED.scaledToZero), window)})`;
}

/** Fleets that were scaled to zero within the last six minutes, until their oldest item is overdue. */
export function mayStillStart(q: Queries): string {
  return `(${unless(scaledToZeroWithin(q, '6m'), q.recorded(RECORDED.overdue))})`;
}

/**
 * The same while nobody polls: fleets that were at zero in the last six minutes, or when their oldest item came, until it has
 * waited for so long that they ought to be up. Stats, scrapes and rules may each be half a minute late: that is two minutes.
 */
export function mayStillScaleUp(q: Queries): string {
  // Six minutes less those two, and 5 s, so that no evaluation lies at the edge.
  const waits = `clamp_min(${q.recorded(RECORDED.unpolled)}, ${q.seconds(245)})`;
  const since = on(waits, '+', scaledToZeroWithin(q, '1h'));
  return `(${unless(`(${since} > time() - ${q.seconds(120)})`, q.recorded(RECORDED.late))})`;
}
