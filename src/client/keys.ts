import type { Clock } from '../base/clock.ts';
import type { Secret } from '../base/secret.ts';
import type { ApiOperation } from '../domain/environment.ts';
import type { CredentialKind, FailureReason } from '../domain/failure.ts';
import type { ProviderPreset } from '../wire/presets.ts';
import type { Asked } from './work-api.ts';

export interface ChosenKey {
  readonly kind: CredentialKind;
  readonly secret: Secret;
}

/** A key is told of by this name, or by the id of its environment. */
export const API_KEY = 'api_key';

/** What has become known of a key: whether the API refuses it now, and for what; null: that is unknown, or the key is gone. */
export interface Verdict {
  readonly isRefused: boolean | null;
  readonly wasRefused: boolean | null;
  readonly operation: ApiOperation | undefined;
}

interface Refusal extends Asked {
  readonly at: number;
  /** The key itself is not valid, whatever it is used for. */
  readonly isDead: boolean;
}

/** What the answers to a key said. */
interface Known {
  readonly secret: Secret;
  isAccepted: boolean;
  /** The API answers what it reads of environments; being allowed to list them is another matter. */
  readsEnvironments: boolean;
  /** By read, for one environment or for all. */
  readonly refusals: Map<string, Refusal>;
  told: boolean | null;
}

/** A refused key is skipped for this long while there is another one, then tried again. */
const SKIPPED_MS = 600_000;
/** By then it was tried again by what needs it. Environments may be listed less often. */
const FORGOTTEN_MS = 900_000;
const NEVER = Number.NEGATIVE_INFINITY;

/**
 * The keys of one address, which of them the next request uses, and which of them the API refuses. A key may be good for one
 * kind of read or one environment and refused for another: it counts as refused while any read that needs it is, so that the
 * verdict does not depend on which read came last. Listing environments and reading sessions need permissions of their own, so a
 * refusal of these alone is none of the key.
 */
export class ConnectionKeys {
  readonly #order: ProviderPreset['credentials'];
  readonly #clock: Pick<Clock, 'monotonic'>;
  #told: (name: string, verdict: Verdict) => void;
  #apiKey: Secret | null = null;
  #environmentKeys: ReadonlyMap<string, Secret> = new Map();
  readonly #known = new Map<string, Known>();

  constructor(
    order: ProviderPreset['credentials'],
    clock: Pick<Clock, 'monotonic'>,
    told: (name: string, verdict: Verdict) => void,
  ) {
    this.#order = order;
    this.#clock = clock;
    this.#told = told;
  }

  /** The next request uses these. What is known of a key that is replaced stays until its successor is answered. */
  use(apiKey: Secret | null, environmentKeys: ReadonlyMap<string, Secret>): void {
    this.#apiKey = apiKey;
    this.#environmentKeys = environmentKeys;
    for (const name of this.#known.keys()) if (this.get(name) === null) this.#forget(name);
  }

  /** What the next request uses: the first in the preset's order that was not refused lately, else the one refused longest ago. */
  choose(asked: Asked): (ChosenKey & { readonly isUntried: boolean }) | null {
    const all = this.#order[asked.operation].flatMap((kind) => {
      const secret = this.get(nameOf(kind, asked));
      return secret === null ? [] : { kind, secret, at: this.#refusedAt({ kind, secret }, asked) };
    });
    const [first] = all.toSorted((one, other) => one.at - other.at);
    return first === undefined ? null : { ...first, isUntried: first.at === NEVER };
  }

