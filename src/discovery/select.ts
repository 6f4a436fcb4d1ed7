import { namePattern } from '../base/name-pattern.ts';
import type { RemoteEnvironment } from '../client/work-api.ts';

export interface SelectionRules {
  /** Patterns of names and ids to watch. */
  readonly include: readonly string[];
  /** Patterns of names and ids not to watch; exclusion wins. */
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
export interface ConnectionChoice {
  readonly connection: string;
  /** Requests a minute with all intervals at their maximum. */
  readonly requestsPerMinute: number;
}

/** A wanted environment. */
export interface Candidate<C extends ConnectionChoice = ConnectionChoice> {
  readonly remote: RemoteEnvironment;
  /** In the order of the configuration: connections to one workspace find the same. */
  readonly choices: readonly [C, ...C[]];
  /** False: another shard watches it; it only takes up a place. */
  readonly isOwn: boolean;
}

/** What limits how many discovered environments are watched, and what is watched already. */
export interface FreeCapacity {
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
export function selectWithinLimits<C extends ConnectionChoice>(
  candidates: readonly Candidate<C>[],
  free: FreeCapacity,
): { fit: C[]; dropped: Candidate<C>[] } {
  const left = new Map(free.capacity);
  const fit: C[] = [];
  const dropped: Candidate<C>[] = [];
  let remaining = free.maxEnvironments;
  for (const candidate of candidates.toSorted((a, b) => byAge(a, b, free.watched))) {
    if (!candidate.isOwn) {
      remaining--;
      continue;
    }
    const choice = remaining > 0 ? choiceFor(candidate, left, free.watched) : undefined;
    if (choice === undefined) {
      dropped.push(candidate);
      continue;
    }
    left.set(choice.connection, (left.get(choice.connection) ?? 0) - choice.requestsPerMinute);
    remaining--;
    fit.push(choice);
  }
  return { fit, dropped };
}

/** The connection to watch a candidate through. If it is watched already, it stays there even if there is no room any more. */
function choiceFor<C extends ConnectionChoice>(
  { remote, choices }: Candidate<C>,
  left: ReadonlyMap<string, number>,
  watched: FreeCapacity['watched'],
): C | undefined {
  const now = watched.get(remote.id);
  return (
    choices.find(({ connection, requestsPerMinute }) => (left.get(connection) ?? 0) - requestsPerMinute >= 0) ??
    choices.find(({ connection }) => connection === now)
  );
}

/** Orders candidates: watched ones first, then by age. One without a date counts as new. Ids break ties. */
function byAge(a: Candidate, b: Candidate, watched: FreeCapacity['watched']): number {
  const age = ({ remote }: Candidate) => remote.createdAt ?? Number.MAX_SAFE_INTEGER;
  return (
    Number(watched.has(b.remote.id)) - Number(watched.has(a.remote.id)) ||
    age(a) - age(b) ||
    (a.remote.id < b.remote.id ? -1 : 1)
  );
}

/** The connections through which nothing is watched, although they find environments that are watched. */
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
