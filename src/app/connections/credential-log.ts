import type { Logger } from '../../base/logger.ts';
import type { ApiOperation } from '../../domain/environment.ts';
import type { CredentialKind } from '../../domain/failure.ts';

/** A key of a connection: its API key, or the key of one environment. */
export interface Key {
  readonly connection: string;
  readonly kind: CredentialKind;
  /** Null for the API key. */
  readonly environmentId: string | null;
}

/** Whether the API refuses a key now, and before; null: unknown, or the key is gone. */
export interface VerdictChange extends Key {
  readonly refused: boolean | null;
  readonly before: boolean | null;
  /** The kinds of read that it is refused for. */
  readonly operations: readonly ApiOperation[];
}

/**
 * One line when the API begins to refuse a key, and one when it accepts the key again. Otherwise a dead key would go
 * unnoticed while another key replaces it.
 */
export function logVerdict(logger: Logger, change: VerdictChange): void {
  const { connection, kind, environmentId, refused, before, operations } = change;
  const fields = { connection, credential: kind, environment_id: environmentId };
  if (refused === true) {
    logger.warn({ event: 'credential.rejected', ...fields, operation: operations[0] }, 'the API refuses the key');
  } else if (refused === false && before === true) {
    logger.info({ event: 'credential.accepted', ...fields }, 'the API takes the key again');
  }
}
