import { z } from 'zod';
import type { EpochMs } from '../base/clock.ts';
import { CONNECTION_KINDS, ENVIRONMENT_KINDS, type TrackedKind } from './conditions.ts';
import type { ConnectionFacts, EnvironmentFacts } from './facts.ts';
import { connectionSample, environmentSample, History } from './history.ts';
import { isNoSuchQueue } from './reads.ts';
import { type Condition, type ConditionSubject, type DiagnosisReport, NO_REPORT } from './report.ts';
import { Track, trackState } from './tracker.ts';
import type { ConnectionView, EnvironmentView, Member } from './verdict.ts';

/** An environment that is not watched any more: discovery loses some for a moment. Then its conditions end, and then they go. */
const MISSED_MS = 270_000;
const LEFT_MS = MISSED_MS + 900_000;

/** What the state file keeps: what was said, and not the hour before it. JSON. */
export type DiagnosisMemory = { readonly version: 1; readonly subjects: readonly unknown[] };

const subject = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('environment'), id: z.string(), name: z.string(), connection: z.string() }),
  z.object({ kind: z.literal('connection'), name: z.string() }),
]);
const remembered = z.object({
  version: z.literal(1),
  subjects: z.array(z.intersection(subject, z.object({ tracks: z.record(z.string(), z.unknown()) }))),
});

type Tracks<View = never> = ReadonlyMap<string, Track<View>>;

