import { z } from 'zod';
import type { EpochMs } from '../base/clock.ts';
import { CONNECTION_KINDS, ENVIRONMENT_KINDS, type Kind } from './conditions.ts';
import type { ConnectionFacts, EnvironmentFacts } from './facts.ts';
import { connectionSample, environmentSample, History } from './history.ts';
import { isNoSuchQueue } from './reads.ts';
import type { Condition, ConditionSubject, DiagnosisReport } from './report.ts';
import { Track, trackState } from './tracker.ts';
import type { Member, View } from './view.ts';

/** An environment that is not watched any more: discovery loses some for a moment. Then its conditions end, and then they go. */
const MISSED_MS = 270_000;
const LEFT_MS = MISSED_MS + 900_000;
/** What says that an environment cannot be read, and that its fleet fails. */
const UNREAD_KEYS = ['not_readable/critical', 'key_refused/critical', 'no_such_environment/warning'];
const FLEET_KEYS = ['no_workers/critical', 'nothing_starts/critical', 'runs_lost/critical'];

const text = z.string();
const tracks = z.record(text, trackState);
const environment = z.object({ kind: z.literal('environment'), id: text, name: text, connection: text, tracks });
const connection = z.object({ kind: z.literal('connection'), name: text, tracks });
const subjects = z.array(z.discriminatedUnion('kind', [environment, connection]));
const remembered = z.object({ version: z.literal(1), subjects });

/** What the state file keeps: what was said, and not the hour before it. JSON. */
export type DiagnosisMemory = z.infer<typeof remembered>;

type Tracks = ReadonlyMap<string, Track>;

/** What is said of one environment or connection. */
interface Subject {
  readonly about: ConditionSubject;
  readonly tracks: Tracks;
  readonly seenMs: number;
}

/** And what it is judged by. */
interface Judged<Facts> extends Subject {
  readonly tracks: ReadonlyMap<string, Track<View<Facts>>>;
  readonly past: History;
  /** Null while it is not watched. */
  now: Facts | null;
  seenMs: number;
}

/** Judges all environments and connections, look by look, and remembers the last hour. No clock of its own. */
export class Diagnosis {
  readonly #environments = new Map<string, Judged<EnvironmentFacts>>();
  readonly #connections = new Map<string, Judged<ConnectionFacts>>();

  /** @param memory of an earlier process; what cannot be read of it is found anew within minutes */
  constructor(memory: unknown = null, now: EpochMs = 0) {
    // A clock may have been set back since then.
    const upToNow = (_: string, value: unknown) => (typeof value === 'number' ? Math.min(value, now) : value);
    const { data } = remembered.safeParse(JSON.parse(JSON.stringify(memory), upToNow));
    for (const { tracks: kept, ...about } of data?.subjects ?? []) {
      const one = about.kind === 'environment' ? this.#environment(about, now) : this.#connection(about, now);
      for (const track of one.tracks.values()) track.state = kept[track.of.key] ?? track.state;
    }
  }

  /** The last hour of an environment; undefined if it is not watched. */
  history(environmentId: string): History | undefined {
    return this.#environments.get(environmentId)?.past;
  }

