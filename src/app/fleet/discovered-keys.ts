import { join } from 'node:path';
import type { FileReader } from '../../base/files/file-reader.ts';
import type { Secret } from '../../base/secret.ts';
import type { Config } from '../../config/config.ts';
import { keyFileNames, withoutRemovedFiles } from '../../config/resolve/key-directory.ts';
import { readSecretFile } from '../../config/resolve/secret-file.ts';
import type { Fleet } from '../../discovery/fleet.ts';
import { isSafeSegment } from '../../wire/path-segment.ts';

export interface DiscoveredKeys {
  /** The names of all files in the directory, apart from hidden ones: Kubernetes keeps its `..data` link there. */
  readonly names: readonly string[];
  readonly keys: ReadonlyMap<string, Secret>;
  /** Keys that exist but cannot be used, in words without the key. */
  readonly faults: readonly { readonly environmentId: string; readonly what: string; readonly remedy: string }[];
}

/** The file that would hold the key of a discovered environment, or null for an id that cannot be a file's name. */
function keyFileOf(directory: string, environmentId: string): string | null {
  return isSafeSegment(environmentId) ? join(directory, environmentId) : null;
}

/** Reads the keys in `environment_keys_dir`, one file per environment, named by its id. A missing key is no fault. */
export async function readDiscoveredKeys(
  directory: string,
  environmentIds: readonly string[],
  files: FileReader,
): Promise<DiscoveredKeys> {
  const names = await keyFileNames(directory, files);
  const present = new Set(names);
  const keys = new Map<string, Secret>();
  const listed: DiscoveredKeys['faults'][number][] = [];
  const reads = environmentIds.map(async (environmentId) => {
    const path = keyFileOf(directory, environmentId);
    if (path === null || !present.has(environmentId)) return null;
    return { environmentId, read: await readSecretFile(path, 'environment_key', files) };
  });
  for (const found of await Promise.all(reads)) {
    if (found === null) continue;
    const { environmentId, read } = found;
    if (read.ok) keys.set(environmentId, read.secret);
    else listed.push({ environmentId, ...read.fault });
  }
  const faults = await withoutRemovedFiles(listed, ({ environmentId }) => environmentId, directory, files);
  return { names: names.filter((name) => !name.startsWith('.')).toSorted(), keys, faults };
}

/** The files whose content decides what runs: those of the configuration, and the keys of discovered environments. */
export function watchedFiles(config: Config, fleet: Fleet): string[] {
  const { environmentKeysDir } = config.discovery;
  if (environmentKeysDir === null) return [...config.files];
  const keys = fleet.members
    .filter(({ environment }) => environment.source === 'discovery')
    .flatMap(({ environment }) => keyFileOf(environmentKeysDir, environment.id) ?? []);
  return [...config.files, ...keys];
}
