import { z } from 'zod';
import type { EpochMs } from '../base/clock.ts';
import { type ConditionName, KINDS, subjectOf } from './conditions.ts';
import {
  apiKeyRefused,
  apiUnreachable,
  discoveryFailing,
  fleetsFailing,
  keyExpiring,
  rateLimited,
} from './connections.ts';
import type { ConnectionFacts, EnvironmentFacts } from './facts.ts';
import {
  type ConnectionHistory,
  connectionSample,
  type EnvironmentHistory,
  environmentSample,
  History,
} from './history.ts';
import { heartbeatsStale, itemStuck, sessionWaiting } from './items.ts';
import { archivedWithWork, oldestItemTooOld, queueTooDeep } from './queue.ts';
import { coverageReduced, isNoSuchQueue, keyRefused, noSuchEnvironment, notReadable } from './reads.ts';
import { type Condition, type ConditionSubject, type DiagnosisReport, NO_REPORT } from './report.ts';
import { nothingStarts, runsLost, runsTooShort } from './runs.ts';
import { Track, trackState, type Verdict } from './tracker.ts';
import type { ConnectionView, EnvironmentView, Member } from './verdict.ts';
import { noWorkers, workersBelowMinimum } from './workers.ts';

type Judges<View> = Readonly<Partial<Record<ConditionName, (view: View) => Verdict>>>;

const OF_CONNECTION: Judges<ConnectionView> = {
  api_key_refused: apiKeyRefused,
  rate_limited: rateLimited,
  api_unreachable: apiUnreachable,
  fleets_failing: fleetsFailing,
  discovery_failing: discoveryFailing,
  key_expiring: keyExpiring,
};

/** All that is said of an environment that does not exist. */
const OF_READS: Judges<EnvironmentView> = {
  key_refused: keyRefused,
  not_readable: notReadable,
  no_such_environment: noSuchEnvironment,
};

const OF_ENVIRONMENT: Judges<EnvironmentView> = {
  ...OF_READS,
  nothing_starts: nothingStarts,
  no_workers: noWorkers,
  runs_lost: runsLost,
  oldest_item_too_old: oldestItemTooOld,
  queue_too_deep: queueTooDeep,
  workers_below_minimum: workersBelowMinimum,
  heartbeats_stale: heartbeatsStale,
  item_stuck: itemStuck,
  session_waiting: sessionWaiting,
  runs_too_short: runsTooShort,
  archived_with_work: archivedWithWork,
  coverage_reduced: coverageReduced,
};

/** An environment that is not watched any more: discovery loses some for a moment. Then its conditions end, and then they go. */
const MISSED_MS = 270_000;
const LEFT_MS = MISSED_MS + 900_000;

/** What says that an environment cannot be read, and that its fleet fails. */
const UNREAD_KEYS = ['not_readable/critical', 'key_refused/critical', 'no_such_environment/warning'];
const FLEET_KEYS = ['no_workers/critical', 'nothing_starts/critical', 'runs_lost/critical'];

/** What the state file keeps: what was said, and not the hour before it. JSON. */
export type DiagnosisMemory = { readonly version: 1; readonly subjects: readonly unknown[] };

const subject = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('environment'), id: z.string(), name: z.string(), connection: z.string() }),
  z.object({ kind: z.literal('connection'), name: z.string() }),
]);
const remembered = z.array(z.intersection(subject, z.object({ tracks: z.record(z.string(), z.unknown()) })));

type Tracks = ReadonlyMap<string, Track>;