/** What is said of one environment or connection, and its last hour. */
interface Subject<View extends { readonly now: object }> {
  about: ConditionSubject;
  readonly tracks: Tracks<View>;
  readonly past: History;
  /** Null while it is not watched. */
  now: View['now'] | null;
  seenMs: EpochMs;
}
type Environment = Subject<EnvironmentView>;
type Connection = Subject<ConnectionView>;

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
  history(environmentId: string): History | undefined {
    return this.#environments.get(environmentId)?.past;
  }

  /** @param now milliseconds that never jump: the wall clock at the start plus the monotonic time since */
  look(...facts: Parameters<Diagnosis['steps']>): DiagnosisReport {
    for (const _step of this.steps(...facts));
    return this.#report;
  }

  /** The same in steps, of which each takes a moment: between them there is no report but the last one. */
  *steps(
    now: EpochMs,
    environments: readonly EnvironmentFacts[],
    connections: readonly ConnectionFacts[],
  ): Generator<void, void> {
    this.#recall(now);
    for (const one of this.#all) one.now = null;
    const watched = new Set(environments.map(({ connection }) => connection));
    for (const facts of connections) {
      const one = subjectOf(this.#connections, CONNECTION_KINDS, { kind: 'connection', name: facts.name });
      Object.assign(one, { now: facts, seenMs: now });
      one.past.add(now, connectionSample(facts, watched.has(facts.name)));
    }
    for (const facts of environments) {
      const { id, name, connection } = facts;
      const one = subjectOf(this.#environments, ENVIRONMENT_KINDS, { kind: 'environment', id, name, connection });
      Object.assign(one, { now: facts, seenMs: now });
      const refused = this.#connections.get(connection)?.now?.refusedKeys ?? [];
      one.past.add(now, environmentSample(facts, refused.includes(id)));
      yield;
    }
    this.#forget(now);
    for (const one of this.#environments.values()) {
      judgeEnvironment(now, one);
      yield;
    }
    const membersOf = Map.groupBy(this.#environments.values(), ({ about }) => connectionOf(about));
    for (const [name, one] of this.#connections) judgeConnection(now, one, membersOf.get(name) ?? []);
    const shown = new Map<string, readonly Condition[]>();
    for (const [id, { about, tracks }] of this.#environments) {
      const above = this.#connections.get(connectionOf(about))?.tracks ?? new Map();
      for (const track of tracks.values()) track.settle(now, causeOf(now, track, [above, tracks], id));
      shown.set(id, show(now, about, tracks));
      yield;
    }
    const ofConnections = [...this.#connections].map(
      ([name, one]) => [name, show(now, one.about, one.tracks)] as const,
    );
    this.#report = { at: now, environments: shown, connections: new Map(ofConnections) };
  }

  memory(): DiagnosisMemory {
    const subjects = this.#all.flatMap(({ about, tracks }) => {
      const kept = [...tracks.values()].filter(({ isWorthKeeping }) => isWorthKeeping);
      const states = Object.fromEntries(kept.map(({ of, state }) => [of.key, { ...state }]));
      return kept.length === 0 ? [] : [{ ...about, tracks: states }];
    });
    return { version: 1, subjects };
  }

  get #all(): readonly (Environment | Connection)[] {
    return [...this.#environments.values(), ...this.#connections.values()];
  }

  /** What was said before the start, so that it goes on. What cannot be read of it is found anew within minutes. */
  #recall(now: EpochMs): void {
    if (this.#memory === null) return;
    // A clock may have been set back since then.
    const upToNow = (_: string, value: unknown) => (typeof value === 'number' ? Math.min(value, now) : value);
    const { data } = remembered.safeParse(JSON.parse(JSON.stringify(this.#memory), upToNow));
    this.#memory = null;
    for (const { tracks: kept, ...about } of data?.subjects ?? []) {
      const one =
        about.kind === 'environment'
          ? subjectOf(this.#environments, ENVIRONMENT_KINDS, about)
          : subjectOf(this.#connections, CONNECTION_KINDS, about);
      one.seenMs = now;
      for (const { of, state } of one.tracks.values()) Object.assign(state, trackState.safeParse(kept[of.key]).data);
    }
  }

  #forget(now: EpochMs): void {
    // While discovery fails nobody knows whether it is still there.
    for (const one of this.#environments.values())
      if (this.#connections.get(connectionOf(one.about))?.now?.isDiscovered === false) one.seenMs = now;
    for (const all of [this.#environments, this.#connections] as const)
      for (const [id, { seenMs, tracks }] of all) {
        if (now - seenMs >= MISSED_MS) for (const track of tracks.values()) track.leave(now);
        if (now - seenMs >= LEFT_MS) all.delete(id);
      }
  }
}

const connectionOf = (about: ConditionSubject) => (about.kind === 'environment' ? about.connection : about.name);

/** The one that is known, or a new one. */
function subjectOf<V extends { readonly now: object }>(
  all: Map<string, Subject<V>>,
  kinds: readonly TrackedKind<V>[],
  about: ConditionSubject,
): Subject<V> {
  const id = about.kind === 'environment' ? about.id : about.name;
  const tracks = () => new Map(kinds.map((kind) => [kind.key, new Track(kind)]));
  const one = all.get(id) ?? { about, tracks: tracks(), past: new History(), now: null, seenMs: 0 };
  one.about = about;
  all.set(id, one);
  return one;
}

function judgeEnvironment(at: EpochMs, { now, past, tracks }: Environment): void {
  const isNothing = now !== null && isNoSuchQueue(now);
  for (const track of tracks.values()) {
    const { of, isFound: was, isTold } = track;
    const { severity } = of;
    if (now === null) track.note(at, 'unknown');
    else track.note(at, isNothing && !of.isAboutReads ? 'no' : of.judge({ now, past, severity, was, isTold }));
  }
}

function judgeConnection(at: EpochMs, { now, past, tracks }: Connection, all: readonly Environment[]): void {
  const members = all.map(memberOf).filter((one) => one.now !== null || one.reads !== null || one.fleet !== null);
  for (const track of tracks.values()) {
    const { of, isFound: was, isTold } = track;
    const { severity } = of;
    track.note(at, now === null ? 'unknown' : of.judge({ now, past, severity, was, isTold, members }));
  }
  const everywhere = [tracks, ...all.map((one) => one.tracks)];
  for (const track of tracks.values()) track.settle(at, causeOf(at, track, everywhere, null));
}

/** What says that an environment cannot be read, and that its fleet fails. */
const UNREAD_KEYS = ['not_readable/critical', 'key_refused/critical', 'no_such_environment/warning'];
const FLEET_KEYS = ['no_workers/critical', 'nothing_starts/critical', 'runs_lost/critical'];

/** As its connection sees it. */
function memberOf({ about, now, past, tracks }: Environment): Member {
  const troubled = (keys: readonly string[]) => {
    const found = keys.map((key) => tracks.get(key)!).filter(({ isFound }) => isFound);
    return found.find(({ isTold }) => isTold) ?? found.find(({ hiddenBy }) => hiddenBy !== null) ?? found[0] ?? null;
  };
  const id = about.kind === 'environment' ? about.id : about.name;
  return { id, now, past, reads: troubled(UNREAD_KEYS), fleet: troubled(FLEET_KEYS) };
}

/**
 * The first condition that explains another one: of its connection, or of the same subject; and one of a connection is
 * explained by any of its environments.
 * @param id of the environment that it is about; null: it is about the connection
 */
function causeOf(now: EpochMs, track: Track, [above, ...own]: readonly Tracks[], id: string | null): Track | null {
  if (!track.isFound || track.isTold) return null;
  for (const key of track.of.causes) {
    const cause = above!.get(key);
    if (cause?.explains(track.of, now, id)) return cause;
    for (const all of own) if (all.get(key)?.explains(track.of, now, null)) return all.get(key)!;
  }
  return null;
}

function show(now: EpochMs, about: ConditionSubject, tracks: Tracks): readonly Condition[] {
  return [...tracks.values()].filter(({ state }) => state.isFound !== null).map((track) => track.show(now, about));
}
