import { z } from 'zod';
import type { EpochMs } from '../base/clock.ts';
import { SEVERITIES } from '../domain/environment.ts';
import { CONNECTION_KINDS, ENVIRONMENT_KINDS, subjectOf, type TrackedKind } from './conditions.ts';
import type { ConnectionFacts, EnvironmentFacts } from './facts.ts';
import {
  type ConnectionHistory,
  connectionSample,
  type EnvironmentHistory,
  environmentSample,
  History,
} from './history.ts';
import { isNoSuchQueue, isUnread } from './reads.ts';
import { type ConditionSubject, type DiagnosisReport, NO_REPORT } from './report.ts';
import { Track, type TrackState, trackState } from './tracker.ts';
import type { Member, Verdict } from './verdict.ts';

/** An environment that is not watched any more: discovery loses some for a moment. Then its conditions end, and then they go. */
const MISSED_MS = 270_000;
const LEFT_MS = MISSED_MS + 900_000;

/** What says that an environment cannot be read, and that its fleet fails. */
const UNREAD_KEYS = ['not_readable/critical', 'key_refused/critical', 'no_such_environment/warning'];
const FLEET_KEYS = ['no_workers/critical', 'nothing_starts/critical', 'runs_lost/critical'];
/** Whoever reads an environment that does not exist finds nothing else. */
const ABOUT_READS = ['not_readable', 'key_refused', 'no_such_environment'];

/** What the state file keeps: what was said, and not the hour before it. JSON. */
export type DiagnosisMemory = { readonly version: 1; readonly subjects: readonly unknown[] };

const subjectState = z.object({
  kind: z.enum(['environment', 'connection']),
  id: z.string(),
  name: z.string(),
  connection: z.string(),
  tracks: z.record(z.string(), z.unknown()),
});

type Tracks = ReadonlyMap<string, Track>;
type Kept = z.infer<typeof subjectState>['tracks'];

interface Subject<Facts, Past> {
  readonly id: string;
  name: string;
  /** Its own name, of a connection. */
  connection: string;
  readonly tracks: Tracks;
  readonly past: Past;
  /** Null while it is not watched. */
  now: Facts | null;
  seenMs: EpochMs;
}
type Environment = Subject<EnvironmentFacts, EnvironmentHistory>;
type Connection = Subject<ConnectionFacts, ConnectionHistory>;

/** Judges all environments and connections, look by look, and remembers the last hour. No clock of its own. */
export class Diagnosis {
  readonly #environments = new Map<string, Environment>();
  readonly #connections = new Map<string, Connection>();
  #memory: DiagnosisMemory | null;
  #report = NO_REPORT;

  constructor(memory: DiagnosisMemory | null = null) {
    this.#memory = memory;
  }

  get report(): DiagnosisReport {
    return this.#report;
  }

  /** The last hour of an environment; undefined if it is not watched. */
  history(environmentId: string): EnvironmentHistory | undefined {
    return this.#environments.get(environmentId)?.past;
  }

