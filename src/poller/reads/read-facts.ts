import type { FullScanEnd, Ledger } from '../../lifecycle/ledger.ts';
import { latestStampOfList } from '../../scan/memory/latest-stamp.ts';
import type { ScanState } from '../../scan/memory/scan-state.ts';
import type { ScanFacts } from '../../scan/steps/scan-request.ts';
import type { EnvironmentState } from '../../state/environment-state.ts';
import type { PollJob } from '../schedule/poll-job.ts';
import { countedByOwnClock, ledgerOf } from './ledger-of.ts';
import type { PollConnection } from './poll-connection.ts';
import type { ReadContext } from './poll-read.ts';

/**
 * What one read of a list knows. It is a class because V8 gives each object literal with getters its own hidden class, and
 * code that meets a new one at every read stays slow.
 */
export class ReadFacts implements ScanFacts {
  readonly clock: ScanFacts['clock'];
  readonly poll: ScanFacts['poll'];
  readonly intervalMs: number;
  readonly pageSize: number;
  readonly fallbackPageSize: number;
  readonly startedAtIsEnqueueStamp: boolean;
  readonly staleHeartbeatSeconds: number;
  readonly mayRetrieve: boolean;
  readonly permits: ScanFacts['permits'];
  readonly queue: ScanFacts['queue'];
  readonly #connection: PollConnection;
  readonly #scanState: ScanState;
  readonly #before: EnvironmentState | undefined;

  constructor({ environment, scanState }: Pick<PollJob, 'environment' | 'scanState'>, context: ReadContext) {
    const { connection, states, clock, permits } = context;
    const { poll, thresholds } = environment;
    const before = states.get(environment.id);
    this.clock = clock;
    this.poll = poll;
    this.intervalMs = before?.operations.list.scheduledIntervalMs ?? poll.listIntervalMs;
    this.pageSize = connection.pageSize;
    this.fallbackPageSize = connection.fallbackPageSize;
    this.startedAtIsEnqueueStamp = connection.startedAtIsEnqueueStamp;
    this.staleHeartbeatSeconds = thresholds.staleHeartbeatSeconds;
    this.mayRetrieve = poll.singleReads === 'auto' && context.api().credentialFor('retrieve', environment.id) !== null;
    this.permits = permits;
    this.queue = before?.queue ?? null;
    this.#connection = connection;
    this.#scanState = scanState;
    this.#before = before;
  }

  /** Not stored, because the first answer of a connection reveals the skew. */
  get skewMs(): number {
    return this.#connection.skewMs();
  }

  get settledUntil(): number {
    return this.ledgerOf(this.#before).settledUntil;
  }

  isFollowed(id: string): boolean {
    return this.#followed?.items.has(id) === true;
  }

  get followed(): number {
    return this.#followed?.items.size ?? 0;
  }

  /** What a state of the environment has counted, as far as history is settled now. */
  ledgerOf(state: EnvironmentState | undefined): Ledger {
    const latestStampOfStopped = this.#knowsClock ? null : this.#scanState.highWaterMark.latestStampOfStopped;
    return ledgerOf(state, this.#connection.historySkewMs(), { clock: this.clock, latestStampOfStopped });
  }

  /** The full scan with the times to settle history by: while the API's clock is unknown, the own one may be ahead of all stamps. */
  settledBy(fullScan: FullScanEnd): FullScanEnd {
    if (this.#knowsClock) return fullScan;
    return { ...fullScan, startedAt: Math.min(fullScan.startedAt, latestStampOfList(this.#scanState)) };
  }

  /** The ledger after `count` has counted a read. */
  counted(known: Ledger, count: (known: Ledger) => Ledger, fullScan: FullScanEnd | null): Ledger {
    if (this.#knowsClock) return count(known);
    const isWhole = fullScan?.truncated === false;
    return countedByOwnClock(known, count, {
      clock: this.clock,
      newestStamp: isWhole ? latestStampOfList(this.#scanState) : 0,
      isFirstWhole: isWhole && this.#scanState.fullScans.reachedEnd === 1,
    });
  }

  /** With the items of a state file of which the API's clock has not yet said whether it is old. */
  get #followed(): Ledger | undefined {
    const ledger = this.#before?.ledger;
    return ledger?.resumeIfRecent ?? ledger;
  }

  get #knowsClock(): boolean {
    return this.#connection.knowsClock?.() !== false;
  }
}
