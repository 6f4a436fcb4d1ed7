import type { EpochMs } from '../base/clock.ts';
import { SEVERITIES, type Severity } from '../domain/environment.ts';
import { CONDITION_NAMES, CONDITIONS, type ConditionDefinition } from './conditions.ts';
import type { ConnectionFacts, EnvironmentFacts } from './facts.ts';
import { ConnectionHistory, EnvironmentHistory } from './history.ts';
import { type DiagnosisMemory, readMemory, type SubjectState } from './memory.ts';
import { isNoSuchQueue, isUnread } from './reads.ts';
import { type Condition, type ConditionSubject, type DiagnosisReport, NO_REPORT } from './report.ts';
import { Track, type TrackedKind } from './tracker.ts';
import type { Member, MemberTrouble, Verdict } from './verdict.ts';

export type { DiagnosisMemory } from './memory.ts';

/** An environment that is not watched any more: discovery loses some for a moment. Then its conditions end, and then they go. */
const MISSED_MS = 270_000;
const LEFT_MS = MISSED_MS + 900_000;

const KINDS: readonly TrackedKind[] = CONDITION_NAMES.flatMap((name) =>
  SEVERITIES.toReversed().flatMap((severity: Severity): TrackedKind[] => {
    const definition: ConditionDefinition = CONDITIONS[name];
    const timing = definition.severities[severity];
    return timing === undefined ? [] : [{ kind: { name, severity }, key: `${name}/${severity}`, definition, timing }];
  }),
);
const ENVIRONMENT_KINDS = KINDS.filter(({ definition }) => definition.subject === 'environment');
const CONNECTION_KINDS = KINDS.filter(({ definition }) => definition.subject === 'connection');
/** What says that an environment cannot be read, and that its fleet fails. */
const UNREAD_KEYS = ['not_readable/critical', 'key_refused/critical', 'no_such_environment/warning'];
const FLEET_KEYS = ['no_workers/critical', 'nothing_starts/critical', 'runs_lost/critical'];
/** Whoever reads an environment that does not exist finds nothing else. */
const ABOUT_READS = ['not_readable', 'key_refused', 'no_such_environment'];

type Tracks = ReadonlyMap<string, Track>;

interface Environment {
  subject: ConditionSubject & { readonly kind: 'environment' };
  readonly tracks: Tracks;
  past: EnvironmentHistory;
  /** Null while it is not watched. */
  now: EnvironmentFacts | null;
  seenMs: EpochMs;
}

