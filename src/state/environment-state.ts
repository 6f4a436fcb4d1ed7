import type { EpochMs } from '../base/clock.ts';
import type { Environment, Operation } from '../domain/environment.ts';
import type { CredentialKind, Failure, FailureCounts, FailureReason } from '../domain/failure.ts';
import type { IdleEvent, QueueStats, SessionFacts, WorkItem, WorkType } from '../domain/work.ts';
import type { Ledger } from '../lifecycle/ledger.ts';

/** The values shown by name for each allow-listed metadata key; all others are shown as `other`. */
export type ShownMetadataValues = ReadonlyMap<string, ReadonlySet<string>>;

/** A live item and when a read last showed it. Staleness is judged at that time, never now. */
export interface ObservedItem {
  readonly item: WorkItem;
  /** API time of the read. */
  readonly observedAt: EpochMs;
  /** The time since which it has waited: docs/design/README.md#counting. Null when unknown. */
  readonly queuedSince: EpochMs | null;
  /** The first acknowledgement of its present run: some heartbeats stamp `item.acknowledgedAt` again. Null when unknown. */
  readonly runAcknowledgedAt: EpochMs | null;
  /** Acknowledgements since its last stop, as far as reads showed them. */
  readonly deliveries: number;
}

/** What the stats say, as of the last good read. */
export interface QueueSnapshot {
  /** When it ended, on the own clock. */
  readonly observedAt: EpochMs;
  readonly stats: QueueStats;
}

/** What the list says, as of the last read. */
export interface ItemsSnapshot {
  /** When the read ended, on the own clock. */
  readonly observedAt: EpochMs;
  /** All known live items. */
  readonly live: readonly ObservedItem[];
  /** Types that were live at an earlier read: their series stay, at 0. May omit those in `live`. */
  readonly typesSeen?: readonly WorkType[];
  /** Which values of the metadata keys are shown by name: chosen at a read, and kept at later ones. */
  readonly shownMetadata?: ShownMetadataValues;
  /** How the list is read: `whole`, or which items it has shown first. */
  readonly mode: 'whole' | 'newest' | 'oldest';
  /** The last read of the whole list; null before the first has ended. */
  readonly lastFullRead: {
    /** When it ended, on the own clock. */
    readonly at: EpochMs;
    readonly pages: number;
    /** Items on these pages, stopped ones included. */
    readonly items: number;
    /** It did not reach the end of the list, or there was no room for some items: some are missing. */
    readonly truncated: boolean;
    /** Truncated because a page led back to an earlier one, or said that more follow but not how to ask for them. */
    readonly chainBroken?: boolean;
    /** There was no room for some of its items: they are not shown, and not counted. */
    readonly roomless?: boolean;
  } | null;
  /** (depth + pending) − known queued items, apart from races. Null when they cannot be compared. */
  readonly mismatch: number | null;
}

/** The polls of one operation of one environment. Times are on the own clock. */
export interface OperationState {
  /** False: it has no credential, or the environment is not polled; then it has no series. */
  readonly attempted: boolean;
  readonly credential: CredentialKind | null;
  /** Milliseconds between reads now, with interval scaling, without backoff. */
  readonly scheduledIntervalMs: number;
  readonly lastAttemptAt: EpochMs | null;
  readonly lastSuccessAt: EpochMs | null;
  /** The same on the monotonic clock, or since when it is attempted: a wall clock that is set must not make it seem unread. */
  readonly unreadSince: number;
  readonly lastDurationSeconds: number | null;
  readonly nextAttemptAt: EpochMs | null;
  readonly backoffUntil: EpochMs | null;
  readonly consecutiveFailures: number;
  /** The failure of the last attempt; null when it succeeded. */
  readonly failure: (Failure & { readonly since: EpochMs }) | null;
  /** Requests sent, including retries, pages and single reads. */
  readonly requests: number;
  readonly failuresByReason: FailureCounts;
}

