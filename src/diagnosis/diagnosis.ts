import { z } from 'zod';
import type { EpochMs } from '../base/clock.ts';
import type { ConnectionConditionName, EnvironmentConditionName } from './conditions.ts';
import {
  type ConnectionFacts,
  connectionSample,
  type EnvironmentFacts,
  type EnvironmentView,
  environmentSample,
  type Past,
  type Verdict,
  type View,
} from './facts.ts';
import { History } from './history.ts';
import * as queue from './queue.ts';
import * as reads from './reads.ts';
import type { ConditionSubject, DiagnosisReport } from './report.ts';
import * as runs from './runs.ts';
import { type ConnectionView, type Member, type Track, trackState, tracksOf } from './tracker.ts';

/** Who judges each condition. */
const OF_CONNECTION: Readonly<Record<ConnectionConditionName, (view: ConnectionView) => Verdict>> = {
  api_key_refused: reads.apiKeyRefused,
  rate_limited: reads.rateLimited,
  api_unreachable: reads.apiUnreachable,
  fleets_failing: queue.fleetsFailing,
  discovery_failing: reads.discoveryFailing,
  key_expiring: reads.keyExpiring,
};
const OF_ENVIRONMENT: Readonly<Record<EnvironmentConditionName, (view: EnvironmentView) => Verdict>> = {
  key_refused: reads.keyRefused,
  not_readable: reads.notReadable,
  no_such_environment: reads.noSuchEnvironment,
  nothing_starts: runs.nothingStarts,
  no_workers: queue.noWorkers,
  runs_lost: runs.runsLost,
  oldest_item_too_old: queue.oldestItemTooOld,
  queue_too_deep: queue.queueTooDeep,
  workers_below_minimum: queue.workersBelowMinimum,
  heartbeats_stale: runs.heartbeatsStale,
  item_stuck: runs.itemStuck,
  session_waiting: runs.sessionWaiting,
  runs_too_short: runs.runsTooShort,
  archived_with_work: queue.archivedWithWork,
  coverage_reduced: reads.coverageReduced,
};

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
/** What the state file keeps: what was said, and not the hour before it. */
const remembered = z.object({ version: z.literal(1), subjects });

/** What is said of one environment or connection, and what it is judged by. */
interface Subject<Facts = unknown> {
  readonly id: string;
  readonly about: ConditionSubject;
  readonly tracks: ReadonlyMap<string, Track>;
  readonly past: Past;
  /** Null while it is not watched. */
  now: Facts | null;
  seenMs: EpochMs;
}

/** Judges all environments and connections, look by look, and remembers the last hour. No clock of its own. */
export class Diagnosis {
  readonly #environments = new Map<string, Subject<EnvironmentFacts>>();
  readonly #connections = new Map<string, Subject<ConnectionFacts>>();

  /** @param memory of an earlier process; what cannot be read of it is found anew within minutes */
  constructor(memory: unknown = null, now: EpochMs = 0) {
    // A clock may have been set back since then.
    const upToNow = (_: string, value: unknown) => (typeof value === 'number' ? Math.min(value, now) : value);
    const { data } = remembered.safeParse(JSON.parse(JSON.stringify(memory), upToNow));
    for (const { tracks: kept, ...about } of data?.subjects ?? []) {
      const { tracks } = about.kind === 'environment' ? this.#environment(about, now) : this.#connection(about, now);
      for (const track of tracks.values()) track.state = kept[track.key] ?? track.state;
    }
  }

  /** The last hour of an environment; undefined if it is not watched. */
  history(environmentId: string): Past | undefined {
    return this.#environments.get(environmentId)?.past;
  }

