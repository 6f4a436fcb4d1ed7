import type { Config } from '../config/config.ts';
import type { Fleet } from '../discovery/fleet.ts';
import { keyFileOf } from './discovered-keys.ts';

/** The files whose content decides what runs: those of the configuration and the keys of discovered environments. */
export function watchedFiles(config: Config, fleet: Fleet): string[] {
  const { environmentKeysDir } = config.discovery;
  if (environmentKeysDir === null) return [...config.files];
  const keys = fleet.members
    .filter(({ environment }) => environment.source === 'discovery')
    .flatMap(({ environment }) => keyFileOf(environmentKeysDir, environment.id) ?? []);
  return [...config.files, ...keys];
}
