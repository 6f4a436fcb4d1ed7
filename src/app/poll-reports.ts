import type { Logger } from '../base/logger.ts';
import type { SelfMetrics } from '../metrics/self-metrics.ts';
import { createPollLog, type PollLog } from '../poller/log.ts';
import type { SaveLedger } from '../poller/reads.ts';
import type { SharedLines } from '../poller/shared-lines.ts';
import type { EnvironmentState } from '../state/environment-state.ts';
import type { StateFile } from '../statefile/state-file.ts';

/** Logs what changed, and counts anomalies of a read. */
export function createPollReports(logger: Logger, self: SelfMetrics, shared: SharedLines): PollLog {
  const log = createPollLog(logger, shared);
  return {
    ...log,
    pollEnded(operation, before, after) {
      log.pollEnded(operation, before, after);
      const clamped = (after?.ledger?.clamped ?? 0) - (before?.ledger?.clamped ?? 0);
      if (clamped > 0) self.negativeDurationsClamped(clamped);
      if (foundBrokenChain(before, after)) self.unknownValue('field');
    },
  };
}

/** This read ended a full read of the list whose pages did not lead to its end. */
function foundBrokenChain(before: EnvironmentState | undefined, after: EnvironmentState | undefined): boolean {
  const read = after?.items?.lastFullRead;
  return read?.chainBroken === true && read.at !== before?.items?.lastFullRead?.at;
}

/** Saves what was counted in the present state file, if there is one. */
export function saveLedgersIn(stateFile: () => Pick<StateFile, 'save'> | null): SaveLedger {
  return ({ id }, ledger, counted) => stateFile()?.save(id, ledger, counted) ?? null;
}
