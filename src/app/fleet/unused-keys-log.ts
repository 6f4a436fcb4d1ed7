import { basename, dirname } from 'node:path';
import type { Logger } from '../../base/logger.ts';
import type { RemoteEnvironment } from '../../client/work-api.ts';
import { canDiscover } from '../../config/can-discover.ts';
import type { Config } from '../../config/config.ts';
import { quote } from '../../config/file/quote.ts';

/** Up to this many files are named. */
const NAMED = 20;
const REMEDY =
  'Name each file after the id of its environment, check the workspace of the API key, or remove the file.';

/** Logs which key files are for no environment that discovery finds: once, and again when they are others. */
export class UnusedKeysLog {
  readonly #logger: Logger;
  #logged = '';

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  /**
   * @param found what the latest discovery of each connection found
   * @param keyFiles the names in `discovery.environment_keys_dir` now
   */
  note(config: Config, found: ReadonlyMap<string, readonly RemoteEnvironment[]>, keyFiles: readonly string[]): void {
    const { discovery, connections } = config;
    // A discovery that has yet to succeed may find the environment.
    if (connections.some((connection) => canDiscover(connection) && !found.has(connection.name))) return;
    const ids = new Set([...found.values()].flat().map(({ id }) => id));
    const others = filesOfOtherOptions(config);
    const unused = keyFiles.filter((name) => !ids.has(name) && !others.has(name));
    const names = unused.join('\n');
    if (names !== this.#logged && unused.length > 0) {
      // Somebody may have named a file after its key.
      const files = unused.slice(0, NAMED).map((name) => quote(name));
      const fields = { event: 'discovery.unused_keys', directory: discovery.environmentKeysDir, remedy: REMEDY };
      this.#logger.warn({ ...fields, files, count: unused.length }, 'key files are for no environment that was found');
    }
    this.#logged = names;
  }
}

/**
 * Names of files in the key directory that other options refer to, such as the API key if one Secret holds all keys.
 */
function filesOfOtherOptions({ discovery, files }: Config): ReadonlySet<string> {
  const { environmentKeysDir, environmentKeys } = discovery;
  const others = files.filter(
    (path) =>
      environmentKeysDir !== null && dirname(path) === environmentKeysDir && !environmentKeys.has(basename(path)),
  );
  return new Set(others.map((path) => basename(path)));
}
