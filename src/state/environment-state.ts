import type { EpochMs } from '../base/clock.ts';
import type { Environment, Operation } from '../domain/environment.ts';
import type { CredentialKind, Failure, FailureReason } from '../domain/failure.ts';
import type { QueueStats, WorkItem, WorkType } from '../domain/work.ts';
import type { Ledger } from '../lifecycle/ledger.ts';
import type { LifecycleTotals } from '../lifecycle/lifecycle-totals.ts';
import type { MetadataPlaces } from './metadata-places.ts';
import type { SessionsState } from './sessions-state.ts';

/** A live item and when a read last showed it. Staleness is judged as of that read, never as of now. */
export interface ObservedItem {
  readonly item: WorkItem;
  /** API time of the read. */
  readonly observedAt: EpochMs;
  /** Since when it waits: docs/design/counting.md#waits-runs-and-stops. Null when unknown. */
  readonly queuedSince: EpochMs | null;
  /**
   * The first acknowledgement of its present run: some heartbeats stamp `item.acknowledgedAt` again. Null: none is
   * known.
   */
  readonly runAcknowledgedAt?: EpochMs | null;
  /** Acknowledgements since its last stop, as far as reads showed them. */
  readonly deliveries?: number;
}

export interface QueueSnapshot {
  readonly observedAt: EpochMs;
  readonly stats: QueueStats;
}

/** What the list says, as of the last read. */
export interface ItemsSnapshot {
  readonly observedAt: EpochMs;
  /** All live items known, by id. */
  readonly live: ReadonlyMap<string, ObservedItem>;
  /** Types seen live at any read so far: their series stay, at 0. Those in `live` need not be named. */
  readonly typesSeen?: readonly WorkType[];
  /** Which values of the metadata keys are shown by name: chosen at a read, and kept through the next ones. */
  readonly metadataPlaces?: MetadataPlaces;
  /** How the list is read: the learned order, `whole` for a short list, `none` for one without an order. */
  readonly mode: 'whole' | 'newest' | 'oldest' | 'none';
  /** Of the last full read: cut by the page cap or a repeated cursor; pages; items, stopped ones included. */
  readonly lastFullRead: {
    readonly at: EpochMs;
    readonly pages: number;
    readonly items: number;
    readonly truncated: boolean;
    /** Truncated because a page led back, or said that more follow and not how to ask for it. */
    readonly chainBroken?: boolean;
  } | null;
  /** (depth + pending) − queued items known, beyond races. Null when not comparable. */
  readonly mismatch: number | null;
  /** How long the last full read took, and why the list was last looked through before its time. */
  readonly scan?: {
    readonly fullScanMs: number | null;
    readonly rescanReason: { readonly reason: string; readonly at: EpochMs } | null;
  };
}

/** One operation's polls of one environment. */
export interface OperationState {
  /** False: no credential is configured for it, or the environment is not polled; then it has no series. */
  readonly attempted: boolean;
  readonly credential: CredentialKind | null;
  /** Milliseconds between reads now, interval scaling included, backoff not. */
  readonly scheduledIntervalMs: number;
  readonly lastAttemptAt: EpochMs | null;
  readonly lastSuccessAt: EpochMs | null;
  readonly lastDurationSeconds: number | null;
  readonly nextAttemptAt: EpochMs | null;
  readonly backoffUntil: EpochMs | null;
  readonly consecutiveFailures: number;
  /** Of the last attempt; null when it succeeded. */
  readonly failure: (Failure & { readonly since: EpochMs }) | null;
  /** Requests sent, retries, pages and single reads included. */
  readonly requests: number;
  readonly failuresByReason: Readonly<Record<FailureReason, number>>;
}

export interface PollRecord {
  readonly at: EpochMs;
  readonly operation: Operation;
  readonly ok: boolean;
  readonly reason: FailureReason | null;
  readonly httpStatus: number | null;
  readonly requestId: string | null;
  readonly durationSeconds: number;
  readonly requests: number;
}

/** Everything known about one environment: one immutable value, replaced whole when something is learned. */
export interface EnvironmentState {
  readonly environment: Environment;
  readonly watchedSince: EpochMs;
  /** Since when its list can be read, where the key for it came later. */
  readonly listedSince?: EpochMs;
  /**
   * The API's own word for its kind, from discovery: `self_hosted`, `cloud`, or a new one. Null or absent: not told.
   */
  readonly configType?: string | null;
  /** When the API archived it, on the API's clock, from discovery. Null or absent: it is not archived, or not told. */
  readonly archivedAt?: EpochMs | null;
  /** Until when nothing is read through its connection, after a 429 to whichever request. Null or absent: not paused. */
  readonly pausedUntil?: EpochMs | null;
  readonly operations: Readonly<Record<Operation, OperationState>>;
  /** The last good answers; kept through failures, until their age is over `stale_after`. */
  readonly queue: QueueSnapshot | null;
  readonly items: ItemsSnapshot | null;
  /** Null as long as nothing can read the list. */
  readonly lifecycle: LifecycleTotals | null;
  /** What is known of the sessions of long runs; absent before anything was planned. */
  readonly sessions?: SessionsState;
  /** What `lifecycle` was counted with; it outlives failures, and restarts where there is a state file. */
  readonly ledger?: Ledger;
  /** Newest first, at most 20 each; failures outlive successes. */
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
