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

/** How an environment may be watched: through a connection that finds it, and what that requires of its budget. */
export interface Way {
  readonly connection: string;
  /** The least requests a minute. */
  readonly requestsPerMinute: number;
}

/** A wanted environment. */
export interface Candidate<W extends Way = Way> {
  readonly remote: RemoteEnvironment;
  /** In the order of the configuration: connections to one workspace find the same. */
  readonly ways: readonly [W, ...W[]];
  /** False: another shard watches it; it only takes up a place. */
  readonly isOwn: boolean;
}

export interface Room {
  /** How many discovered environments all shards together may watch. */
  readonly maxEnvironments: number;
  /** What is left of each connection's scheduled requests a minute. */
  readonly capacity: ReadonlyMap<string, number>;
  /** Of the environments watched now: through which connection, by id. */
  readonly watched: ReadonlyMap<string, string>;
}

/**
 * The candidates for which there is room, and those that are dropped. Watched environments stay before any new one is
 * added, and among the new ones the older come first: a new environment must not end the watch over another. Only the
 * limit can end a watch, after a reload has lowered it. Each is watched through the first connection that finds it and
 * has room.
 */
export function fitting<W extends Way>(
  candidates: readonly Candidate<W>[],
  room: Room,
): { fit: W[]; dropped: Candidate<W>[] } {
  const left = new Map(room.capacity);
  const fit: W[] = [];
  const dropped: Candidate<W>[] = [];
  let places = room.maxEnvironments;
  for (const candidate of candidates.toSorted((a, b) => byAge(a, b, room.watched))) {
    if (!candidate.isOwn) {
      places--;
      continue;
    }
    const way = places > 0 ? wayOf(candidate, left, room.watched) : undefined;
    if (way === undefined) {
      dropped.push(candidate);
      continue;
    }
    left.set(way.connection, (left.get(way.connection) ?? 0) - way.requestsPerMinute);
    places--;
    fit.push(way);
  }
  return { fit, dropped };
}

/** A watched one for which there is no room any more stays where it is. */
function wayOf<W extends Way>(
  { remote, ways }: Candidate<W>,
  left: ReadonlyMap<string, number>,
  watched: Room['watched'],
): W | undefined {
  const now = watched.get(remote.id);
  return (
    ways.find(({ connection, requestsPerMinute }) => (left.get(connection) ?? 0) - requestsPerMinute >= 0) ??
    ways.find(({ connection }) => connection === now)
  );
}

/** One without a date counts as new. Ids break ties, so that the choice is the same every time. */
function byAge(a: Candidate, b: Candidate, watched: Room['watched']): number {
  const age = ({ remote }: Candidate) => remote.createdAt ?? Number.MAX_SAFE_INTEGER;
  return (
    Number(watched.has(b.remote.id)) - Number(watched.has(a.remote.id)) ||
    age(a) - age(b) ||
    (a.remote.id < b.remote.id ? -1 : 1)
  );
}

/** Connections that serve nothing, but find some that are watched. */
export function connectionsSharing(
  found: ReadonlyMap<string, readonly RemoteEnvironment[]>,
  rules: SelectionRules,
  { watched, serving }: { readonly watched: ReadonlySet<string>; readonly serving: ReadonlySet<string> },
): ReadonlySet<string> {
  const others = [...found].filter(([connection]) => !serving.has(connection));
  const sharing = others.filter(([, remotes]) =>
    wantedEnvironments(remotes, rules, new Set()).some(({ id }) => watched.has(id)),
  );
  return new Set(sharing.map(([connection]) => connection));
}

function anyOf(patterns: readonly string[]): (text: string) => boolean {
  const matchers = patterns.map(namePattern);
  return (text) => matchers.some((matches) => matches(text));
}