interface Connection {
  readonly subject: ConditionSubject & { readonly kind: 'connection' };
  readonly tracks: Tracks;
  readonly past: ConnectionHistory;
  now: ConnectionFacts | null;
  seenMs: EpochMs;
}

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
    this.#takeIn(now, environments, connections);
    for (const one of this.#environments.values())
      judgeEnvironment(now, one, this.#connections.get(one.subject.connection));
    const membersOf = Map.groupBy(this.#environments.values(), ({ subject }) => subject.connection);
    for (const one of this.#connections.values()) judgeConnection(now, one, membersOf.get(one.subject.name) ?? []);
    for (const one of this.#environments.values()) {
      const above = this.#connections.get(one.subject.connection)?.tracks ?? new Map<string, Track>();
      for (const track of one.tracks.values()) track.settle(now, causeOf(now, track, one, above));
    }
    const shown = <T extends Environment | Connection>(all: ReadonlyMap<string, T>) =>
      new Map([...all].map(([id, { tracks, subject }]) => [id, show(tracks, subject)]));
    this.#report = { at: now, environments: shown(this.#environments), connections: shown(this.#connections) };
    return this.#report;
  }

  memory(): DiagnosisMemory {
    const subjects: SubjectState[] = [];
    for (const { subject, tracks } of [...this.#environments.values(), ...this.#connections.values()]) {
      const { kind, name } = subject;
      const [id, connection] = kind === 'environment' ? [subject.id, subject.connection] : [name, name];
      // What is well, and was for long, needs no memory.
      const kept = [...tracks.values()].filter(({ state }) => state.isFound || state.beginsMs.length > 0);
      if (kept.length === 0) continue;
      const states = kept.map(({ of, state }) => [of.key, { ...state }]);
      subjects.push({ kind, id, name, connection, tracks: Object.fromEntries(states) });
    }
    return { version: 1, subjects };
  }

  /** What was said before the start, so that it goes on. */
  #recall(now: EpochMs): void {
    for (const { kind, id, name, connection, tracks } of readMemory(this.#memory, now)) {
      if (kind === 'environment') {
        const subject = { kind, id, name, connection };
        const past = new EnvironmentHistory();
        this.#environments.set(id, {
          subject,
          tracks: tracksOf(ENVIRONMENT_KINDS, tracks),
          past,
          now: null,
          seenMs: now,
        });
      } else {
        const past = new ConnectionHistory();
        const subject = { kind, name };
        this.#connections.set(id, {
          subject,
          tracks: tracksOf(CONNECTION_KINDS, tracks),
          past,
          now: null,
          seenMs: now,
        });
      }
    }
    this.#memory = null;
  }

  #takeIn(now: EpochMs, environments: readonly EnvironmentFacts[], connections: readonly ConnectionFacts[]): void {
    for (const one of [...this.#environments.values(), ...this.#connections.values()]) one.now = null;
    for (const facts of connections) {
      const known = this.#connections.get(facts.name) ?? {
        subject: { kind: 'connection', name: facts.name },
        tracks: tracksOf(CONNECTION_KINDS),
        past: new ConnectionHistory(),
        now: facts,
        seenMs: now,
      };
      this.#connections.set(facts.name, Object.assign(known, { now: facts, seenMs: now }));
    }
    const watched = Map.groupBy(environments, ({ connection }) => connection);
    for (const { now: facts, past } of this.#connections.values())
      if (facts !== null) past.add(now, facts, watched.get(facts.name)?.length ?? 0);
    for (const facts of environments) {
      const { id, name, connection } = facts;
      const known = this.#environments.get(id) ?? {
        subject: { kind: 'environment', id, name, connection },
        tracks: tracksOf(ENVIRONMENT_KINDS),
        past: new EnvironmentHistory(),
        now: facts,
        seenMs: now,
      };
      if (known.subject.name !== name || known.subject.connection !== connection)
        known.subject = { kind: 'environment', id, name, connection };
      known.past.add(now, facts);
      this.#environments.set(id, Object.assign(known, { now: facts, seenMs: now }));
    }
    this.#forget(now);
  }

  #forget(now: EpochMs): void {
    for (const [id, one] of this.#environments) {
      // While discovery fails nobody knows whether it is still there.
      if (this.#connections.get(one.subject.connection)?.now?.isDiscovered === false) one.seenMs = now;
      if (now - one.seenMs >= MISSED_MS) for (const track of one.tracks.values()) track.leave(now);
      if (now - one.seenMs >= LEFT_MS) this.#environments.delete(id);
    }
    for (const [name, one] of this.#connections) {
      if (now - one.seenMs >= MISSED_MS) for (const track of one.tracks.values()) track.leave(now);
      if (now - one.seenMs >= LEFT_MS) this.#connections.delete(name);
    }
  }
}

function tracksOf(kinds: readonly TrackedKind[], states: SubjectState['tracks'] = {}): Tracks {
  return new Map(kinds.map((kind) => [kind.key, new Track(kind, states[kind.key])]));
}

function judgeEnvironment(at: EpochMs, { now, past, tracks, subject }: Environment, connection?: Connection): void {
  if (now === null) {
    for (const track of tracks.values()) track.note(at, 'unknown');
    return;
  }
  const isNothing = isNoSuchQueue(now);
  const isOwnKeyRefused = connection?.past.wasRefused(subject.id, 120) ?? false;
  for (const track of tracks.values()) {
    const { definition, kind } = track.of;
    if (definition.subject !== 'environment') continue;
    const view = {
      now,
      past,
      isOwnKeyRefused,
      severity: kind.severity,
      was: track.isFound,
      isTold: track.isTold,
      goneSeconds: track.goneSeconds(at),
    };
    track.note(at, isNothing && !ABOUT_READS.includes(kind.name) ? 'no' : definition.judge(view));
  }
}