  /** @param now milliseconds that never jump: the wall clock at the start plus the monotonic time since */
  look(
    now: EpochMs,
    environments: Iterable<EnvironmentFacts>,
    connections: readonly ConnectionFacts[],
  ): DiagnosisReport {
    for (const one of [...this.#environments.values(), ...this.#connections.values()]) one.now = null;
    for (const facts of connections) this.#connection({ kind: 'connection', name: facts.name }, now).now = facts;
    for (const facts of environments) {
      const { id, name, connection } = facts;
      const one = this.#environment({ kind: 'environment', id, name, connection }, now);
      const refused = this.#connections.get(connection)?.now?.refusedKeys ?? [];
      one.now = facts;
      one.past.add(now, environmentSample(facts, refused.includes(id)));
    }
    this.#forget(now);
    const membersOf = Map.groupBy(this.#environments.values(), ({ about }) => connectionOf(about));
    for (const one of this.#environments.values()) judge(now, one, []);
    for (const [name, one] of this.#connections) {
      const all = membersOf.get(name) ?? [];
      const members = all.map(memberOf).filter((of) => of.now !== null || of.reads !== null || of.fleet !== null);
      const isWatching = members.some((member) => member.now !== null);
      if (one.now !== null) one.past.add(now, connectionSample(one.now, isWatching));
      judge(now, one, members);
      settle(now, one, [one.tracks, ...all.map(({ tracks }) => tracks)], null);
    }
    for (const [id, one] of this.#environments)
      settle(now, one, [this.#connections.get(connectionOf(one.about))?.tracks ?? new Map(), one.tracks], id);
    const shown = (all: ReadonlyMap<string, Subject>) => new Map([...all].map(([id, one]) => [id, show(now, one)]));
    return { at: now, environments: shown(this.#environments), connections: shown(this.#connections) };
  }

  memory(): DiagnosisMemory {
    const subjects = this.#all.flatMap(({ about, tracks }) => {
      const kept = [...tracks.values()].filter(({ isWorthKeeping }) => isWorthKeeping);
      const states = Object.fromEntries(kept.map(({ of, state }) => [of.key, { ...state }]));
      return kept.length === 0 ? [] : [{ ...about, tracks: states }];
    });
    return { version: 1, subjects };
  }

  get #all(): readonly Subject[] {
    return [...this.#environments.values(), ...this.#connections.values()];
  }

  #environment(about: ConditionSubject & { readonly kind: 'environment' }, now: EpochMs): Judged<EnvironmentFacts> {
    return subjectOf(this.#environments, about.id, ENVIRONMENT_KINDS, about, now);
  }

  #connection(about: ConditionSubject & { readonly kind: 'connection' }, now: EpochMs): Judged<ConnectionFacts> {
    return subjectOf(this.#connections, about.name, CONNECTION_KINDS, about, now);
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
function subjectOf<Facts>(
  all: Map<string, Judged<Facts>>,
  id: string,
  kinds: readonly Kind<View<Facts>>[],
  about: ConditionSubject,
  seenMs: EpochMs,
): Judged<Facts> {
  const tracks = () => new Map(kinds.map((kind) => [kind.key, new Track(kind)]));
  const one = all.get(id) ?? { about, tracks: tracks(), past: new History(), now: null, seenMs };
  all.set(id, Object.assign(one, { about, seenMs }));
  return one;
}

function judge<Facts>(at: EpochMs, { about, now, past, tracks }: Judged<Facts>, members: readonly Member[]): void {
  const isNothing = about.kind === 'environment' && now !== null && isNoSuchQueue(now as EnvironmentFacts);
  for (const track of tracks.values()) {
    const { of, isFound: was, isTold } = track;
    const { severity } = of;
    if (now === null) track.note(at, 'unknown');
    else track.note(at, isNothing && !of.isAboutReads ? 'no' : of.judge({ now, past, severity, was, isTold, members }));
  }
}

/** As its connection sees it. */
function memberOf({ about, now, past, tracks }: Judged<EnvironmentFacts>): Member {
  const troubled = (keys: readonly string[]) => {
    const found = keys.map((key) => tracks.get(key)!).filter(({ isFound }) => isFound);
    return found.find(({ isTold }) => isTold) ?? found.find(({ hiddenBy }) => hiddenBy !== null) ?? found[0] ?? null;
  };
  const id = about.kind === 'environment' ? about.id : about.name;
  return { id, now, past, reads: troubled(UNREAD_KEYS), fleet: troubled(FLEET_KEYS) };
}

/** @param id of the environment that it is about; null: it is about the connection */
function settle(now: EpochMs, { tracks }: Subject, among: readonly Tracks[], id: string | null): void {
  for (const track of tracks.values()) track.settle(now, causeOf(now, track, among, id));
}

/** The first that explains it: of its connection, or of the same subject; one of a connection, by any of its environments. */
function causeOf(now: EpochMs, track: Track, [above, ...own]: readonly Tracks[], id: string | null): Track | null {
  if (!track.isFound || track.isTold) return null;
  for (const key of track.of.causes) {
    const cause = above!.get(key);
    if (cause?.explains(track.of, now, id)) return cause;
    for (const all of own) if (all.get(key)?.explains(track.of, now, null)) return all.get(key)!;
  }
  return null;
}

function show(now: EpochMs, { about, tracks }: Subject): readonly Condition[] {
  return [...tracks.values()].filter(({ state }) => state.isFound !== null).map((track) => track.show(now, about));
}
