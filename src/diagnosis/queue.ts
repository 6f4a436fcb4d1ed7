import { duration } from '../base/text.ts';
import { type EnvironmentFacts, type EnvironmentView, found, items, type Verdict } from './facts.ts';
import { lossSeconds } from './runs.ts';
import type { ConnectionView } from './tracker.ts';

/** Nobody may be seen polling, or alive, for so long before nobody is there: a rollout takes less. */
const UNPOLLED_SECONDS = 120;
const LIFELESS_SECONDS = 60;
/** Without a list: where nothing has waited for so long, it is not work that keeps workers from polling. */
const EMPTY_SECONDS = 300;
/** Workers that poll, and take nothing of what they are handed. */
const TAKES_NOTHING_SECONDS = 240;
/** Somebody must be there for so long until a dead fleet counts as repaired: a crash loop lives for less. */
const REPAIRED_SECONDS = 180;
/** After a worker fell silent for good, others may follow for so long. */
const DYING_SECONDS = 300;
/** Without a list, busy workers look dead: so long must the oldest item stand, or half as long again as it ever did. */
const STANDS_SECONDS = 360;
/** What stood for longer did so for want of workers. */
const DEAD_SECONDS = 900;
/** Fleets that fail within so long of each other have something in common. */
const TOGETHER_MS = 600_000;
const MANY_FLEETS = 3;
/** A fleet will fail soon if nobody has been seen for so long, and work has waited for this share of a cold start. */
const LEFT_SECONDS = 45;
const LEFT_SHARE = 0.3;

/** The oldest item has waited for longer than the limit, and the queue does not get shorter. */
export function oldestItemTooOld(view: EnvironmentView): Verdict {
  const { now, past, severity } = view;
  const limit = now.limits.queueAgeSeconds[severity];
  if (limit === Infinity) return 'off';
  if (now.isArchived) return 'no';
  if (now.queue === null) return 'unknown';
  const seconds = oldestWaitSeconds(view);
  if (seconds <= limit) return 'no';
  // Right after an outage of the API nobody can tell yet whether the queue moves; nor, after a start, whether anybody is there.
  if (past.lasts('isRead') < 120 || (isNewHere(view) && isUnpolled(view))) return 'unknown';
  if (shrinks(view)) return 'no';
  return found(`${items(now.queue.waiting)} waiting, the oldest for ${duration(seconds)}; ${whyItWaits(view)}`);
}

