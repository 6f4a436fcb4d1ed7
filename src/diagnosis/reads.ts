import type { FailureReason } from '../domain/failure.ts';
import type { EnvironmentFacts } from './facts.ts';
import { oldestWaitSeconds, waitLimit } from './queue.ts';
import { duration, type EnvironmentView, found, type Verdict } from './view.ts';
import { isUnpolled } from './workers.ts';

/** Reads may fail for so long, and for two intervals more: some fail now and then. */
const PATIENCE_SECONDS = 120;
/** A list that the API does not let anybody read in time. */
const LIST_FAILS_SECONDS = 300;
const STRETCHED = 4;
/** What the list knows and the stats do not, in seconds of waiting. */
const UNTOLD_SECONDS = 1200;

/** The stats have not been read for minutes, for any reason but a refused key, or that there is no such queue. */
export function notReadable({ now }: EnvironmentView): Verdict {
  if (isRefused(now.stats.failure) || isNoSuchQueue(now)) return 'no';
  if (isUnread(now)) return found(unread(now));
  return now.stats.hasSucceeded ? 'no' : 'unknown';
}

/** Critical: of what the stats are read with; or its own, and nobody polls, so that workers have it too. Warning: its own. */
export function keyRefused(view: EnvironmentView): Verdict {
  const { now, past, severity } = view;
  const { stats, list } = now;
  if (severity === 'critical' && isRefused(stats.failure) && isUnread(now)) return found(unread(now));
  const isOwnRefused = past.mean('isKeyRefused', 130) > 0 || (list.isAttempted && isRefused(list.failure));
  if (isOwnRefused && severity === 'warning') return found('its own key is refused');
  if (isOwnRefused && isUnpolled(view) && oldestWaitSeconds(view) > waitLimit(now) / 2)
    return found('its own key is refused, perhaps that of the workers too: nobody polls');
  return isUnread(now) && !isRefused(stats.failure) ? 'unknown' : 'no';
}

/** No key can read it, or the API says that there is no such queue. */
export function noSuchEnvironment({ now }: EnvironmentView): Verdict {
  if (!now.stats.isAttempted) return found('no key can read it');
  return isNoSuchQueue(now) ? found(`the API answers: ${now.stats.failure}`) : 'no';
}

/** The list fails, is too long or read too seldom; or the API withholds ages, or tells less by the stats than by the list. */
export function coverageReduced(view: EnvironmentView): Verdict {
  const { now, past } = view;
  const { queue, items, list } = now;
  if (isUnread(now)) return 'unknown';
  if (past.lasts('isListFailing') >= LIST_FAILS_SECONDS) return found(`the list cannot be read: ${list.failure}`);
  if (now.isTruncated) return found('the list is longer than what is read of it');
  for (const { isAttempted, intervalSeconds, configuredIntervalSeconds } of [now.stats, list])
    if (isAttempted && intervalSeconds >= STRETCHED * configuredIntervalSeconds)
      return found(`it is read each ${duration(intervalSeconds)} instead of ${duration(configuredIntervalSeconds)}`);
  if (queue === null) return 'unknown';
  if (past.lasts('isAgeless') >= LIST_FAILS_SECONDS) return found('the API does not say for how long work has waited');
  const untold = (items?.queuedSeconds ?? 0) - oldestWaitSeconds(view);
  return untold > UNTOLD_SECONDS ? found('the list shows an old item that the stats do not know') : 'no';
}

export function isUnread({ stats }: EnvironmentFacts): boolean {
  return stats.isAttempted && stats.unreadSeconds >= PATIENCE_SECONDS + 2 * stats.intervalSeconds;
}

export function isRefused(reason: FailureReason | null): boolean {
  return reason === 'unauthorized' || reason === 'forbidden';
}

/** An answer, if not a pleasant one. */
export function isGone(reason: FailureReason | null): boolean {
  return reason === 'not_found' || reason === 'not_self_hosted';
}

/** For minutes the API has said so: what is deleted has no conditions of its own any more. */
export function isNoSuchQueue(now: EnvironmentFacts): boolean {
  return isUnread(now) && isGone(now.stats.failure);
}

function unread({ stats }: EnvironmentFacts): string {
  return `not read for ${duration(stats.unreadSeconds)}: ${stats.failure ?? 'no answer'}`;
}
