import { hasKnownKey } from '../../base/key-shape.ts';
import type { Thresholds } from '../../domain/environment.ts';
import type { ObservedItem, SessionsState } from '../../state/environment-state.ts';
import { readingOf, sessionSince } from '../../state/sessions.ts';
import { inStateSince, isStale } from '../../state/staleness.ts';
import { secondsAtRead } from './items-at-read.ts';
import { jsonNumber, jsonTime } from './json-values.ts';

/** Ages as of the read that showed the item. */
export function itemJson(observed: ObservedItem, thresholds: Thresholds, showId: boolean) {
  const { item } = observed;
  const since = inStateSince(observed);
  return {
    // A broken service may use the key of a request as an id, and the page is open to many.
    id: showId && !hasKnownKey(item.id) ? item.id : null,
    state: item.state,
    work_type: item.type,
    since: jsonTime(since),
    age_seconds: jsonNumber(secondsAtRead(since, observed)),
    heartbeat_age_seconds: jsonNumber(secondsAtRead(item.latestHeartbeatAt, observed)),
    stale: isStale(observed, thresholds),
  };
}

/** How often the item was delivered since its last stop, and what its session does, if that was read. */
export function progressJson(observed: ObservedItem, sessions: SessionsState | null) {
  const reading = readingOf(sessions, observed);
  return {
    deliveries: observed.deliveries ?? 0,
    session_status: reading?.facts.status ?? null,
    session_wait_reason: reading?.idle?.reason ?? null,
    session_since: jsonTime(reading === null ? null : sessionSince(reading)),
  };
}
