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
}

/** A refused key is skipped for this long while there is another one, then tried again. */
const SKIPPED_MS = 600_000;
const NEVER = Number.NEGATIVE_INFINITY;

/**
 * Which credential each operation of each environment uses: the first in the preset's order that was not refused in the last
 * ten minutes. An API key refused with 401 is refused for every environment; any other refusal concerns one.
 */
export class Credentials {
  readonly #order: ProviderPreset['credentials'];
  readonly #store: CredentialStore;
  readonly #clock: Pick<Clock, 'monotonic'>;
  /** When each key was refused, by read. A key that has changed begins anew. */
  readonly #refusals = new Map<string, { readonly secret: Secret; readonly at: number }>();

  constructor(order: ProviderPreset['credentials'], store: CredentialStore, clock: Pick<Clock, 'monotonic'>) {
    this.#order = order;
    this.#store = store;
    this.#clock = clock;
  }

  /** What the next request uses; where every key was refused, they take turns. Null when none is configured. */
  choose(asked: Asked): ChosenCredential | null {
    const all = this.#order[asked.operation].flatMap((kind) => {
      const ofEnvironment = asked.environmentId === null ? null : this.#store.environmentKey(asked.environmentId);
      const secret = kind === 'api_key' ? this.#store.apiKey() : ofEnvironment;
      return secret === null ? [] : { kind, secret, at: this.#refusedAt(kind, secret, asked) };
    });
    return all.toSorted((one, other) => one.at - other.at)[0] ?? null;
  }

  /** The API answered 401 or 403. Returns whether another key is left to be tried at once. */
  refused(asked: Asked, { kind, secret }: ChosenCredential, httpStatus: 401 | 403): boolean {
    const [own, everywhere] = namesOf(kind, asked);
    const name = kind === 'api_key' && httpStatus === 401 ? everywhere : own;
    this.#refusals.set(name, { secret, at: this.#clock.monotonic() });
    const next = this.choose(asked);
    return next !== null && this.#refusedAt(next.kind, next.secret, asked) === NEVER;
  }

  /** One that was refused before has been mended, and then the others may have been as well. */
  accepted(asked: Asked, { kind }: ChosenCredential): void {
    if (!namesOf(kind, asked).some((name) => this.#refusals.has(name))) return;
    for (const each of this.#order[asked.operation])
      for (const name of namesOf(each, asked)) this.#refusals.delete(name);
  }

  #refusedAt(kind: CredentialKind, secret: Secret, asked: Asked): number {
    if (this.#refusals.size === 0) return NEVER;
    const since = this.#clock.monotonic() - SKIPPED_MS;
    const refusals = namesOf(kind, asked).map((name) => this.#refusals.get(name));
    return Math.max(...refusals.map((one) => (one?.secret.equals(secret) && one.at > since ? one.at : NEVER)));
  }
}

/** For one environment, and for all. */
function namesOf(kind: CredentialKind, { operation, environmentId }: Asked): [own: string, everywhere: string] {
  return [`${kind} ${operation} ${environmentId ?? ''}`, `${kind} ${operation} *`];
}