  /** What an answer says of the key of its request. `reason`: why it is a failure; null if it is none. */
  answered({ kind, secret, operation, environmentId }: ChosenKey & Asked, reason: FailureReason | null): void {
    const name = nameOf(kind, { operation, environmentId });
    // To one that was replaced meanwhile: it says nothing of its successor.
    if (!secret.equals(this.get(name))) return;
    const before = this.#known.get(name);
    const isSame = before !== undefined && secret.equals(before.secret);
    const untold = { isAccepted: false, readsEnvironments: false, refusals: new Map(), told: before?.told ?? null };
    const known = isSame ? before : { secret, ...untold };
    this.#known.set(name, known);
    const [own, all] = readsOf({ operation, environmentId });
    if (reason === 'unauthorized' || reason === 'forbidden') {
      const isDead = kind === 'api_key' && reason === 'unauthorized';
      known.refusals.set(isDead ? all : own, { operation, environmentId, at: this.#clock.monotonic(), isDead });
      if (operation !== 'environments') known.readsEnvironments = false;
    } else if (reason === null || reason === 'not_found' || reason === 'not_self_hosted') {
      // An API looks for what is asked for only once it has taken the key.
      known.isAccepted = true;
      if (operation !== 'environments') known.readsEnvironments = true;
      known.refusals.delete(own);
      known.refusals.delete(all);
    }
    // Also of what else may read this: it may not be needed any more.
    for (const each of new Set([name, API_KEY, environmentId ?? API_KEY])) this.#tell(each);
  }

  /** The names of the keys that the API refuses now. */
  get refused(): readonly string[] {
    return [...this.#known].flatMap(([name, { told }]) => (told === true ? name : []));
  }

  /** An environment is not watched any more, or (null) nobody asks any more which ones there are. */
  left(environmentId: string | null): void {
    if (environmentId !== null) this.#forget(environmentId);
    const refusals = this.#known.get(API_KEY)?.refusals;
    for (const [read, refusal] of refusals ?? []) if (refusal.environmentId === environmentId) refusals?.delete(read);
    this.#tell(API_KEY);
  }

  /** The connection is gone, or elsewhere: requests under way end with these keys, and say nothing any more. */
  end(): void {
    for (const name of this.#known.keys()) this.#forget(name);
    this.#told = () => {};
  }

  #forget(name: string): void {
    const wasRefused = this.#known.get(name)?.told ?? null;
    this.#known.delete(name);
    if (wasRefused !== null) this.#told(name, { isRefused: null, wasRefused, operation: undefined });
  }

  /** The key in use, by its name. */
  get(name: string): Secret | null {
    return name === API_KEY ? this.#apiKey : (this.#environmentKeys.get(name) ?? null);
  }

  #refusedAt({ kind, secret }: ChosenKey, asked: Asked): number {
    const known = this.#known.get(nameOf(kind, asked));
    if (known === undefined || known.refusals.size === 0 || !secret.equals(known.secret)) return NEVER;
    const at = Math.max(...readsOf(asked).map((read) => known.refusals.get(read)?.at ?? NEVER));
    return at > this.#clock.monotonic() - SKIPPED_MS ? at : NEVER;
  }

  #tell(name: string): void {
    const known = this.#known.get(name);
    if (known === undefined) return;
    const old = this.#clock.monotonic() - FORGOTTEN_MS;
    for (const [read, { operation, at }] of known.refusals)
      if (at < old && operation !== 'environments') known.refusals.delete(read);
    const refusal = known.refusals.values().find((one) => isOfKey(one, known));
    const [isRefused, wasRefused] = [refusal !== undefined ? true : known.isAccepted ? false : null, known.told];
    if (isRefused === wasRefused) return;
    known.told = isRefused;
    this.#told(name, { isRefused, wasRefused, operation: refusal?.operation });
  }
}

/** Whether a refusal is one of the key, and not only of what it was used for. */
function isOfKey({ operation, isDead }: Refusal, { readsEnvironments }: Known): boolean {
  switch (operation) {
    case 'session':
      // A session may be closed to a key that is good for its own work.
      return isDead;
    case 'environments':
      // Listing environments needs a permission of its own, so that discovery alone fails while the key still reads them.
      return isDead && !readsEnvironments;
    default:
      return true;
  }
}

function nameOf(kind: CredentialKind, { environmentId }: Asked): string {
  return kind === 'api_key' ? API_KEY : (environmentId ?? '');
}

/** A read, for one environment and for all. */
function readsOf({ operation, environmentId }: Asked): [own: string, all: string] {
  return [`${operation} ${environmentId ?? ''}`, `${operation} *`];
}