  /**
   * @param now milliseconds that never jump: the wall clock at the start plus the monotonic time since
   * @param wallNow what the wall clock says by now: the report is by it
   */
  look(
    now: EpochMs,
    wallNow: EpochMs,
    environments: Iterable<EnvironmentFacts>,
    connections: readonly ConnectionFacts[],
  ): DiagnosisReport {
    for (const one of this.#all) one.now = null;
    for (const facts of connections) this.#connection({ kind: 'connection', name: facts.name }, now).now = facts;
    for (const facts of environments) {
      const { id, name, connection } = facts;
      const one = this.#environment({ kind: 'environment', id, name, connection }, now);
      const refused = this.#connections.get(connection)?.now?.refusedKeys ?? [];
      one.now = facts;
      one.past.add(now, environmentSample(facts, refused.includes(id)));
    }
    this.#forget(now);
    for (const one of this.#environments.values()) judge(now, one, ofEnvironment);
    const membersOf = Map.groupBy(this.#environments.values(), ({ about }) => connectionOf(about));
    for (const [name, one] of this.#connections) {
      const all = membersOf.get(name) ?? [];
      const members = all.map(memberOf).filter((of) => of.now !== null || of.reads !== null || of.fleet !== null);
      const isWatching = members.some((member) => member.now !== null);
      if (one.now !== null) one.past.add(now, connectionSample(one.now, isWatching));
      judge(now, one, (track, view) => OF_CONNECTION[track.name as ConnectionConditionName]({ ...view, members }));
      settle(now, one, null, [one, ...all]);
    }
    for (const one of this.#environments.values())
      settle(now, one, this.#connections.get(connectionOf(one.about)) ?? null, [one]);
    // To the second: otherwise each stamp would move a little with each look.
    const aheadMs = Math.round((wallNow - now) / 1000) * 1000;
    const shown = ({ about, tracks }: Subject) =>
      [...tracks.values()].flatMap((track) => (track.state.isFound === null ? [] : track.show(now, about, aheadMs)));
    const all = (of: ReadonlyMap<string, Subject>) => new Map([...of].map(([id, one]) => [id, shown(one)]));
    return { at: now + aheadMs, environments: all(this.#environments), connections: all(this.#connections) };
  }

  /** What a restart should know; JSON. */
  memory(): z.input<typeof remembered> {
    const subjects = this.#all.flatMap(({ about, tracks }) => {
      const kept = [...tracks.values()].filter(({ isWorthKeeping }) => isWorthKeeping);
      const states = Object.fromEntries(kept.map(({ key, state }) => [key, { ...state }]));
      return kept.length === 0 ? [] : [{ ...about, tracks: states }];
    });
    return { version: 1, subjects };
  }

  get #all(): readonly Subject[] {
    return [...this.#environments.values(), ...this.#connections.values()];
  }

  #environment(about: ConditionSubject & { readonly kind: 'environment' }, now: EpochMs): Subject<EnvironmentFacts> {
    return subjectOf(this.#environments, about.id, about, now);
  }

  #connection(about: ConditionSubject & { readonly kind: 'connection' }, now: EpochMs): Subject<ConnectionFacts> {
    return subjectOf(this.#connections, about.name, about, now);
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
  all: Map<string, Subject<Facts>>,
  id: string,
  about: ConditionSubject,
  seenMs: EpochMs,
): Subject<Facts> {
  const one = all.get(id) ?? { id, about, tracks: tracksOf(about.kind), past: new History(), now: null, seenMs };
  all.set(id, Object.assign(one, { about, seenMs }));
  return one;
}

function judge<Facts>(
  at: EpochMs,
  { now, past, tracks }: Subject<Facts>,
  verdictOf: (track: Track, view: View<Facts>) => Verdict,
): void {
  for (const track of tracks.values()) {
    const { severity, isFound: was, isTold } = track;
    track.note(at, now === null ? 'unknown' : verdictOf(track, { now, past, severity, was, isTold }));
  }
}

/** What is deleted has no conditions but that. */
function ofEnvironment({ name, key }: Track, view: EnvironmentView): Verdict {
  const isOver = reads.isNoSuchQueue(view) && !UNREAD_KEYS.includes(key);
  return isOver ? 'no' : OF_ENVIRONMENT[name as EnvironmentConditionName](view);
}

/** As its connection sees it. */
function memberOf({ id, now, past, tracks }: Subject<EnvironmentFacts>): Member {
  const troubled = (keys: readonly string[]) => {
    const found = keys.map((key) => tracks.get(key)!).filter(({ isFound }) => isFound);
    return found.find(({ isTold }) => isTold) ?? found.find(({ hiddenBy }) => hiddenBy !== null) ?? found[0] ?? null;
  };
  return { id, now, past, reads: troubled(UNREAD_KEYS), fleet: troubled(FLEET_KEYS) };
}

/** @param above the connection of an environment @param own what besides may explain it: itself, or any environment of a connection */
function settle(now: EpochMs, { id, tracks }: Subject, above: Subject | null, own: readonly Subject[]): void {
  for (const track of tracks.values()) {
    const causes = track.causes.flatMap((key) => [above, ...own].map((of) => [of, of?.tracks.get(key)] as const));
    const first = causes.find(([of, cause]) => cause?.explains(track, now, of === above ? id : null));
    track.settle(now, first?.[1] ?? null);
  }
}
