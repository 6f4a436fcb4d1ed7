import type { AlertName } from './alert-names.ts';
import type { Duration } from './durations.ts';
import { ENVIRONMENT, type Queries } from './queries.ts';

/** A page that has ended does not come back within the window: it would say the same. */
export function onceWithin(q: Queries, expr: string, name: AlertName, window: Duration): string {
  return `(${expr})\nunless on (${ENVIRONMENT}) (${q.paged([name], window)} unless on (${ENVIRONMENT}) ${q.firing(name)})`;
}

/**
 * A ticket that has fired and ended returns within half a day only as a page: somebody will look at it within the
 * working day anyway, and bursts that recur every hour are one ticket. WaitBudgetBurn reports how often they occur.
 *
 * @param lately how long ago a ticket that still fires was evaluated at the latest
 */
export function oncePerHalfDay(q: Queries, expr: string, name: AlertName, lately: Duration): string {
  const fired = (window: Duration) => q.fired([name], 'warning', window);
  return `(${expr})\nunless on (${ENVIRONMENT}) (${fired('12h')} unless on (${ENVIRONMENT}) ${fired(lately)})`;
}