/** One finished poll, as it is kept for people. */
export interface PollRecord {
  /** When it started, on the own clock. */
  readonly at: EpochMs;
  readonly operation: Operation;
  readonly ok: boolean;
  readonly reason: FailureReason | null;
  readonly httpStatus: number | null;
  readonly requestId: string | null;
  readonly durationSeconds: number;
  readonly requests: number;
}

/** What a read of one session said. It applies only to the run whose acknowledgement it carries. */
export interface SessionReading {
  readonly acknowledgedAt: EpochMs;
  /** When it was read, on the exporter's clock. */
  readonly readAt: EpochMs;
  readonly facts: SessionFacts;
  /** The last idle event of an idle session; null when the API reported none. */
  readonly idle: IdleEvent | null;
}

/** What is known of the sessions of an environment's long runs. */
export interface SessionsState {
  /** Whether sessions are read: enabled, with a key, and on a service that has sessions. */
  readonly attempted: boolean;
  /** Long runs at the last look at the items, whether or not their sessions were read. */
  readonly longRuns: number;
  /** By session id; only for live items with long runs. */
  readonly readings: ReadonlyMap<string, SessionReading>;
  /** Time of the last successful read, even if its run has ended since. */
  readonly lastReadAt: EpochMs | null;
  /** The failure of the last read; null when it succeeded. */
  readonly failure: (Failure & { readonly since: EpochMs }) | null;
  /** Requests sent for sessions and their events. */
  readonly requests: number;
  readonly failuresByReason: FailureCounts;
}

/** Everything known about one environment: one immutable value, replaced as a whole when something is learned. */
export interface EnvironmentState {
  readonly environment: Environment;
  /** On the own clock. */
  readonly watchedSince: EpochMs;
  /** When its list became readable, on the monotonic clock: the wall clock may be set before the first read. */
  readonly listedSince?: number;
  /** The API's own word for its kind, from discovery: `self_hosted`, `cloud`, or a new one. Null: unknown. */
  readonly configType: string | null;
  /** When the API archived it, on the API's clock, from discovery. Null: not archived, or unknown. */
  readonly archivedAt: EpochMs | null;
  readonly operations: Readonly<Record<Operation, OperationState>>;
  /** The last good answers; kept through failures until they are older than `stale_after`. */
  readonly queue: QueueSnapshot | null;
  readonly items: ItemsSnapshot | null;
  /** What is known of the sessions of long runs; null before the first look. */
  readonly sessions: SessionsState | null;
  /** Null before the first read of the list. It survives failures and, with a state file, restarts. */
  readonly ledger: Ledger | null;
  /** Newest first, at most 20 each; failures are kept separately so that successes do not displace them. */
  readonly recentPolls: readonly PollRecord[];
  readonly recentFailures: readonly PollRecord[];
}

/** The states of all watched environments, in configuration order. */
export interface StateStore {
  get(environmentId: string): EnvironmentState | undefined;
  all(): readonly EnvironmentState[];
  /** Replaces one state; ignored when the environment is no longer watched. */
  update(environmentId: string, change: (state: EnvironmentState) => EnvironmentState): void;
}

/** The only mutable thing about state: the present value of each watched environment. */
export class MemoryStateStore implements StateStore {
  #states = new Map<string, EnvironmentState>();

  get(environmentId: string): EnvironmentState | undefined {
    return this.#states.get(environmentId);
  }

  all(): readonly EnvironmentState[] {
    return [...this.#states.values()];
  }

  update(environmentId: string, change: (state: EnvironmentState) => EnvironmentState): void {
    const state = this.#states.get(environmentId);
    // A read may end after its environment was removed: its result is dropped.
    if (state !== undefined) this.#states.set(environmentId, change(state));
  }

  /** From now on exactly these environments are watched, in this order; all others are forgotten. */
  replaceAll(states: readonly EnvironmentState[]): void {
    this.#states = new Map(states.map((state) => [state.environment.id, state]));
  }
}