  /** @param now milliseconds that never jump: the wall clock at the start plus the monotonic time since */
  look(
    now: EpochMs,
    environments: readonly EnvironmentFacts[],
    connections: readonly ConnectionFacts[],
  ): DiagnosisReport {
    this.#recall(now);
    for (const one of [...this.#environments.values(), ...this.#connections.values()]) one.now = null;
    const watched = Map.groupBy(environments, ({ connection }) => connection);
    for (const facts of connections) {
      const one = Object.assign(this.#connection(facts.name), { now: facts, seenMs: now });
      one.past.add(now, connectionSample(facts, watched.get(facts.name)?.length ?? 0));
    }
    for (const facts of environments) {
      const { id, name, connection } = facts;
      const one = Object.assign(this.#environment(id), { name, connection, now: facts, seenMs: now });
      const refused = this.#connections.get(connection)?.now?.refusedKeys ?? [];
      one.past.add(now, environmentSample(facts, refused.includes(id)));
    }
    this.#forget(now);
    for (const one of this.#environments.values()) judgeEnvironment(now, one);
    const membersOf = Map.groupBy(this.#environments.values(), ({ connection }) => connection);
    for (const one of this.#connections.values()) judgeConnection(now, one, membersOf.get(one.name) ?? []);
    for (const one of this.#environments.values()) {
      const above = this.#connections.get(one.connection)?.tracks ?? new Map<string, Track>();
      for (const track of one.tracks.values()) track.settle(now, causeOf(now, track, [above, one.tracks], one.id));
    }
    this.#report = {
      at: now,
      environments: new Map(
        [...this.#environments].map(([id, { name, connection, tracks }]) => [
          id,
          show(now, tracks, { kind: 'environment', id, name, connection }),
        ]),
      ),
      connections: new Map(
        [...this.#connections].map(([name, { tracks }]) => [name, show(now, tracks, { kind: 'connection', name })]),
      ),
    };
    return this.#report;
  }

  memory(): DiagnosisMemory {
    const keep = (kind: ConditionSubject['kind'], all: ReadonlyMap<string, Environment | Connection>) =>
      [...all.values()].flatMap(({ id, name, connection, tracks }) => {
        // What is well, and was for long, needs no memory.
        const kept = [...tracks.values()].filter(({ state }) => state.isFound || state.beginsMs.length > 0);
        const states = Object.fromEntries(kept.map(({ of, state }) => [of.key, { ...state }]));
        return kept.length === 0 ? [] : [{ kind, id, name, connection, tracks: states }];
      });
    return {
      version: 1,
      subjects: [...keep('environment', this.#environments), ...keep('connection', this.#connections)],
    };
  }

  /** What was said before the start, so that it goes on. What cannot be read of it is found anew within minutes. */
  #recall(now: EpochMs): void {
    const { version, subjects } = this.#memory ?? { version: 1, subjects: [] };
    this.#memory = null;
    if (version !== 1 || !Array.isArray(subjects)) return;
    for (const one of subjects) {
      const { success, data } = subjectState.safeParse(one);
      if (!success) continue;
      const { kind, id, name, connection, tracks } = data;
      const known = kind === 'connection' ? this.#connection(id, tracks) : this.#environment(id, tracks);
      Object.assign(known, { name, connection, seenMs: now });
      for (const { state } of known.tracks.values()) noLaterThan(now, state);
    }
  }

  #environment(id: string, kept: Kept = {}): Environment {
    const one: Environment = this.#environments.get(id) ?? newSubject(id, ENVIRONMENT_KINDS, kept);
    this.#environments.set(id, one);
    return one;
  }

  #connection(name: string, kept: Kept = {}): Connection {
    const one: Connection = this.#connections.get(name) ?? newSubject(name, CONNECTION_KINDS, kept);
    this.#connections.set(name, one);
    return one;
  }

  #forget(now: EpochMs): void {
    // While discovery fails nobody knows whether it is still there.
    for (const one of this.#environments.values())
      if (this.#connections.get(one.connection)?.now?.isDiscovered === false) one.seenMs = now;
    for (const all of [this.#environments, this.#connections] as const)
      for (const [id, { seenMs, tracks }] of all) {
        if (now - seenMs >= MISSED_MS) for (const track of tracks.values()) track.leave(now);
        if (now - seenMs >= LEFT_MS) all.delete(id);
      }
  }
}

function newSubject<Facts, Name extends string>(
  id: string,
  kinds: readonly TrackedKind[],
  kept: Kept,
): Subject<Facts, History<Name>> {
  const tracks = new Map(kinds.map((kind) => [kind.key, new Track(kind, trackState.safeParse(kept[kind.key]).data)]));
  return { id, name: id, connection: id, tracks, past: new History<Name>(), now: null, seenMs: 0 };
}

/** A clock may have been set back. */
function noLaterThan(now: EpochMs, state: TrackState): void {
  for (const name of ['sinceMs', 'knownMs', 'ripensMs', 'valueSinceMs', 'toldMs'] as const)
    if ((state[name] ?? 0) > now) state[name] = now;
  state.beginsMs = state.beginsMs.map((at) => Math.min(at, now));
}

function judgeEnvironment(at: EpochMs, { now, past, tracks }: Environment): void {
  const isNothing = now !== null && isNoSuchQueue(now);
  for (const { name, severity, key, definition } of ENVIRONMENT_KINDS) {
    const track = tracks.get(key)!;
    const { isFound: was, isTold } = track;
    const judge = (): Verdict => {
      if (now === null) return 'unknown';
      if (isNothing && !ABOUT_READS.includes(name)) return 'no';
      return definition.judge({ now, past, severity, was, isTold, goneSeconds: track.goneSeconds(at) });
    };
    track.note(at, judge());
  }
}

function judgeConnection(at: EpochMs, { now, past, tracks }: Connection, all: readonly Environment[]): void {
  const members = all.flatMap((one) => memberOf(at, one) ?? []);
  for (const { key, severity, definition } of CONNECTION_KINDS) {
    const track = tracks.get(key)!;
    const { isTold } = track;
    track.note(at, now === null ? 'unknown' : definition.judge({ now, past, severity, isTold, members }));
  }
  for (const track of tracks.values())
    track.settle(at, causeOf(at, track, [tracks, ...all.map((one) => one.tracks)], null));
}

/** Null: nothing is known of it, or it has no part in what befalls several. */
function memberOf(at: EpochMs, { id, now, past, tracks }: Environment): Member | null {
  const troubled = (keys: readonly string[]) => {
    const found = keys.map((key) => tracks.get(key)!).filter(({ isFound }) => isFound);
    return found.find(({ isTold }) => isTold) ?? found.find(({ hiddenBy }) => hiddenBy !== null) ?? found[0] ?? null;
  };
  const [reads, fleet] = [troubled(UNREAD_KEYS), troubled(FLEET_KEYS)];
  if (now === null && reads === null && fleet === null) return null;
  const unread = now === null ? reads !== null : isUnread(now, tracks.get(UNREAD_KEYS[0]!)!.goneSeconds(at));
  return { id, now, past, failure: now?.stats.failure ?? null, isUnread: unread, reads, fleet };
}

/**
 * The first condition that explains another one. @param tracks of the same subject and of others @param id of the
 * environment that it is of: a condition of the connection explains only what it hides
 */
function causeOf(now: EpochMs, track: Track, tracks: readonly Tracks[], id: string | null): Track | null {
  const { severity, key, definition, timing } = track.of;
  if (!track.isFound || track.isTold) return null;
  const { explainedBy = [], outlives = [] } = definition;
  for (const cause of [...explainedBy, ...(timing.explainedBy ?? [])])
    for (const graver of SEVERITIES) {
      const causeKey = cause.includes('/') ? cause : `${cause}/${graver}`;
      // A ticket does not keep a page silent.
      if (causeKey === key || (severity === 'critical' && causeKey.endsWith('/warning'))) continue;
      for (const one of tracks.flatMap((all) => all.get(causeKey) ?? [])) {
        const { name } = one.of;
        if (id !== null && subjectOf(name) === 'connection' && !one.state.members.includes(id)) continue;
        const isOutlived = id === null || outlives === 'all' || outlives.includes(name);
        if (isOutlived ? one.explainsAftermath(now, severity) : one.isOpen(now)) return one;
      }
    }
  return null;
}

function show(now: EpochMs, tracks: Tracks, subject: ConditionSubject) {
  return [...tracks.values()].filter(({ state }) => state.isFound !== null).map((track) => track.show(now, subject));
}