/** Why the wait grows, for the evidence. */
function whyItWaits(view: EnvironmentView): string {
  const { now, past } = view;
  if (past.lasts('isManned', 0) >= 300) return 'no worker is seen';
  if (now.items !== null && past.growth('acknowledged', 300).by === 0) return 'nothing is acknowledged';
  return standsSeconds(view) >= 300 ? 'workers pass over it' : 'more arrives than is taken';
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
export function oldestWaitSeconds({ now: { queue, items: all }, past }: Pick<EnvironmentView, 'now' | 'past'>): number {
  if (queue === null || queue.waiting === 0) return 0;
  return queue.ageSeconds ?? all?.queuedSeconds ?? past.lasts('isWaiting');
}

/** Workers make up for what has waited: fewer items than five minutes before, and the oldest is taken now and then. */
export function shrinks(view: EnvironmentView): boolean {
  const { past } = view;
  // After a start: the later half of what has been seen, compared with the earlier one.
  const seconds = Math.min(300, past.seconds / 2);
  return past.mean('waiting', seconds) <= past.mean('waiting', seconds, seconds) - 0.5 && standsSeconds(view) < 300;
}

/** For how long the same item has been the oldest. */
export function standsSeconds({ now: { queue }, past }: EnvironmentView): number {
  return queue === null || queue.head === null ? 0 : past.lasts('head', queue.head);
}

/** Work waits for longer than a fleet may need to start, and nobody polls or lives, or nobody takes any. */
export function noWorkers(view: EnvironmentView): Verdict {
  const { now, past } = view;
  const limit = now.limits.coldStartSeconds;
  // Whether workers came back while nothing could be read, nobody knows: unless it was told, it is judged anew.
  const was = view.was && (view.isTold || past.lasts('isRead') >= 120);
  if (limit === Infinity) return 'off';
  if (now.isArchived) return 'no';
  if (now.queue === null) return 'unknown';
  if (now.queue.waiting === 0) return 'no';
  const seconds = oldestWaitSeconds(view);
  const because = (why: string) =>
    found(`${items(now.queue!.waiting)} waiting, the oldest for ${duration(seconds)}; ${why}`);
  if ((was || view.isTold) && lossSeconds(view) < DYING_SECONDS) return because('workers die soon after they take one');
  if (was) return isRepaired(view) ? 'no' : because('nobody takes them');
  if (seconds <= limit) return 'no';
  if (past.seconds < UNPOLLED_SECONDS) return 'unknown';
  if (now.items === null) {
    if (wasDeserted(view)) return because('nobody polls, and nobody did before it came');
    if (seconds <= waitLimit(now) || !isUnpolled(view)) return 'no';
    if (stands(view)) return because('nobody polls, and it stands');
    return isNewHere(view) ? 'unknown' : 'no';
  }
  if (past.lasts('isAlive', 0) < Math.max(LIFELESS_SECONDS, 1.1 * now.list.intervalSeconds)) return 'no';
  if (!isUnpolled(view))
    return takesNothing(view) ? because('workers poll, and acknowledge nothing of what they get') : 'no';
  return because('nobody polls, and no run is alive');
}

/** Fewer workers, polling or busy, than thresholds.min_workers. */
export function workersBelowMinimum({ now }: EnvironmentView): Verdict {
  const { queue, items: all, list, limits } = now;
  if (limits.minWorkers === 0) return 'off';
  if (now.isArchived) return 'no';
  if (queue === null || queue.polling === null) return 'unknown';
  // Without a list, nobody is busy for certain only while nothing waits.
  if (all === null && (list.isAttempted || queue.waiting > 0)) return 'unknown';
  const busy = all?.alive ?? 0;
  const workers = queue.polling + busy;
  return workers < limits.minWorkers
    ? found(`${workers} of ${limits.minWorkers} workers: ${queue.polling} polling, ${busy} busy`)
    : 'no';
}

/** Some reads in a row that show nobody. Where the API does not tell who polls, whoever takes something does. */
export function isUnpolled({ now, past }: EnvironmentView): boolean {
  const isUntold = now.queue?.polling === null && now.totals !== null;
  if (isUntold && past.growth('acknowledged', TAKES_NOTHING_SECONDS).by > 0) return false;
  return past.lasts('polling', 0) >= Math.max(UNPOLLED_SECONDS, 3 * now.stats.intervalSeconds);
}

/** Workers that restart again and again count as polling: items are handed to them, and none is acknowledged. */
function takesNothing({ now, past }: EnvironmentView): boolean {
  const isHandedOut = past.lasts('isHandedOut') >= TAKES_NOTHING_SECONDS;
  return isHandedOut && now.totals !== null && past.growth('acknowledged', TAKES_NOTHING_SECONDS).by === 0;
}

/** Somebody has been there for minutes and works; or, without a list, the oldest item is taken again and again. */
function isRepaired(view: EnvironmentView): boolean {
  const { now, past } = view;
  const moved = past.growth('head', STANDS_SECONDS);
  if (now.items === null && moved.first > moved.last) return true;
  const isTaking = (now.items?.alive ?? 0) > 0 || past.growth('acknowledged', REPAIRED_SECONDS).by > 0 || shrinks(view);
  return isTaking && past.lasts('isManned') >= REPAIRED_SECONDS;
}

/** What waits came to an empty queue that nobody had polled for minutes, and nobody has since, for longer than runs take. */
function wasDeserted(view: EnvironmentView): boolean {
  const { now, past } = view;
  // Where the API does not tell who polls, workers that are all busy look the same.
  if (now.queue!.polling === null) return false;
  const seconds = oldestWaitSeconds(view);
  if (past.mean('isWaiting', EMPTY_SECONDS, seconds + 30) !== 0) return false;
  const busySeconds = past.stays('polling').flatMap((one) => (one.value === 0 ? 1.5 * one.seconds : []));
  return past.lasts('polling', 0) >= Math.max(seconds + LIFELESS_SECONDS, ...busySeconds);
}

/** Without a list nobody can tell within the first minutes whether the oldest item stands. */
function isNewHere({ now, past }: EnvironmentView): boolean {
  return now.items === null && past.seconds < STANDS_SECONDS;
}

/** The oldest item has stood for longer than any did in the last hour while workers were there. */
function stands(view: EnvironmentView): boolean {
  const { now, past } = view;
  // Nobody knows whether it is still the same one: the queue has at least not become shorter.
  if (now.queue!.head === null) return past.lasts('isWaiting') > 1.5 * STANDS_SECONDS && !shrinks(view);
  // Nobody knows for how long the first one of the hour had stood before.
  const stood = past
    .stays('head')
    .slice(0, -1)
    .filter(({ value, seconds }) => value !== 0 && seconds < DEAD_SECONDS);
  return standsSeconds(view) >= Math.max(STANDS_SECONDS, ...stood.map(({ seconds }) => 1.5 * seconds));
}

/** The fleets of three environments or more fail within ten minutes, or are about to: until all that it hides are well. */
export function fleetsFailing({ members, isTold, past }: ConnectionView): Verdict {
  const lately = members.filter(({ fleet }) => fleet !== null && fleet.state.sinceMs > past.at - TOGETHER_MS);
  const following = members.filter(({ fleet, now, past: own }) => {
    const hasLeft = own.lasts('isManned', 0) >= LEFT_SECONDS && own.mean('isManned', TOGETHER_MS / 1000) > 0;
    if (fleet !== null || now === null || !hasLeft) return false;
    return oldestWaitSeconds({ now, past: own }) > LEFT_SHARE * now.limits.coldStartSeconds;
  });
  const isBegun = lately.length > 0 && lately.length + following.length >= MANY_FLEETS;
  const begun = isBegun ? [...lately.filter(({ fleet }) => !fleet!.isTold), ...following] : [];
  const hidden = members.filter(({ fleet }) => isTold && fleet?.hiddenBy === 'fleets_failing');
  const ids = [...new Set([...hidden, ...begun].map(({ id }) => id))];
  return ids.length === 0 ? 'no' : found(`the fleets of ${ids.length} of ${members.length} environments fail`, ids);
}
