import type { FailureReason } from '../domain/failure.ts';
import { isGone, isRefused, isUnread } from './reads.ts';
import { type ConnectionView, duration, found, type Member, type Verdict } from './view.ts';

/** A key that is about to expire can be replaced within two weeks. */
const EXPIRES_SECONDS = 14 * 86_400;
/** Fleets that fail within so long of each other have something in common. */
const TOGETHER_MS = 600_000;
const MANY_FLEETS = 3;
const DOUBT_MS = 120_000;

type Reason = FailureReason | null;

/** Critical: two environments or more cannot be read because their keys are refused. Warning: the API key is refused. */
export function apiKeyRefused(view: ConnectionView): Verdict {
  if (view.severity === 'critical') return unreadTogether(view, 'api_key_refused', isRefused, 2);
  if (!(view.past.mean('isKeyRefused', 130) > 0)) return 'no';
  const isSeenElsewhere = view.members.some((one) => areReadsTroubled(one) && isRefused(failureOf(one)));
  return isSeenElsewhere ? 'unknown' : found('the API key is refused');
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

/**
 * The fleets of three environments or more failed within ten minutes of each other. Those in which nobody is seen any more
 * may follow the first ones: these are kept silent for two minutes. It holds until all that it hides are well.
 */
export function fleetsFailing({ members, isTold, past }: ConnectionView): Verdict {
  const failing = members.flatMap(({ id, fleet }) => (fleet === null ? [] : { id, fleet, since: fleet.state.sinceMs }));
  const lately = failing.filter(({ since }) => since > past.at - TOGETHER_MS);
  const following = members.filter(({ fleet, now, past: own }) => {
    const isUnmanned = own.lasts('isManned', 0) >= 15 && own.mean('isManned', TOGETHER_MS / 1000) > 0;
    return fleet === null && now !== null && isUnmanned;
  });
  const waiting = following.filter(({ now }) => (now?.queue?.waiting ?? 0) > 0);
  const isCertain = lately.length >= MANY_FLEETS;
  const isNew = !isTold && lately.some(({ since }) => since > past.at - DOUBT_MS);
  const isBegun = isCertain || (isNew && lately.length + waiting.length >= MANY_FLEETS);
  const hidden = failing.filter(({ fleet }) => isTold && fleet.hiddenBy === 'fleets_failing');
  const newest = Math.max(...hidden.map(({ since }) => since));
  const others = isBegun ? lately : failing.filter(({ since }) => Math.abs(since - newest) < TOGETHER_MS);
  const mine = new Set(ids([...hidden, ...others.filter(({ fleet }) => !fleet.isTold)]));
  if (mine.size === 0) return 'no';
  const evidence = `the fleets of ${failing.length} of ${members.length} environments fail`;
  return { evidence, members: [...mine, ...ids(isBegun ? following : [])], isDoubtful: !isCertain && !isTold };
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
