import { duration } from '../base/text.ts';
import type { FailureReason } from '../domain/failure.ts';
import { type EnvironmentFacts, type EnvironmentView, found, isGone, type Verdict } from './facts.ts';
import { isUnpolled, oldestWaitSeconds } from './queue.ts';
import type { ConnectionView, Member } from './tracker.ts';

/** Reads may fail for so long, and for two intervals more: some fail now and then. */
const PATIENCE_SECONDS = 120;
/** A list that the API does not let anybody read in time. */
const LIST_FAILS_SECONDS = 300;
const STRETCHED = 4;
/** What the list knows and the stats do not, in seconds of waiting. */
const UNTOLD_SECONDS = 1200;
/** A key that is about to expire can be replaced within two weeks. */
const EXPIRES_SECONDS = 14 * 86_400;

type Reason = FailureReason | null;

/** The stats have not been read for minutes, for any reason but a refused key, or that there is no such queue. */
export function notReadable(view: EnvironmentView): Verdict {
  const { now } = view;
  if (isRefused(now.stats.failure) || isNoSuchQueue(view)) return 'no';
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
  if (isOwnRefused && isUnpolled(view) && oldestWaitSeconds(view) > now.limits.coldStartSeconds)
    return found('its own key is refused, perhaps that of the workers too: nobody polls');
  return isUnread(now) && !isRefused(stats.failure) ? 'unknown' : 'no';
}

/** No key can read it, or the API says that there is no such queue. */
export function noSuchEnvironment(view: EnvironmentView): Verdict {
  const { stats } = view.now;
  if (!stats.isAttempted) return found('no key can read it');
  if (isNoSuchQueue(view))
    return found(
      isGone(stats.failure) ? `the API answers: ${stats.failure}` : 'the API knew no such queue, and fails now',
    );
  return stats.hasSucceeded ? 'no' : 'unknown';
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

/** For minutes the API has said so, or said nothing else since: what is deleted has no conditions of its own any more. */
export function isNoSuchQueue({ now, past }: EnvironmentView): boolean {
  return isUnread(now) && (isGone(now.stats.failure) || past.lasts('isGone') > 0);
}

function unread({ stats }: EnvironmentFacts): string {
  return `not read for ${duration(stats.unreadSeconds)}: ${stats.failure ?? 'no answer'}`;
}

/** Critical: two environments or more cannot be read, or none is known, because keys are refused. Warning: the API key is refused. */
export function apiKeyRefused(view: ConnectionView): Verdict {
  if (view.severity === 'critical') {
    const { isDiscovered, refusedKeys } = view.now;
    const isWatching = view.members.some((one) => one.now !== null);
    if (isDiscovered === false && !isWatching && refusedKeys.includes('api_key'))
      return found('the API key is refused, so that no environment is known');
    return unreadTogether(view, 'api_key_refused', isRefused, 2);
  }
  // Where environments cannot be read for it, theirs are told.
  const isToldThere = view.members.some((one) => areReadsTroubled(one) && isRefused(failureOf(one)));
  return !isToldThere && view.past.mean('isKeyRefused', 130) > 0 ? found('the API key is refused') : 'no';
}

/** Critical: 429s keep an environment from being read. Warning: one request in twenty is answered with 429. */
export function rateLimited(view: ConnectionView): Verdict {
  if (view.severity === 'critical') return unreadTogether(view, 'rate_limited', isLimited, 1);
  const [sent, limited] = [view.past.growth('requests', 600).by, view.past.growth('limitedRequests', 600).by];
  if (limited <= sent / 20) return 'no';
  const percent = Math.round((100 * limited) / Math.max(sent, limited));
  return found(`${percent} % of the requests are answered with 429`, ids(view.members));
}

/** Three environments, or two of a few, cannot be read: the API does not answer, or answers nonsense. */
export function apiUnreachable(view: ConnectionView): Verdict {
  const readable = view.members.filter(({ now }) => now?.stats.isAttempted !== false).length;
  const isMine = (reason: Reason) => !isRefused(reason) && !isLimited(reason) && !isGone(reason);
  return unreadTogether(view, 'api_unreachable', isMine, readable <= 4 ? 2 : 3);
}

/** Environments that cannot be read for one reason. Once hidden by it they stay so until they can be read again. */
function unreadTogether(
  { members, isTold }: ConnectionView,
  name: string,
  isMine: (reason: Reason) => boolean,
  least: number,
): Verdict {
  const mine = members.filter((one) => {
    const { now, reads } = one;
    const failure = failureOf(one);
    const hiddenBy = reads?.hiddenBy ?? null;
    if (!areReadsTroubled(one) || reads?.isTold) return false;
    if (isTold && isUnseen(one) && hiddenBy === name && !isGone(failure)) return true;
    return now !== null && (hiddenBy === null || hiddenBy === name) && (failure === null || isMine(failure));
  });
  const isBegun = mine.filter((one) => isMine(failureOf(one))).length >= least && mine.some(isUnseen);
  const isGoingOn = isTold && mine.some((one) => isUnseen(one) && one.reads?.hiddenBy === name);
  if (!isBegun && !isGoingOn) return 'no';
  const reasons = new Set(mine.map((one) => failureOf(one) ?? 'no answer'));
  return found(`${mine.length} of ${members.length} environments are not read: ${[...reasons].join(', ')}`, ids(mine));
}

/** Critical: discovery fails, and nothing is watched. Warning: it fails, or finds nothing any more, or more than there is room for. */
export function discoveryFailing({ now, past, members, severity }: ConnectionView): Verdict {
  if (now.isDiscovered === null) return 'unknown';
  const isWatching = members.some((one) => one.now !== null);
  if (severity === 'critical')
    return now.isDiscovered || isWatching ? 'no' : found('discovery fails, and nothing is watched');
  if (now.dropped > 0) return found(`${now.dropped} environments were found and are not watched, for want of room`);
  // A refused key is told by itself.
  if (!now.isDiscovered) return isWatching && !now.refusedKeys.includes('api_key') ? found('discovery fails') : 'no';
  return !isWatching && past.mean('isWatching', 3600) > 0 ? found('discovery finds nothing any more') : 'no';
}

/** A key expires within two weeks. */
export function keyExpiring({ now: { expiries } }: ConnectionView): Verdict {
  const soon = expiries.filter(({ seconds }) => seconds < EXPIRES_SECONDS);
  const evidence = soon.map(({ key, seconds }) => `${key} expires in ${duration(seconds)}`).join(', ');
  return soon.length === 0 ? 'no' : found(evidence);
}

const failureOf = ({ now }: Member): Reason => now?.stats.failure ?? null;
const isUnseen = ({ now, reads }: Member) => (now === null ? reads !== null : isUnread(now));
/** It cannot be read, or its latest reads failed. */
const areReadsTroubled = (one: Member) =>
  isUnseen(one) || (one.now !== null && one.past.lasts('areStatsFailing') >= 30);
const isLimited = (reason: Reason) => reason === 'rate_limited';
const ids = (members: readonly { readonly id: string }[]) => members.map(({ id }) => id);
