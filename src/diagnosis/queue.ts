import type { EnvironmentFacts } from './facts.ts';
import { duration, type EnvironmentView, found, items, type Verdict } from './view.ts';

/** The oldest item has waited for longer than the limit, and the queue does not get shorter. */
export function oldestItemTooOld(view: EnvironmentView): Verdict {
  const { now, past, severity } = view;
  const limit = now.limits.queueAgeSeconds[severity];
  if (limit === Infinity) return 'off';
  if (now.isArchived) return 'no';
  if (now.queue === null) return 'unknown';
  const seconds = oldestWaitSeconds(view);
  if (seconds <= limit) return 'no';
  // Right after an outage of the API nobody can tell yet whether the queue moves, and without a list whether there are workers.
  if (past.lasts('isRead') < 120) return 'unknown';
  if (!now.list.isAttempted && past.lasts('polling', 0) > 0 && past.seconds < 480) return 'unknown';
  if (shrinks(view)) return 'no';
  return found(`${items(now.queue.waiting)} waiting, the oldest for ${duration(seconds)}; ${whyItWaits(view)}`);
}

/** Why the wait grows, for the evidence. */
function whyItWaits(view: EnvironmentView): string {
  const { now, past } = view;
  if (past.lasts('isHandedOut') >= 300) return 'items are claimed and not acknowledged';
  if (past.lasts('isManned', 0) >= 300) return 'no worker is seen';
  if (now.items !== null && past.growth('acknowledged', 300).by === 0) return 'nothing is acknowledged';
  // Others were taken meanwhile, if the list says so; without it, that has to be likely.
  const isPassedOver = standsSeconds(view) >= (now.items === null ? 900 : 300);
  return isPassedOver ? 'workers pass over it' : 'more arrives than is taken';
}

/** More items wait than the limit, and they do not become fewer. */
export function queueTooDeep(view: EnvironmentView): Verdict {
  const { queue, isArchived, limits } = view.now;
  const limit = limits.queueDepth[view.severity];
  if (limit === Infinity) return 'off';
  if (isArchived) return 'no';
  if (queue === null) return 'unknown';
  const isDeep = queue.waiting > limit && !shrinks(view);
  return isDeep ? found(`${items(queue.waiting)} waiting, the limit is ${limit}`) : 'no';
}

/** An archived environment still has work. */
export function archivedWithWork({ now: { isArchived, queue, items: all } }: EnvironmentView): Verdict {
  if (!isArchived) return 'no';
  if (queue === null) return 'unknown';
  const running = all?.alive ?? 0;
  return queue.waiting + running > 0 ? found(`${items(queue.waiting)} waiting, ${running} running`) : 'no';
}

/** The shorter of the limits of the wait. */
export function waitLimit({ limits }: EnvironmentFacts): number {
  return Math.min(limits.queueAgeSeconds.warning, limits.queueAgeSeconds.critical);
}

/** Seconds that the oldest item has waited. Where the stats do not say: by the list, or for how long anything has waited. */
export function oldestWaitSeconds({ now: { queue, items: all }, past }: EnvironmentView): number {
  if (queue === null || queue.waiting === 0) return 0;
  return queue.ageSeconds ?? all?.queuedSeconds ?? past.lasts('isWaiting');
}

/** Workers make up for what has waited: fewer items than five minutes before, and the oldest is taken now and then. */
export function shrinks(view: EnvironmentView): boolean {
  const { past } = view;
  return past.mean('waiting', 300) <= past.mean('waiting', 300, 300) - 0.5 && standsSeconds(view) < 300;
}

/** For how long the same item has been the oldest. */
export function standsSeconds({ now: { queue }, past }: EnvironmentView): number {
  return queue === null || queue.head === null ? 0 : past.lasts('head', queue.head);
}
