import type { FileReader } from '../../base/files/file-reader.ts';
import type { Logger } from '../../base/logger.ts';
import type { Secret } from '../../base/secret.ts';
import type { Config } from '../../config/config.ts';
import { StayingKeys, type Understood } from '../../config/understood.ts';
import { readDiscoveredKeys } from './discovered-keys.ts';

export interface EnvironmentKeysDeps {
  readonly files: FileReader;
  readonly logger: Logger;
  /** What is understood of a configuration that is rejected now, or null. */
  rejected(): Understood | null;
}

/** The keys in `discovery.environment_keys_dir`, as of the last read. */
export class EnvironmentKeys {
  readonly #deps: EnvironmentKeysDeps;
  #byEnvironment: ReadonlyMap<string, Secret> = new Map();
  #fileNames: readonly string[] = [];
  /** Through which connection alone a key is used whose file is spoiled, by id of its environment. */
  #stays: ReadonlyMap<string, string> = new Map();
  /** The configuration that they were read for. */
  #config: Config | null = null;
  /** The fault that was logged for each unusable key, by id of its environment. */
  #told: ReadonlyMap<string, string> = new Map();

  constructor(deps: EnvironmentKeysDeps) {
    this.#deps = deps;
  }

  /** The key of an environment that is watched through this connection, whether or not discovery knows it yet. */
  get(environmentId: string, connection: string): Secret | undefined {
    const only = this.#stays.get(environmentId) ?? connection;
    return only === connection ? this.#byEnvironment.get(environmentId) : undefined;
  }

  /** The names of all files in the directory, apart from hidden ones. */
  get fileNames(): readonly string[] {
    return this.#fileNames;
  }

  /**
   * Reads the keys of these environments that the configuration has not read: a file may have been added since, for an
   * environment found only now. Logs each file that cannot be used: once, and again when it has another fault.
   *
   * @param connectionOf through which connection an environment is watched so far, by id
   */
  async read(
    config: Config,
    found: readonly { readonly id: string }[],
    connectionOf: ReadonlyMap<string, string>,
  ): Promise<void> {
    const before = this.#config ?? config;
    this.#config = config;
    const { enabled, environmentKeysDir, environmentKeys, unusableKeys = new Map() } = config.discovery;
    if (!enabled || environmentKeysDir === null) {
      this.#byEnvironment = new Map();
      this.#stays = new Map();
      this.#fileNames = [];
      this.#told = new Map();
      return;
    }
    const { files, logger, rejected } = this.#deps;
    const unread = found.flatMap(({ id }) => (environmentKeys.has(id) ? [] : [id]));
    const read = await readDiscoveredKeys(environmentKeysDir, unread, files);
    this.#fileNames = read.names;
    // A new key may be only for the place to which a rejected configuration sends it.
    const pending = rejected();
    const heeded = pending === null ? null : new StayingKeys(config, pending);
    const isHeeded = ([id, key]: readonly [string, Secret]) =>
      heeded?.ofDiscovered({ id, connection: connectionOf.get(id) ?? null, key }, environmentKeysDir) !== false;
    const keys = new Map([...read.keys].filter(isHeeded));
    const known = new Set([
      ...environmentKeys.keys(),
      ...read.keys.keys(),
      ...read.faults.map(({ environmentId }) => environmentId),
    ]);
    // While the configuration is rejected, a key also stays if its file is gone, as configured ones do.
    const gone = [...unusableKeys].flatMap(([environmentId, fault]) =>
      known.has(environmentId) ? [] : [{ environmentId, ...fault }],
    );
    const faults = [...read.faults, ...gone];
    // As for configured keys: if a file cannot be used now, its last key stays; if the file is gone, so is the key. It stays
    // where it was: what is elsewhere now may be somebody else's.
    const staying = new StayingKeys(before, config);
    const unused = [...faults.map(({ environmentId }) => environmentId), ...read.keys.keys()].filter(
      (id) => !keys.has(id),
    );
    const kept = unused.flatMap((id) => {
      const key = this.#byEnvironment.get(id);
      const connection = this.#stays.get(id) ?? connectionOf.get(id) ?? null;
      const stays =
        key !== undefined && staying.ofDiscovered({ id, connection, key }, before.discovery.environmentKeysDir);
      return stays ? [{ id, key, connection }] : [];
    });
    this.#byEnvironment = new Map([...environmentKeys, ...keys, ...kept.map(({ id, key }) => [id, key] as const)]);
    this.#stays = new Map(kept.flatMap(({ id, connection }) => (connection === null ? [] : [[id, connection]])));
    for (const { environmentId, what, remedy } of faults) {
      if (this.#told.get(environmentId) === what) continue;
      const fields = { event: 'config.rejected', environment_id: environmentId, detail: what, remedy };
      logger.warn(fields, 'the environment key of a discovered environment cannot be used');
    }
    this.#told = new Map(faults.map(({ environmentId, what }) => [environmentId, what]));
  }
}
