import type { Logger } from '../base/logger.ts';
import type { CredentialKind } from '../domain/failure.ts';

/** What the client reports about a credential: `ClientObserver.credentialJudged`. */
export interface CredentialJudgement {
  readonly connection: string;
  readonly kind: CredentialKind;
  /** Null for the API key. */
  readonly environmentId: string | null;
  readonly accepted: boolean;
}

/**
 * One line when the API begins to refuse a key, and one when it accepts the key again. Otherwise a dead key would go
 * unnoticed while another key replaces it.
 */
export class CredentialLog {
  readonly #logger: Logger;
  readonly #refused = new Set<string>();

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  judged({ connection, kind, environmentId, accepted }: CredentialJudgement): void {
    const key = keyOf(connection, environmentId);
    if (accepted !== this.#refused.has(key)) return;
    const fields = { connection, credential: kind, environment_id: environmentId };
    if (accepted) {
      this.#refused.delete(key);
      this.#logger.info({ event: 'credential.accepted', ...fields }, 'the API takes the key again');
      return;
    }
    this.#refused.add(key);
    this.#logger.warn({ event: 'credential.rejected', ...fields }, 'the API refuses the key');
  }

  /** The environment is gone: if it returns, its key is judged anew. */
  forget(connection: string, environmentId: string): void {
    this.#refused.delete(keyOf(connection, environmentId));
  }
}

function keyOf(connection: string, environmentId: string | null): string {
  return JSON.stringify([connection, environmentId]);
}
