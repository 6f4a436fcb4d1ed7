import type { RemoteEnvironment } from '../client/work-api.ts';
import { namePattern } from './name-pattern.ts';

export interface SelectionRules {
  /** Patterns of names and ids. */
  readonly include: readonly string[];
  /** The same; these win. */
  readonly exclude: readonly string[];
}

/**
 * Which environments of a connection are wanted: self-hosted, included and not excluded, and not configured by hand
 * (`configured` ids win). Archived ones are among them.
 */
export function wantedEnvironments(
  remote: readonly RemoteEnvironment[],
  rules: SelectionRules,
  configured: ReadonlySet<string>,
): readonly RemoteEnvironment[] {
  const included = anyOf(rules.include);
  const excluded = anyOf(rules.exclude);
  return remote
    .filter(({ configType, id }) => configType === 'self_hosted' && !configured.has(id))
    .filter(({ id, name }) => included(id) || included(name))
    .filter(({ id, name }) => !excluded(id) && !excluded(name));
}

/** A wanted environment and what it asks of the budget of its connection. */
export interface Candidate {
  readonly remote: RemoteEnvironment;
  readonly connection: string;
  /** Requests a minute at the least. */
  readonly requestsPerMinute: number;
  /** False: another shard watches it, and only its place counts. */
  readonly isOwn: boolean;
}

export interface Room {
  /** How many discovered environments may be watched, by all shards together. */
  readonly maxEnvironments: number;
  /** What is left of each connection's scheduled requests a minute. */
  readonly capacity: ReadonlyMap<string, number>;
  /** Ids of those that are watched now. */
  readonly watched: ReadonlySet<string>;
}

/**
 * Those for which there is room, and how many are dropped. Who is watched stays before anybody who is new, and of the new
 * ones the older come first: an environment that somebody has just made must not end the watch over another. Only the
 * limit can end a watch, after a reload has lowered it.
 */
export function fitting<T extends Candidate>(candidates: readonly T[], room: Room): { fit: T[]; dropped: number } {
  const left = new Map(room.capacity);
  const fit: T[] = [];
  let places = room.maxEnvironments;
  for (const candidate of candidates.toSorted((a, b) => byAge(a, b, room.watched))) {
    if (!candidate.isOwn) {
      places--;
      continue;
    }
    const capacity = (left.get(candidate.connection) ?? 0) - candidate.requestsPerMinute;
    const isWatched = room.watched.has(candidate.remote.id);
    if (places <= 0 || (capacity < 0 && !isWatched)) continue;
    left.set(candidate.connection, capacity);
    places--;
    fit.push(candidate);
  }
  return { fit, dropped: candidates.filter(({ isOwn }) => isOwn).length - fit.length };
}

/** Without a date it counts as new. Ids break ties, so that the choice is the same every time. */
function byAge(a: Candidate, b: Candidate, watched: ReadonlySet<string>): number {
  const age = ({ remote }: Candidate) => remote.createdAt ?? Number.MAX_SAFE_INTEGER;
  return (
    Number(watched.has(b.remote.id)) - Number(watched.has(a.remote.id)) ||
    age(a) - age(b) ||
    (a.remote.id < b.remote.id ? -1 : 1)
  );
}

function anyOf(patterns: readonly string[]): (text: string) => boolean {
  const matchers = patterns.map(namePattern);
  return (text) => matchers.some((matches) => matches(text));
}
