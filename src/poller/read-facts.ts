import type { Environment } from '../domain/environment.ts';
import type { Ledger } from '../lifecycle/ledger.ts';
import type { ScanFacts } from '../scan/steps/scan-request.ts';
import { ledgerOf } from '../state/changes.ts';
import type { EnvironmentState } from '../state/environment-state.ts';
import type { PollConnection } from './poll-connection.ts';
import type { ReadContext } from './reads.ts';

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
  readonly #before: EnvironmentState | undefined;

  constructor(environment: Environment, context: ReadContext & { readonly permits: ScanFacts['permits'] }) {
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
    return this.#before?.ledger?.items.has(id) === true;
  }

  get followed(): number {
    return this.#before?.ledger?.items.size ?? 0;
  }

  /** What a state of the environment has counted, as far as history is settled now. */
  ledgerOf(state: EnvironmentState | undefined): Ledger {
    return ledgerOf(state, this.clock, this.#connection.historySkewMs());
  }
}
