import type { Secret } from '../base/secret.ts';
import type { Config, ConnectionConfig } from './config.ts';
import type { PartialConfig, PartialConnection } from './partial-config.ts';

/** An environment, and the key that it has now. */
export interface KeyOfEnvironment {
  readonly id: string;
  /** Null: discovery has not found it yet. */
  readonly connection: string | null;
  readonly key: Secret;
}

/**
 * The keys of the configuration in force that another configuration still names, and still sends to the same destination.
 * Where that cannot be understood, it counts as unchanged.
 */
export class UnmovedKeys {
  readonly #next: PartialConfig;
  readonly #moved: ReadonlySet<string>;
  readonly #environments: ReadonlyMap<string, { readonly connection: string; readonly key: Secret | null }>;

  constructor(now: Pick<Config, 'connections'>, next: PartialConfig) {
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

  hasConnectionKey(name: string, key: Secret): boolean {
    if (this.#moved.has(name)) return false;
    const next = this.#next.connections?.find((connection) => connection.name === name);
    return next === undefined || this.#isNamed(key, next.apiKey);
  }

  hasConfiguredKey({ id, connection, key }: KeyOfEnvironment): boolean {
    if (this.#isMoved(connection)) return false;
    const next = this.#environments.get(id);
    if (next !== undefined) return [null, next.connection].includes(connection) && this.#isNamed(key, next.key);
    return this.#next.environments === null || this.#next.configuredElsewhere.includes(id);
  }

  /** @param directory `environment_keys_dir` of the configuration in force */
  hasDiscoveredKey(environment: KeyOfEnvironment, directory: string | null): boolean {
    if (this.#environments.has(environment.id)) return this.hasConfiguredKey(environment);
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

/** Whatever certificates are trusted there. */
function hasSameDestination(now: ConnectionConfig, next: PartialConnection | undefined): boolean {
  if (next === undefined) return false;
  const { provider = now.provider, baseUrl = now.baseUrl, workspaceId = now.workspaceId } = next;
  return provider === now.provider && baseUrl === now.baseUrl && workspaceId === now.workspaceId;
}