function judgeConnection(at: EpochMs, { now, past, tracks }: Connection, all: readonly Environment[]): void {
  const members = all.flatMap((one) => memberOf(one) ?? []);
  for (const track of tracks.values()) {
    const { definition, kind } = track.of;
    if (definition.subject !== 'connection') continue;
    const { isTold } = track;
    const verdict: Verdict =
      now === null ? 'unknown' : definition.judge({ now, past, severity: kind.severity, isTold, at, members });
    track.note(at, verdict);
  }
  for (const track of tracks.values()) {
    const causes = [tracks, ...all.map((one) => one.tracks)];
    track.settle(
      at,
      firstCause(causes, track, (one) => one.explainsAftermath(at, track.of.kind.severity)),
    );
  }
}

/** Null: nothing is known of it, or it has no part in what befalls several. */
function memberOf({ subject, now, past, tracks }: Environment): Member | null {
  const reads = troubleOf(tracks, UNREAD_KEYS);
  const fleet = troubleOf(tracks, FLEET_KEYS);
  if (now === null && reads === null && fleet === null) return null;
  const unread = now === null ? reads !== null : isUnread(now, tracks.get(UNREAD_KEYS[0]!)!.goneSeconds(past.at));
  const isFailing = now !== null && past.statsFailing.seconds >= 30;
  const calm: MemberTrouble = { sinceMs: past.at, isTold: false, hiddenBy: null };
  return {
    id: subject.id,
    isWatched: now !== null,
    isAttempted: now?.stats.isAttempted ?? true,
    failure: now?.stats.failure ?? null,
    isUnread: unread,
    isDoubtful: now?.queue != null && past.isDoubtful,
    reads: unread || isFailing ? (reads ?? calm) : null,
    fleet,
  };
}

function troubleOf(tracks: Tracks, keys: readonly string[]): MemberTrouble | null {
  const found = keys.map((key) => tracks.get(key)!).filter(({ isFound }) => isFound);
  if (found.length === 0) return null;
  const hiddenBy = found.map(({ state }) => state.explainedBy?.split('/')[0] ?? null).find((name) => name !== null);
  return {
    sinceMs: Math.min(...found.map(({ state }) => state.sinceMs)),
    isTold: found.some(({ isTold }) => isTold),
    hiddenBy: hiddenBy ?? null,
  };
}

/** The first condition that explains one of an environment: of the environment itself, or of its connection. */
function causeOf(now: EpochMs, track: Track, { tracks, subject }: Environment, above: Tracks): Track | null {
  if (!track.isFound || track.isTold) return null;
  const explains = (cause: Track) => {
    const { definition } = cause.of;
    const { outlives = [] } = track.of.definition;
    const isOutlived = outlives === 'all' || outlives.includes(cause.of.kind.name);
    if (definition.subject === 'connection' && !cause.hides(subject.id)) return false;
    return isOutlived ? cause.explainsAftermath(now, track.of.kind.severity) : cause.isOpen(now);
  };
  return firstCause([above, tracks], track, explains);
}

function firstCause(all: readonly Tracks[], track: Track, explains: (cause: Track) => boolean): Track | null {
  const { kind, key, definition, timing } = track.of;
  if (!track.isFound || track.isTold) return null;
  for (const cause of [...(definition.explainedBy ?? []), ...(timing.explainedBy ?? [])])
    for (const severity of SEVERITIES) {
      const causeKey = cause.includes('/') ? cause : `${cause}/${severity}`;
      // A ticket does not keep a page silent.
      if (causeKey === key || (kind.severity === 'critical' && causeKey.endsWith('/warning'))) continue;
      for (const tracks of all) {
        const one = tracks.get(causeKey);
        if (one !== undefined && explains(one)) return one;
      }
    }
  return null;
}

function show(tracks: Tracks, subject: ConditionSubject): readonly Condition[] {
  const ids = subject.kind === 'environment' ? [subject.id] : [];
  return [...tracks.values()].filter(({ state }) => state.isFound !== null).map((track) => track.show(subject, ids));
}
