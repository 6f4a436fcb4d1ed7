import type { Clock } from '../base/clock.ts';
import type { Secret } from '../base/secret.ts';
import type { ApiOperation } from '../domain/environment.ts';
import type { CredentialKind } from '../domain/failure.ts';
import type { ProviderPreset } from '../wire/presets.ts';

/** Where the keys of one connection come from. Read for every request, so that a reload can swap them. */
export interface CredentialStore {
  apiKey(): Secret | null;
  environmentKey(environmentId: string): Secret | null;
}

export interface ChosenCredential {
  readonly kind: CredentialKind;
  readonly secret: Secret;
}

/** A credential and the call that it is used for. */
export interface UsedCredential extends ChosenCredential {
  readonly operation: ApiOperation;
  readonly environmentId: string | null;
}

/** A refused key is skipped for this long, then tried again: docs/design/providers.md#which-key-is-used. */
const RETRY_REFUSED_MS = 600_000;

interface Refusal {
  readonly secret: Secret;
  at: number;
}

/**
 * Which credential each operation of each environment uses.
 *
 * The first in the preset's order that exists and was not refused within ten minutes, or whose value has changed since.
 * If all were refused, the one whose refusal is oldest, so that they are tried in turn, one per call. An API key
 * refused with 401 is refused for every environment; any other refusal concerns one environment.
 */
export class CredentialChooser {
  readonly #order: ProviderPreset['credentials'];
  readonly #store: CredentialStore;
  readonly #clock: Clock;
  readonly #refusals = new Map<string, Refusal>();

  constructor(order: ProviderPreset['credentials'], store: CredentialStore, clock: Clock) {
    this.#order = order;
    this.#store = store;
    this.#clock = clock;
  }

  /** The credential that the next call uses, or null when none is configured. Changes nothing. */
  peek(operation: ApiOperation, environmentId: string | null): ChosenCredential | null {
    // The usual case, kept short because every request asks several times.
    if (this.#refusals.size === 0) return this.#first(operation, environmentId);
    const existing = this.#existing(operation, environmentId);
    const usable = existing.find((one) => this.#isUsable(one));
    if (usable !== undefined) return usable;
    return existing.toSorted((one, other) => one.refusedAt - other.refusedAt)[0] ?? null;
  }

  /** What to try within the same call after the API has refused a credential; null when every one has been refused. */
  takeNext(operation: ApiOperation, environmentId: string | null): ChosenCredential | null {
    const usable = this.#existing(operation, environmentId).some((one) => this.#isUsable(one));
    return usable ? this.take(operation, environmentId) : null;
  }

  /**
   * Like `peek`, for a call that is made now. If it tries a refused key again, other calls skip that key meanwhile.
   */
  take(operation: ApiOperation, environmentId: string | null): ChosenCredential | null {
    const chosen = this.peek(operation, environmentId);
    if (chosen === null) return null;
    const refusal = this.#refusal(chosen, operation, environmentId);
    if (refusal !== null) refusal.at = this.#clock.monotonic();
    return chosen;
  }

  /** The same credential with its present value, which a reload may have changed; null when there is none any more. */
  renewed(use: UsedCredential): UsedCredential | null {
    const secret = this.#secret(use.kind, use.environmentId);
    return secret === null || secret.equals(use.secret) ? secret && use : { ...use, secret };
  }

  /** The API answered 401 or 403. */
  refused(use: UsedCredential, httpStatus: number): void {
    const now = this.#clock.monotonic();
    for (const [key, { at }] of this.#refusals) if (at <= now - RETRY_REFUSED_MS) this.#refusals.delete(key);
    const [own, shared] = keysOf(use.kind, use.operation, use.environmentId);
    const everywhere = use.kind === 'api_key' && httpStatus === 401;
    this.#refusals.set(everywhere ? shared : own, { secret: use.secret, at: now });
  }

  /** The API accepted the credential. */
  accepted(use: UsedCredential): void {
    if (this.#refusals.size === 0) return;
    for (const key of keysOf(use.kind, use.operation, use.environmentId)) {
      if (this.#refusals.get(key)?.secret.equals(use.secret)) this.#refusals.delete(key);
    }
  }

  #first(operation: ApiOperation, environmentId: string | null): ChosenCredential | null {
    for (const kind of this.#order[operation]) {
      const secret = this.#secret(kind, environmentId);
      if (secret !== null) return { kind, secret };
    }
    return null;
  }

  #existing(operation: ApiOperation, environmentId: string | null) {
    return this.#order[operation].flatMap((kind) => {
      const secret = this.#secret(kind, environmentId);
      if (secret === null) return [];
      const refusal = this.#refusal({ kind, secret }, operation, environmentId);
      return [{ kind, secret, refusedAt: refusal?.at ?? Number.NEGATIVE_INFINITY }];
    });
  }

  #isUsable({ refusedAt }: { readonly refusedAt: number }): boolean {
    return refusedAt <= this.#clock.monotonic() - RETRY_REFUSED_MS;
  }

  #secret(kind: CredentialKind, environmentId: string | null): Secret | null {
    if (kind === 'api_key') return this.#store.apiKey();
    return environmentId === null ? null : this.#store.environmentKey(environmentId);
  }

  /** The latest refusal of this very key; a refusal of its earlier value does not count. */
  #refusal({ kind, secret }: ChosenCredential, operation: ApiOperation, environmentId: string | null): Refusal | null {
    if (this.#refusals.size === 0) return null;
    const keys = keysOf(kind, operation, environmentId);
    const refusals = keys.flatMap((key) => this.#refusals.get(key) ?? []).filter((one) => one.secret.equals(secret));
    return refusals.toSorted((one, other) => other.at - one.at)[0] ?? null;
  }
}

/** The key for one environment, and the key for all. */
function keysOf(kind: CredentialKind, operation: ApiOperation, environmentId: string | null): [string, string] {
  return [`${kind} ${operation} ${environmentId ?? ''}`, `${kind} ${operation} *`];
}
