import type { Clock } from '../base/clock.ts';
import type { Secret } from '../base/secret.ts';
import type { CredentialKind } from '../domain/failure.ts';
import type { ProviderPreset } from '../wire/presets.ts';
import type { Asked } from './failures.ts';

/** Where the keys of one connection come from. Read for every request, so that a reload can swap them. */
export interface CredentialStore {
  apiKey(): Secret | null;
  environmentKey(environmentId: string): Secret | null;
}

export interface ChosenCredential {
  readonly kind: CredentialKind;
  readonly secret: Secret;
  /** It is the one that this read is meant to use: while it is accepted, no other key is needed for it. */
  readonly isFirst: boolean;
}

/** A refused key is skipped for this long while there is another one, then tried again. */
const SKIPPED_MS = 600_000;

/**
 * Which credential each operation of each environment uses: the first in the preset's order that was not refused in the last
 * ten minutes. An API key refused with 401 is refused for every environment; any other refusal concerns one.
 */
export class Credentials {
  readonly #order: ProviderPreset['credentials'];
  readonly #store: CredentialStore;
  readonly #clock: Pick<Clock, 'monotonic'>;
  readonly #refusals = new Map<string, { readonly secret: Secret; readonly at: number }>();

  constructor(order: ProviderPreset['credentials'], store: CredentialStore, clock: Pick<Clock, 'monotonic'>) {
    this.#order = order;
    this.#store = store;
    this.#clock = clock;
  }

  /** What the next request uses; where every key was refused, they take turns. Null when none is configured. */
  choose(asked: Asked): ChosenCredential | null {
    const all = this.#order[asked.operation].flatMap((kind) => {
      const secret = kind === 'api_key' ? this.#store.apiKey() : this.#environmentKey(asked);
      return secret === null ? [] : { kind, secret, at: this.#refusedAt(kind, secret, asked) };
    });
    const [chosen] = all.toSorted((one, other) => one.at - other.at);
    return chosen === undefined ? null : { ...chosen, isFirst: chosen.kind === all[0]!.kind };
  }

  /** The API answered 401 or 403. Returns whether another key is left to be tried at once. */
  refused(asked: Asked, { kind, secret }: ChosenCredential, httpStatus: 401 | 403): boolean {
    const [own, everywhere] = namesOf(kind, asked);
    const name = kind === 'api_key' && httpStatus === 401 ? everywhere : own;
    this.#refusals.delete(name);
    this.#refusals.set(name, { secret, at: this.#clock.monotonic() });
    const next = this.choose(asked);
    return next !== null && this.#refusedAt(next.kind, next.secret, asked) === NEVER;
  }

  /** One that was refused before has been mended, and then the others may have been as well. */
  accepted(asked: Asked, { kind }: ChosenCredential): void {
    if (this.#refusals.size === 0 || !namesOf(kind, asked).some((name) => this.#refusals.has(name))) return;
    for (const each of this.#order[asked.operation])
      for (const name of namesOf(each, asked)) this.#refusals.delete(name);
  }

  #environmentKey({ environmentId }: Asked): Secret | null {
    return environmentId === null ? null : this.#store.environmentKey(environmentId);
  }

  /** When a key was last refused, if that still counts. A refusal of an earlier value of it does not. */
  #refusedAt(kind: CredentialKind, secret: Secret, asked: Asked): number {
    if (this.#refusals.size === 0) return NEVER;
    const since = this.#clock.monotonic() - SKIPPED_MS;
    const times = namesOf(kind, asked).map((name) => {
      const refusal = this.#refusals.get(name);
      return refusal?.secret.equals(secret) && refusal.at > since ? refusal.at : NEVER;
    });
    return Math.max(...times);
  }
}

const NEVER = Number.NEGATIVE_INFINITY;

/** For one environment, and for all. */
function namesOf(kind: CredentialKind, { operation, environmentId }: Asked): [own: string, everywhere: string] {
  return [`${kind} ${operation} ${environmentId ?? ''}`, `${kind} ${operation} *`];
}
