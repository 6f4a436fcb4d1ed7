import type { Duration } from '../parts/durations.ts';
import { and, type Queries, unless } from '../parts/queries.ts';
import { RECORDED } from '../parts/recorded.ts';

/** Nobody has polled within two minutes, nor within the two minutes before each of these offsets. */
export function nobodyPolls(q: Queries, ...before: readonly Duration[]): string {
  const nobodyPollsNow = q.recorded(RECORDED.nobodyPolls);
  return and(nobodyPollsNow, ...before.map((ago) => `${nobodyPollsNow} offset ${q.duration(ago)}`));
}

/** Environments whose workers were there ten minutes ago, and had been without a break for an hour. */
export function polledWithoutBreak(q: Queries): string {
  const then = `(${q.recorded(RECORDED.polling)} offset ${q.duration('10m')} > 0)`;
  const paused = `last_over_time(${q.range(q.recorded(RECORDED.pausing), '10m')} offset ${q.duration('10m')})`;
  return `(${unless(then, paused)})`;
}
