import { oldestWaitSeconds, shrinks, standsSeconds, waitLimit } from './queue.ts';
import { lossSeconds } from './runs.ts';
import { duration, type EnvironmentView, found, items, type Verdict } from './view.ts';

/** Nobody may be seen polling, or alive, for so long before nobody is there: a rollout takes less. */
const UNPOLLED_SECONDS = 120;
const LIFELESS_SECONDS = 60;
/** A fleet without work that nobody has seen for so long is scaled to zero, and needs time to start. */
const IDLE_SECONDS = 300;
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

/** Work waits for half its limit (all of it if the fleet was scaled to zero), and nobody polls or lives, or nobody takes any. */
export function noWorkers(view: EnvironmentView): Verdict {
  const { now, past } = view;
  const limit = waitLimit(now);
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
  if (seconds <= limit / 2) return 'no';
  if (past.seconds < UNPOLLED_SECONDS) return 'unknown';
  if (now.items === null)
    return seconds > limit && isUnpolled(view) && stands(view) ? because('nobody polls, and it stands') : 'no';
  if (past.lasts('isAlive', 0) < Math.max(LIFELESS_SECONDS, 1.1 * now.list.intervalSeconds)) return 'no';
  if (!isUnpolled(view))
    return takesNothing(view) ? because('workers poll, and acknowledge nothing of what they get') : 'no';
  const wasIdle = past.mean('isIdle', IDLE_SECONDS, seconds + 30) === 1;
  return seconds > limit || !wasIdle ? because('nobody polls, and no run is alive') : 'no';
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

/** Two reads, at least, that show nobody. Where the API does not tell who polls, whoever takes something does. */
export function isUnpolled({ now, past }: EnvironmentView): boolean {
  const isUntold = now.queue?.polling === null && now.totals !== null;
  if (isUntold && past.growth('acknowledged', TAKES_NOTHING_SECONDS).by > 0) return false;
  return past.lasts('polling', 0) >= Math.max(UNPOLLED_SECONDS, 1.1 * now.stats.intervalSeconds);
}

/** Workers that restart again and again count as polling: items are handed to them, and none is acknowledged. */
function takesNothing({ now, past }: EnvironmentView): boolean {
  const isHandedOut = past.lasts('isHandedOut') >= TAKES_NOTHING_SECONDS;
  return isHandedOut && now.totals !== null && past.growth('acknowledged', TAKES_NOTHING_SECONDS).by === 0;
}

function isRepaired(view: EnvironmentView): boolean {
  const { now, past } = view;
  const { by } = past.growth('acknowledged', REPAIRED_SECONDS);
  const isTaking = headMoves(view, REPAIRED_SECONDS) > 0 || by > 0 || shrinks(view);
  if (past.lasts('isManned') >= REPAIRED_SECONDS && (isTaking || (now.items?.alive ?? 0) > 0)) return true;
  return now.items === null && headMoves(view, STANDS_SECONDS) >= 2;
}

/** How often the oldest item was taken. */
function headMoves({ past }: EnvironmentView, seconds: number): number {
  return past.stays('head').filter(({ value, ago }) => value !== 0 && ago < seconds).length;
}

/** The oldest item has stood for longer than any did in the last hour while workers were there. */
function stands(view: EnvironmentView): boolean {
  const { now, past } = view;
  // Nobody knows whether it is still the same one: the queue has at least not become shorter.
  if (now.queue!.head === null) return past.lasts('isWaiting') > 1.5 * STANDS_SECONDS && !shrinks(view);
  // Nobody knows for how long the first one of the hour had stood before.
  const known = past.stays('head').slice(0, -1);
  const stood = known
    .filter(({ value, seconds }) => value !== 0 && seconds < DEAD_SECONDS)
    .map(({ seconds }) => seconds);
  return standsSeconds(view) >= Math.max(STANDS_SECONDS, 1.5 * Math.max(0, ...stood));
}
