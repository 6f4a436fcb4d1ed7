import type { RemoteEnvironment } from '../client/work-api.ts';
import { namePattern } from './name-pattern.ts';

export interface SelectionRules {
  /** Patterns of names and ids. */
  readonly include: readonly string[];
  /** The same; exclusion wins. */
  readonly exclude: readonly string[];
}

/**
 * Which environments of a connection are wanted: self-hosted, included and not excluded, and not configured by hand
 * (`configured` ids win). Archived ones may be among them.
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

/** A wanted environment and what it requires of its connection's budget. */
export interface Candidate {
  readonly remote: RemoteEnvironment;
  readonly connection: string;
  /** The least requests a minute. */
  readonly requestsPerMinute: number;
  /** False: another shard watches it; it only takes up a place. */
  readonly isOwn: boolean;
}

export interface Room {
  /** How many discovered environments all shards together may watch. */
  readonly maxEnvironments: number;
  /** What is left of each connection's scheduled requests a minute. */
  readonly capacity: ReadonlyMap<string, number>;
  /** Ids of the environments watched now. */
  readonly watched: ReadonlySet<string>;
}

/**
 * The candidates for which there is room, and those that are dropped. Watched environments stay before any new one is
 * added, and among the new ones the older come first: a new environment must not end the watch over another. Only the
 * limit can end a watch, after a reload has lowered it.
 */
export function fitting<T extends Candidate>(candidates: readonly T[], room: Room): { fit: T[]; dropped: T[] } {
  const left = new Map(room.capacity);
  const fit: T[] = [];
  const dropped: T[] = [];
  let places = room.maxEnvironments;
  for (const candidate of candidates.toSorted((a, b) => byAge(a, b, room.watched))) {
    if (!candidate.isOwn) {
      places--;
      continue;
    }
    const capacity = (left.get(candidate.connection) ?? 0) - candidate.requestsPerMinute;
    const isWatched = room.watched.has(candidate.remote.id);
    if (places <= 0 || (capacity < 0 && !isWatched)) {
      dropped.push(candidate);
      continue;
    }
    left.set(candidate.connection, capacity);
    places--;
    fit.push(candidate);
  }
  return { fit, dropped };
}

/** One without a date counts as new. Ids break ties, so that the choice is the same every time. */
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
