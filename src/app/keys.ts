import { basename, dirname, join } from 'node:path';
import type { FileReader } from '../base/files.ts';
import type { Logger } from '../base/logger.ts';
import type { Secret } from '../base/secret.ts';
import type { RemoteEnvironment } from '../client/work-api.ts';
import type { Config, ConnectionConfig } from '../config/config.ts';
import { keyFileNames } from '../config/keys.ts';
import { quote } from '../config/problem.ts';
import type { Fleet } from '../discovery/selection.ts';
import { isSafeSegment } from '../wire/read.ts';

/** Up to this many files are named. */
const NAMED = 20;
const REMEDY =
  'Name each file after the id of its environment, check the workspace of the API key, or remove the file.';

/** Equal for connections that send their keys to the same place, whatever certificates are trusted there. */
export function destinationOf({ provider, baseUrl, workspaceId }: ConnectionConfig): string {
  return JSON.stringify([provider, baseUrl, workspaceId]);
}

/** Names of connections whose API key is another one now. */
export function newApiKeys(before: Config, after: Config): string[] {
  const old = new Map(before.connections.map(({ name, apiKey }) => [name, apiKey]));
  const isNew = ({ name, apiKey }: ConnectionConfig) =>
    apiKey !== null && old.has(name) && !apiKey.equals(old.get(name) ?? null);
  return after.connections.filter(isNew).map(({ name }) => name);
}

/**
 * The key of a discovered environment. Where its file cannot be used, the last one stays, but only for where it was: what
 * is elsewhere now may be somebody else's.
 *
 * @param last what is watched so far, and by which configuration
 */
export function discoveredKeys({ discovery }: Config, last: { readonly config: Config; readonly fleet: Fleet }) {
  const { environmentKeys, unusableKeys, environmentKeysDir } = discovery;
  const members = new Map(last.fleet.members.map((member) => [member.environment.id, member]));
  const destinations = new Map(last.config.connections.map((one) => [one.name, destinationOf(one)]));
  return (id: string, connection: ConnectionConfig): Secret | null => {
    const key = environmentKeys.get(id);
    if (key !== undefined || !unusableKeys.has(id)) return key ?? null;
    const member = members.get(id);
    const stays =
      environmentKeysDir === last.config.discovery.environmentKeysDir &&
      member?.environment.source === 'discovery' &&
      member.environment.connection === connection.name &&
      destinations.get(connection.name) === destinationOf(connection);
    return stays ? member.environmentKey : null;
  };
}

/** Logs the key files of discovered environments that cannot be used: once, and again when the fault is another one. */
export function logUnusableKeys(logger: Logger, before: Config | null, now: Config): void {
  for (const [id, { what, remedy }] of now.discovery.unusableKeys) {
    if (before?.discovery.unusableKeys.get(id)?.what === what) continue;
    const fields = { event: 'config.rejected', environment_id: id, detail: what, remedy };
    logger.warn(fields, 'the environment key of a discovered environment cannot be used');
  }
}

/** The files whose content decides what runs: those of the configuration, and the keys of discovered environments. */
export function watchedFiles(config: Config, fleet: Fleet): string[] {
  const { environmentKeysDir: directory } = config.discovery;
  const keys = fleet.members.flatMap(({ environment: { id, source } }) =>
    directory !== null && source === 'discovery' && isSafeSegment(id) ? [join(directory, id)] : [],
  );
  return [...config.files, ...keys];
}

/** Looks into `environment_keys_dir` after each discovery: what was put there for nobody, or before its environment was known. */
export class KeyDirectory {
  readonly #files: FileReader;
  readonly #logger: Logger;
  #logged = '';

  constructor(files: FileReader, logger: Logger) {
    this.#files = files;
    this.#logger = logger;
  }

  /** Returns whether a key lies there that the configuration has not read yet. @param found what is listed; null: not all is known */
  async look(config: Config, fleet: Fleet, found: readonly RemoteEnvironment[] | null): Promise<boolean> {
    const { environmentKeysDir: directory } = config.discovery;
    if (directory === null) return false;
    const names = (await keyFileNames(directory, this.#files)).filter((name) => !name.startsWith('.'));
    if (found !== null) this.#logUnused(config, new Set(found.map(({ id }) => id)), names.toSorted());
    const discovered = fleet.members.filter(({ environment }) => environment.source === 'discovery');
    const ids = new Set(discovered.map(({ environment }) => environment.id));
    const read = new Set(config.files);
    return names.some((name) => ids.has(name) && !read.has(join(directory, name)));
  }

  /** Logs which key files are for no environment that discovery finds: once, and again when they are others. */
  #logUnused({ discovery, files }: Config, ids: ReadonlySet<string>, names: readonly string[]): void {
    const { environmentKeysDir: directory, environmentKeys, unusableKeys } = discovery;
    // Such as the API key, if one Secret holds all keys.
    const isOfOtherOption = (path: string) =>
      dirname(path) === directory && !environmentKeys.has(basename(path)) && !unusableKeys.has(basename(path));
    const others = new Set(files.filter(isOfOtherOption).map((path) => basename(path)));
    const unused = names.filter((name) => !ids.has(name) && !others.has(name));
    const text = unused.join('\n');
    if (text !== this.#logged && unused.length > 0) {
      // Somebody may have named a file after its key.
      const named = unused.slice(0, NAMED).map((name) => quote(name));
      const fields = { event: 'discovery.unused_keys', directory, remedy: REMEDY, files: named, count: unused.length };
      this.#logger.warn(fields, 'key files are for no environment that was found');
    }
    this.#logged = text;
  }
}
