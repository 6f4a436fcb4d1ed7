import type { Clock } from '../../base/clock.ts';
import type { Random } from '../../base/random.ts';
import type { Environment } from '../../domain/environment.ts';
import type { Ledger } from '../../lifecycle/ledger.ts';
import type { LedgerChange } from '../../lifecycle/ledger-change.ts';
import type { Rooms } from '../../scan/memory/rooms.ts';
import type { StateStore } from '../../state/environment-state.ts';
import type { PollLog } from '../log/poll-log.ts';

/**
 * Saves a ledger. Resolves when what was counted may be published: it is in the state file, or that cannot be written. Null:
 * there is nothing to wait for.
 */
export type SaveLedger = (environment: Environment, ledger: Ledger, change: LedgerChange) => Promise<void> | null;

/** What the poller depends on. */
export interface PollerDeps {
  readonly states: StateStore;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: PollLog;
  readonly saveLedger?: SaveLedger;
  /** Memory that all lists share; without a limit if absent. */
  readonly rooms?: Rooms;
}