interface Subject<Facts, Past> {
  about: ConditionSubject;
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
    for (const one of [...this.#environments.values(), ...this.#connections.values()]) one.now = null;
    const watched = new Set(environments.map(({ connection }) => connection));
    for (const facts of connections) {
      const { past } = Object.assign(this.#connection(facts.name), { now: facts, seenMs: now });
      past.add(now, connectionSample(facts, watched.has(facts.name)));
    }
    for (const facts of environments) {
      const { id, name, connection } = facts;
      const { past } = Object.assign(this.#environment({ kind: 'environment', id, name, connection }), {
        now: facts,
        seenMs: now,
      });
      past.add(
        now,
        environmentSample(facts, this.#connections.get(connection)?.now?.refusedKeys.includes(id) ?? false),
      );
      yield;
    }
    this.#forget(now);
    for (const one of this.#environments.values()) {
      judgeEnvironment(now, one);
      yield;
    }
    const membersOf = Map.groupBy(this.#environments.values(), ({ about }) => connectionOf(about));
    for (const [name, one] of this.#connections) judgeConnection(now, one, membersOf.get(name) ?? []);
    for (const { about, tracks } of this.#environments.values()) {
      const above = this.#connections.get(connectionOf(about))?.tracks ?? new Map();
      for (const track of tracks.values()) track.settle(now, causeOf(now, track, [above, tracks], about));
      yield;
    }
    const show = ({ about, tracks }: Environment | Connection) =>
      [...tracks.values()].filter(({ state }) => state.isFound !== null).map((track) => track.show(now, about));
    const shown = new Map<string, readonly Condition[]>();
    for (const [id, one] of this.#environments) {
      shown.set(id, show(one));
      yield;
    }
    const ofConnections = new Map([...this.#connections].map(([name, one]) => [name, show(one)]));
    this.#report = { at: now, environments: shown, connections: ofConnections };
  }

  memory(): DiagnosisMemory {
    const subjects = [...this.#environments.values(), ...this.#connections.values()].flatMap(({ about, tracks }) => {
      // What is well, and was for long, needs no memory.
      const kept = [...tracks.values()].filter(({ state }) => state.isFound || state.beginsMs.length > 0);
      const states = Object.fromEntries(kept.map(({ of, state }) => [of.key, { ...state }]));
      return kept.length === 0 ? [] : [{ ...about, tracks: states }];
    });
    return { version: 1, subjects };
  }

  /** What was said before the start, so that it goes on. What cannot be read of it is found anew within minutes. */
  #recall(now: EpochMs): void {
    // A clock may have been set back since then.
    const upToNow = (_: string, value: unknown) => (typeof value === 'number' ? Math.min(value, now) : value);
    const { version, subjects } = JSON.parse(JSON.stringify(this.#memory ?? { version: 1, subjects: [] }), upToNow);
    this.#memory = null;
    for (const { tracks: kept, ...about } of remembered.safeParse(subjects).data ?? []) {
      if (version !== 1) return;
      const one = about.kind === 'environment' ? this.#environment(about) : this.#connection(about.name);
      one.seenMs = now;
      for (const { of, state } of one.tracks.values()) Object.assign(state, trackState.safeParse(kept[of.key]).data);
    }
  }

  #environment(about: ConditionSubject & { readonly kind: 'environment' }): Environment {
    const { id, name, connection } = about;
    const one =
      this.#environments.get(id) ?? newSubject<EnvironmentFacts, keyof ReturnType<typeof environmentSample>>(about);
    this.#environments.set(id, one);
    if (one.about.name !== name || connectionOf(one.about) !== connection) one.about = about;
    return one;
  }

  #connection(name: string): Connection {
    const one =
      this.#connections.get(name) ??
      newSubject<ConnectionFacts, keyof ReturnType<typeof connectionSample>>({ kind: 'connection', name });
    this.#connections.set(name, one);
    return one;
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

function newSubject<Facts, Name extends string>(about: ConditionSubject): Subject<Facts, History<Name>> {
  const kinds = KINDS.filter(({ name }) => subjectOf(name) === about.kind);
  const tracks = new Map(kinds.map((kind) => [kind.key, new Track(kind)]));
  return { about, tracks, past: new History<Name>(), now: null, seenMs: 0 };
}

function judgeEnvironment(at: EpochMs, { now, past, tracks }: Environment): void {
  const isNothing = now !== null && isNoSuchQueue(now);
  for (const track of tracks.values()) {
    const { name, severity } = track.of;
    const { isFound: was, isTold } = track;
    if (now === null) track.note(at, 'unknown');
    else if (isNothing && OF_READS[name] === undefined) track.note(at, 'no');
    else track.note(at, OF_ENVIRONMENT[name]!({ now, past, severity, was, isTold }));
  }
}

function judgeConnection(at: EpochMs, { about, now, past, tracks }: Connection, all: readonly Environment[]): void {
  const members = all.map(memberOf).filter((one) => one.now !== null || one.reads !== null || one.fleet !== null);
  for (const track of tracks.values()) {
    const { name, severity } = track.of;
    const { isTold } = track;
    track.note(at, now === null ? 'unknown' : OF_CONNECTION[name]!({ now, past, severity, isTold, members }));
  }
  const everywhere = [tracks, ...all.map((one) => one.tracks)];
  for (const track of tracks.values()) track.settle(at, causeOf(at, track, everywhere, about));
}

function memberOf({ about, now, past, tracks }: Environment): Member {
  const troubled = (keys: readonly string[]) => {
    const found = keys.map((key) => tracks.get(key)!).filter(({ isFound }) => isFound);
    return found.find(({ isTold }) => isTold) ?? found.find(({ hiddenBy }) => hiddenBy !== null) ?? found[0] ?? null;
  };
  const id = about.kind === 'environment' ? about.id : about.name;
  return { id, now, past, reads: troubled(UNREAD_KEYS), fleet: troubled(FLEET_KEYS) };
}

/** The first condition that explains another one: of the same subject, of its connection, or of any of its environments. */
function causeOf(now: EpochMs, track: Track, tracks: readonly Tracks[], about: ConditionSubject): Track | null {
  if (!track.isFound || track.isTold) return null;
  for (const key of track.of.causes)
    for (const all of tracks) {
      const cause = all.get(key);
      const id = about.kind === 'environment' && all !== tracks.at(-1) ? about.id : null;
      if (cause?.explains(track.of, now, id)) return cause;
    }
  return null;
}
