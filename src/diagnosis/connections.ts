import type { FailureReason } from '../domain/failure.ts';
import { isRefused } from './reads.ts';
import { type ConnectionView, duration, found, type Member, type Verdict } from './verdict.ts';

/** A key that is about to expire can be replaced within two weeks. */
const EXPIRES_SECONDS = 14 * 86_400;
/** Fleets that fail within so long of each other have something in common. */
const TOGETHER_MS = 600_000;
const MANY_FLEETS = 3;
const DOUBT_MS = 120_000;

/** Critical: two environments or more cannot be read because their keys are refused. Warning: the API key is refused. */
export function apiKeyRefused(view: ConnectionView): Verdict {
  if (view.severity === 'critical')
    return unreadTogether(view, { name: 'api_key_refused', isMine: isRefused, isMany: (count) => count >= 2 });
  const { past, members } = view;
  if (!past.wasRefused('api_key', 120)) return 'no';
  const isSeenElsewhere = members.some(({ reads, failure }) => reads !== null && isRefused(failure));
  return isSeenElsewhere ? 'unknown' : found('the API key is refused');
}

/** Critical: 429s keep an environment from being read. Warning: one request in twenty is answered with 429. */
export function rateLimited(view: ConnectionView): Verdict {
  if (view.severity === 'critical')
    return unreadTogether(view, { name: 'rate_limited', isMine: isLimited, isMany: (count) => count >= 1 });
  const { sent, limited } = view.past.requests;
  return limited > 0 && limited > sent / 20
    ? found(
        `${Math.round((100 * limited) / Math.max(sent, limited))} % of the requests are answered with 429`,
        ids(view.members),
      )
    : 'no';
}

/** Three environments, or two of a few, cannot be read: the API does not answer, or answers nonsense. */
export function apiUnreachable(view: ConnectionView): Verdict {
  const readable = view.members.filter(({ isAttempted }) => isAttempted).length;
  return unreadTogether(view, {
    name: 'api_unreachable',
    isMine: (reason) => !isRefused(reason) && !isLimited(reason),
    isMany: (count) => count >= 3 || (count === 2 && readable <= 4),
  });
}

/**
 * The fleets of three environments or more failed within ten minutes of each other. While others seem to follow the first
 * ones, these are kept silent for two minutes. It holds until all that it hides are well.
 */
export function fleetsFailing({ members, isTold, at }: ConnectionView): Verdict {
  const failing = members.flatMap(({ id, fleet }) => (fleet === null ? [] : [{ id, ...fleet }]));
  const hidden = failing.filter(({ hiddenBy }) => isTold && hiddenBy === 'fleets_failing');
  const lately = failing.filter(({ sinceMs }) => sinceMs > at - TOGETHER_MS);
  const isCertain = lately.length >= MANY_FLEETS;
  const isNew = lately.some(({ sinceMs }) => sinceMs > at - DOUBT_MS);
  const doubtful = members.filter(({ fleet, isDoubtful }) => fleet === null && isDoubtful).length;
  const isBegun = isCertain || (!isTold && isNew && lately.length + doubtful >= MANY_FLEETS);
  if (!isBegun && hidden.length === 0) return 'no';
  const newestMs = Math.max(...hidden.map(({ sinceMs }) => sinceMs));
  const others = isBegun ? lately : failing.filter(({ sinceMs }) => Math.abs(sinceMs - newestMs) < TOGETHER_MS);
  const mine = new Set([...hidden, ...others.filter((one) => !one.isTold)].map(({ id }) => id));
  if (mine.size === 0) return 'no';
  const evidence = `the fleets of ${failing.length} of ${members.length} environments fail`;
  return { ...found(evidence, [...mine]), isDoubtful: !isCertain && !isTold };
}

/** Critical: discovery fails, and nothing is watched. Warning: it fails, or no longer finds anything, or more than there is room for. */
export function discoveryFailing({ now, past, members, severity }: ConnectionView): Verdict {
  if (now.isDiscovered === null) return 'unknown';
  const isAnyWatched = members.some(({ isWatched }) => isWatched);
  if (severity === 'critical')
    return !now.isDiscovered && !isAnyWatched ? found('discovery fails, and nothing is watched') : 'no';
  if (now.dropped > 0) return found(`${now.dropped} environments were found and are not watched, for want of room`);
  // A refused key is told by itself.
  if (!now.isDiscovered) return isAnyWatched && !now.refusedKeys.includes('api_key') ? found('discovery fails') : 'no';
  return !isAnyWatched && past.unwatchedSeconds < 3600 ? found('discovery finds nothing any more') : 'no';
}

/** A key expires within two weeks. */
export function keyExpiring({ now: { expiries } }: ConnectionView): Verdict {
  const soon = expiries.filter(({ seconds }) => seconds < EXPIRES_SECONDS);
  if (soon.length === 0) return 'no';
  return found(soon.map(({ key, seconds }) => `${key} expires in ${duration(seconds)}`).join(', '));
}

interface Together {
  readonly name: string;
  readonly isMine: (reason: FailureReason | null) => boolean;
  readonly isMany: (count: number) => boolean;
}

/** Environments that cannot be read for one reason. Once hidden by it they stay so until they can be read again. */
function unreadTogether({ members, isTold }: ConnectionView, { name, isMine, isMany }: Together): Verdict {
  const mine = members.filter(({ isWatched, isUnread, failure, reads }) => {
    if (reads === null || reads.isTold) return false;
    if (isTold && isUnread && reads.hiddenBy === name && !isGone(failure)) return true;
    return isWatched && (reads.hiddenBy === null || reads.hiddenBy === name) && (failure === null || isMine(failure));
  });
  const isBegun = isMany(mine.filter(({ failure }) => isMine(failure)).length) && mine.some(({ isUnread }) => isUnread);
  const isGoingOn = isTold && mine.some(({ isUnread, reads }) => isUnread && reads?.hiddenBy === name);
  if (!isBegun && !isGoingOn) return 'no';
  const reasons = new Set(mine.map(({ failure }) => failure ?? 'no answer'));
  return found(`${mine.length} of ${members.length} environments are not read: ${[...reasons].join(', ')}`, ids(mine));
}

/** An answer, if not a pleasant one: what kept it from being read is over. */
const isGone = (reason: FailureReason | null) => reason === 'not_found' || reason === 'not_self_hosted';
const isLimited = (reason: FailureReason | null) => reason === 'rate_limited';
const ids = (members: readonly Member[]) => members.map(({ id }) => id);
