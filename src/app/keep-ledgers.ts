import type { KeepLedger } from '../poller/poller-deps.ts';
import type { StateFile } from '../statefile/state-file.ts';

/** Puts what was counted into the state file in use, if there is one. A drill leaves nothing behind. */
export function keepLedgersIn(stateFile: () => Pick<StateFile, 'keep'> | null): KeepLedger {
  return async ({ id, source }, ledger, change) => {
    if (source !== 'drill') await stateFile()?.keep(id, ledger, change);
  };
}
