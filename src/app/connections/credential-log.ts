import type { Logger } from '../../base/logger.ts';
import type { ApiOperation } from '../../domain/environment.ts';
import type { CredentialKind } from '../../domain/failure.ts';
import type { SharedLines } from '../../poller/shared-lines.ts';

/** A key of a connection: its API key, or the key of one environment. */
export interface Key {
  readonly connection: string;
  readonly kind: CredentialKind;
  /** Null for the API key. */
  readonly environmentId: string | null;
}

/** Whether the API refuses a key; null if that is unknown or the key was removed. */
export interface VerdictChange extends Key {
  readonly refused: boolean | null;
  /** When it was last known. */
  readonly before: boolean | null;
  /** The kinds of read that it is refused for. */
  readonly operations: readonly ApiOperation[];
}

/**
 * Logs when the API begins to refuse a key and when it accepts the key again; keys of many environments share a line. Without
 * it, a dead key would go unnoticed while another key replaces it.
 */
export function logVerdict(logger: Logger, shared: SharedLines, change: VerdictChange): void {
  const { connection, kind, environmentId, refused, before, operations } = change;
  const fields = { connection, credential: kind, environment_id: environmentId };
  if (refused === true) {
    const line = { event: 'credential.rejected', ...fields, operation: operations[0] };
    const message = 'the API refuses the key';
    if (environmentId === null) logger.warn(line, message);
    else shared.add({ kind: 'rejected', connection, environmentId, line, message });
  } else if (refused === false && before === true) {
    const line = { event: 'credential.accepted', ...fields };
    const message = 'the API takes the key again';
    if (environmentId === null) logger.info(line, message);
    else shared.add({ kind: 'accepted', connection, environmentId, line, message });
  }
}
