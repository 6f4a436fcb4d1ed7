import type { FileReader } from '../../base/files/file-reader.ts';
import type { Logger } from '../../base/logger.ts';
import type { Secret } from '../../base/secret.ts';
import type { Config } from '../../config/config.ts';
import type { PartialConfig } from '../../config/partial-config.ts';
import { type KeyOfEnvironment, UnmovedKeys } from '../../config/unmoved-keys.ts';
import { type DiscoveredKeys, readDiscoveredKeys } from './discovered-keys.ts';

export interface EnvironmentKeysDeps {
  readonly files: FileReader;
  readonly logger: Logger;
  /** What is understood of a configuration that is rejected now, or null. */
  rejectedConfig(): PartialConfig | null;
}

/** Through which connection an environment is watched so far, by id. */
type ConnectionOf = ReadonlyMap<string, string>;

/** The keys in `discovery.environment_keys_dir`, as of the last read. */
export class EnvironmentKeys {
  readonly #deps: EnvironmentKeysDeps;
  #byEnvironment: ReadonlyMap<string, Secret> = new Map();
  #fileNames: readonly string[] = [];
  /** The only connection through which a key may be used whose file is unusable by now, by id of its environment. */
  #onlyThrough: ReadonlyMap<string, string> = new Map();
  /** The configuration that they were read for. */
  #config: Config | null = null;
  /** The fault that was last logged for each unusable key, by id of its environment. */
  #logged: ReadonlyMap<string, string> = new Map();

  constructor(deps: EnvironmentKeysDeps) {
    this.#deps = deps;
  }

  /** The key of an environment that is watched through this connection, whether or not discovery knows it yet. */
  get(environmentId: string, connection: string): Secret | undefined {
    const only = this.#onlyThrough.get(environmentId) ?? connection;
    return only === connection ? this.#byEnvironment.get(environmentId) : undefined;
  }

  /** The names of all files in the directory, apart from hidden ones. */
  get fileNames(): readonly string[] {
    return this.#fileNames;
  }

  /**
   * Reads the keys of these environments that the configuration has not read: a file may have been added since, for an
   * environment found only now. Logs each file that cannot be used.
   */
  async read(config: Config, found: readonly { readonly id: string }[], connectionOf: ConnectionOf): Promise<void> {
    const before = this.#config ?? config;
    this.#config = config;
    const { enabled, environmentKeysDir, environmentKeys } = config.discovery;
    if (!enabled || environmentKeysDir === null) {
      this.#byEnvironment = new Map();
      this.#onlyThrough = new Map();
      this.#fileNames = [];
      this.#logged = new Map();
      return;
    }
    const unread = found.flatMap(({ id }) => (environmentKeys.has(id) ? [] : [id]));
    const read = await readDiscoveredKeys(environmentKeysDir, unread, this.#deps.files);
    const keys = this.#usableNow(read.keys, config, connectionOf);
    const faults = [...read.faults, ...faultsOfGone(config, read)];
    const left = [...read.keys.keys(), ...faults.map(({ environmentId }) => environmentId)].filter(
      (id) => !keys.has(id),
    );
    const last = this.#lastKeys(left, { before, config, connectionOf });
    this.#fileNames = read.names;
    this.#byEnvironment = new Map([...environmentKeys, ...keys, ...last.map(({ id, key }) => [id, key] as const)]);
    this.#onlyThrough = new Map(last.flatMap(({ id, connection }) => (connection === null ? [] : [[id, connection]])));
    this.#logFaults(faults);
  }

  /** Of the keys that files hold now, those to use: a new one may be meant for where a rejected configuration sends it. */
  #usableNow(keys: DiscoveredKeys['keys'], config: Config, connectionOf: ConnectionOf): DiscoveredKeys['keys'] {
    const rejected = this.#deps.rejectedConfig();
    if (rejected === null) return keys;
    const unmoved = new UnmovedKeys(config, rejected);
    const isUsable = ([id, key]: readonly [string, Secret]) =>
      unmoved.hasDiscoveredKey(
        { id, connection: connectionOf.get(id) ?? null, key },
        config.discovery.environmentKeysDir,
      );
    return new Map([...keys].filter(isUsable));
  }

  /**
   * The last keys of environments whose files hold none to use now. As for configured keys, each stays where it was: what
   * is elsewhere now may be somebody else's.
   */
  #lastKeys(
    ids: readonly string[],
    {
      before,
      config,
      connectionOf,
    }: { readonly before: Config; readonly config: Config; readonly connectionOf: ConnectionOf },
  ): readonly KeyOfEnvironment[] {
    const unmoved = new UnmovedKeys(before, config);
    return ids.flatMap((id) => {
      const key = this.#byEnvironment.get(id);
      if (key === undefined) return [];
      const known = { id, connection: this.#onlyThrough.get(id) ?? connectionOf.get(id) ?? null, key };
      return unmoved.hasDiscoveredKey(known, before.discovery.environmentKeysDir) ? [known] : [];
    });
  }

  /** Logs each file that cannot be used: once, and again when it has another fault. */
  #logFaults(faults: DiscoveredKeys['faults']): void {
    for (const { environmentId, what, remedy } of faults) {
      if (this.#logged.get(environmentId) === what) continue;
      const fields = { event: 'config.rejected', environment_id: environmentId, detail: what, remedy };
      this.#deps.logger.warn(fields, 'the environment key of a discovered environment cannot be used');
    }
    this.#logged = new Map(faults.map(({ environmentId, what }) => [environmentId, what]));
  }
}

/**
 * Keys whose files are gone. Such a key goes with its file, and that is no fault; but while a configuration is rejected, the
 * keys of the one in force stay, as configured keys do.
 */
function faultsOfGone(
  { discovery: { environmentKeys, unusableKeys = new Map() } }: Config,
  { keys, faults }: DiscoveredKeys,
): DiscoveredKeys['faults'] {
  const known = new Set([
    ...environmentKeys.keys(),
    ...keys.keys(),
    ...faults.map(({ environmentId }) => environmentId),
  ]);
  return [...unusableKeys].flatMap(([environmentId, fault]) =>
    known.has(environmentId) ? [] : [{ environmentId, ...fault }],
  );
}
