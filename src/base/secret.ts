import { inspect } from 'node:util';

export const MASK = '<secret>';

/**
 * A key that cannot be printed by accident: string conversion, JSON and `util.inspect` all show a mask.
 *
 * `source` says in words where the key came from (`file /run/secrets/key`), for logs and `check --live`; it is not
 * secret.
 */
export class Secret {
  readonly #value: string;
  readonly source: string;
  /** The file that holds the key and nothing else; null where it was written elsewhere. */
  readonly file: string | null;

  constructor(value: string, source: string, file: string | null = null) {
    this.#value = value;
    this.source = source;
    this.file = file;
  }

  /** The key itself. Only the code that writes a request header calls this. */
  reveal(): string {
    return this.#value;
  }

  equals(other: Secret | null): boolean {
    return other !== null && this.#value === other.#value;
  }

  toString(): string {
    return MASK;
  }

  toJSON(): string {
    return MASK;
  }

  [inspect.custom](): string {
    return MASK;
  }
}
