import type { Secret } from '../base/secret.ts';
import type { Config, ConnectionConfig, DiscoveryConfig } from './config.ts';

/** A value is absent where what was written for it cannot be understood. */
export interface UnderstoodConnection
  extends Partial<Pick<ConnectionConfig, 'provider' | 'baseUrl' | 'workspaceId' | 'apiKey'>> {
  readonly name: string;
}

/**
 * What a rejected configuration says of who gets which key, as far as it can be understood: a section is null where it
 * cannot be. One that can be understood as a whole is a `Config`.
 */
export interface Understood extends Pick<Config, 'configuredElsewhere' | 'files'> {
  readonly connections: readonly UnderstoodConnection[] | null;
  readonly environments: Config['environments'] | null;
  readonly discovery: Pick<DiscoveryConfig, 'enabled' | 'environmentKeysDir'> | null;
}

/** An environment, and the key that it has now. */
export interface KeyOfEnvironment {
  readonly id: string;
  /** Null: discovery has not found it yet. */
  readonly connection: string | null;
  readonly key: Secret;
}

/**
 * Which keys of the configuration in force another one leaves where they are: it names them, and sends them to the same
 * place. What it leaves open is as before.
 */
export class StayingKeys {
  readonly #next: Understood;
  readonly #moved: ReadonlySet<string>;
  readonly #environments: ReadonlyMap<string, { readonly connection: string; readonly key: Secret | null }>;

  constructor(now: Pick<Config, 'connections'>, next: Understood) {
    this.#next = next;
    const known = new Map(next.connections?.map((connection) => [connection.name, connection]));
    const isMoved = (one: ConnectionConfig) =>
      next.connections !== null && !hasSameDestination(one, known.get(one.name));
    this.#moved = new Set(now.connections.filter(isMoved).map(({ name }) => name));
    this.#environments = new Map(
      next.environments?.map(({ environment: { id, connection }, environmentKey }) => [
        id,
        { connection, key: environmentKey },
      ]),
    );
  }

  ofConnection(name: string, key: Secret): boolean {
    if (this.#moved.has(name)) return false;
    const next = this.#next.connections?.find((connection) => connection.name === name);
    return next === undefined || this.#isNamed(key, next.apiKey);
  }

  ofConfigured({ id, connection, key }: KeyOfEnvironment): boolean {
    if (this.#isMoved(connection)) return false;
    const next = this.#environments.get(id);
    if (next !== undefined) return [null, next.connection].includes(connection) && this.#isNamed(key, next.key);
    return this.#next.environments === null || this.#next.configuredElsewhere.includes(id);
  }

  /** @param directory `environment_keys_dir` of the configuration in force */
  ofDiscovered(environment: KeyOfEnvironment, directory: string | null): boolean {
    if (this.#environments.has(environment.id)) return this.ofConfigured(environment);
    const { discovery } = this.#next;
    const isSame = discovery === null || (discovery.enabled && discovery.environmentKeysDir === directory);
    return isSame && !this.#isMoved(environment.connection);
  }

  #isMoved(connection: string | null): boolean {
    return connection === null ? this.#moved.size > 0 : this.#moved.has(connection);
  }

  /** @param next null: there is none, or it cannot be used; undefined: it cannot be understood */
  #isNamed({ file }: Secret, next: Secret | null | undefined): boolean {
    if (next === undefined || file === null) return true;
    return next === null ? this.#next.files.includes(file) : next.file === file;
  }
}

/** By whatever certificates the place is known. */
function hasSameDestination(now: ConnectionConfig, next: UnderstoodConnection | undefined): boolean {
  if (next === undefined) return false;
  const { provider = now.provider, baseUrl = now.baseUrl, workspaceId = now.workspaceId } = next;
  return provider === now.provider && baseUrl === now.baseUrl && workspaceId === now.workspaceId;
}
