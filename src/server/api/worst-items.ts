import type { Thresholds } from '../../domain/environment.ts';
import { isRunning } from '../../domain/work.ts';
import type { ItemsSnapshot, ObservedItem, SessionsState } from '../../state/environment-state.ts';
import { readingOf, sessionSince } from '../../state/sessions.ts';
import { inStateSince, isStale } from '../../state/staleness.ts';
import { secondsAtRead } from './items-at-read.ts';

/** How many items the JSON shows: docs/reference.md#json-of-an-environment. */
const WORST_ITEMS = 20;

/** The items that a person should look at first: stale ones, then by how far they exceed their limit, then by age. */
export function worstItems(
  items: ItemsSnapshot,
  sessions: SessionsState | null,
  thresholds: Thresholds,
): readonly ObservedItem[] {
  const ranked = items.live.map((observed) => rank(observed, { sessions, thresholds }));
  ranked.sort((a, b) => Number(b.stale) - Number(a.stale) || b.overLimit - a.overLimit || b.age - a.age);
  return ranked.slice(0, WORST_ITEMS).map(({ observed }) => observed);
}

interface Ranking {
  readonly sessions: SessionsState | null;
  readonly thresholds: Thresholds;
}

function rank(observed: ObservedItem, { sessions, thresholds }: Ranking) {
  const age = secondsAtRead(inStateSince(observed), observed) ?? -1;
  const inState = ratioTo(Math.max(0, age), limitSeconds(observed, thresholds));
  const waiting = ratioTo(waitedSeconds(observed, sessions), thresholds.sessionWaitSeconds);
  const redelivered = ratioTo(Math.max(0, (observed.deliveries ?? 0) - 1), thresholds.redeliveries);
  return {
    observed,
    stale: isStale(observed, thresholds),
    age,
    overLimit: Math.max(inState, waiting, redelivered),
  };
}

/** A value as a multiple of its limit. */
function ratioTo(value: number, limit: number): number {
  return limit > 0 ? value / limit : value;
}

/** How long the item's session has waited for somebody; a terminated session counts from its end. */
function waitedSeconds(observed: ObservedItem, sessions: SessionsState | null): number {
  const reading = readingOf(sessions, observed);
  if (reading === null || (reading.facts.status === 'idle' && reading.idle?.reason !== 'requires_action')) return 0;
  return secondsAtRead(sessionSince(reading), observed) ?? 0;
}

function limitSeconds({ item }: ObservedItem, thresholds: Thresholds): number {
  if (isRunning(item.state)) return thresholds.stateAgeSeconds[item.state];
  return item.state === 'queued' ? thresholds.queueAgeSeconds.warning : Number.POSITIVE_INFINITY;
}
