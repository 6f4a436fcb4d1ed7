import { join } from 'node:path';
import { fileFault, fileRemedy } from '../../base/files.ts';
import type { Secret } from '../../base/secret.ts';
import { PRESETS } from '../../wire/presets.ts';
import type { DiscoveryConfig } from '../config.ts';
import { complete, type Path } from '../file/option-tree.ts';
import { quote } from '../file/quote.ts';
import { ENVIRONMENT_ID } from '../options/environment-options.ts';
import { options } from '../options/options.ts';
import { withoutRemovedFiles } from './key-directory.ts';
import type { SecretFault } from './key-fault.ts';
import type { ResolvedConnection } from './resolve-connections.ts';
import { absolutePath, type ResolveContext } from './resolve-context.ts';
import type { ResolvedConnections } from './resolve-environments.ts';
import { cutLabels } from './resolve-environments.ts';
import { resolveSettings } from './resolve-settings.ts';
import { readSecretFile } from './secret-file.ts';

const DIRECTORY: Path = ['discovery', 'environment_keys_dir'];

/** Checks `discovery` and reads the environment keys of its directory. Problems go into the report. */
export async function resolveDiscovery(
  connections: ResolvedConnections,
  context: ResolveContext,
): Promise<DiscoveryConfig> {
  const { values, report } = context;
  const all = complete(options.discovery.options, [values.discovery]);
  const able = [...connections.values()].filter(
    ({ config, preset, isApiKeyInvalid }) =>
      preset.credentials.environments.length > 0 && (config.apiKey !== null || isApiKeyInvalid),
  );
  if (all.enabled && able.length === 0 && connections.size > 0) {
    report.problem(
      ['discovery', 'enabled'],
      'no connection can list environments',
      'give one an api_key_file of a provider other than qoder, or name the environments',
    );
  }
  const left = all.include.filter((pattern) => !all.exclude.includes(pattern));
  if (all.enabled && (left.length === 0 || all.exclude.some((pattern) => /^\*+$/.test(pattern)))) {
    report.problem(
      ['discovery', 'exclude'],
      'leaves out everything that could be discovered',
      'remove what is too wide, or set discovery.enabled: false',
    );
  }
  if (all.enabled && all.environment_keys_dir !== null && able.length > 0 && able.every(hasNoEnvironmentKeys)) {
    report.notice(DIRECTORY, 'has no effect, as the provider has no environment keys', 'remove it');
  }
  const keysDir = all.environment_keys_dir === null ? null : absolutePath(all.environment_keys_dir, context);
  const named = [...connections].map(([name, { preset }]) => [name, resolveSettings([values], preset)] as const);
  return {
    enabled: all.enabled,
    intervalMs: all.interval,
    include: all.include,
    exclude: all.exclude,
    maxEnvironments: all.max_environments,
    environmentKeysDir: keysDir,
    ...(keysDir !== null && all.enabled ? await readKeys(keysDir, context) : NO_KEYS),
    labels: cutLabels(all.labels),
    defaults: resolveSettings([values], able[0]?.preset ?? PRESETS.anthropic),
    defaultsByConnection: Object.fromEntries(named),
  };
}

function hasNoEnvironmentKeys({ preset }: ResolvedConnection): boolean {
  return !preset.environmentKeys;
}

type Keys = Pick<DiscoveryConfig, 'environmentKeys' | 'unusableKeys'>;
const NO_KEYS: Keys = { environmentKeys: new Map(), unusableKeys: new Map() };

/** One bad key concerns one environment, so it is a notice; an unreadable directory concerns all. */
async function readKeys(directory: string, context: ResolveContext): Promise<Keys> {
  const keys = new Map<string, Secret>();
  const { report, files } = context;
  const entries = await listDirectory(directory, context);
  const faults: (SecretFault & { readonly entry: string })[] = [];
  // Kubernetes keeps its `..data` links next to the keys.
  const reads = (entries ?? [])
    .filter((name) => !name.startsWith('.'))
    .toSorted()
    .map(async (entry) => {
      const file = join(directory, entry);
      // Such as the API key, where all keys are entries of one Secret.
      if (context.read.has(file)) return null;
      if (!ENVIRONMENT_ID.test(entry)) {
        report.notice(DIRECTORY, `file ${quote(entry)} is not named after an environment id`, 'rename or remove it');
        return null;
      }
      context.read.add(file);
      return { entry, result: await readSecretFile(file, 'environment_key', files) };
    });
  // In parallel: a file that does not answer must not delay reading the others.
  for (const read of await Promise.all(reads)) {
    if (read === null) continue;
    if (read.result.ok) keys.set(read.entry, read.result.secret);
    else faults.push({ entry: read.entry, ...read.result.fault });
  }
  const lasting = await withoutRemovedFiles(faults, ({ entry }) => entry, directory, files);
  for (const { what, remedy } of lasting) report.notice(DIRECTORY, what, remedy);
  const unusableKeys = new Map(lasting.map(({ entry, what, remedy }) => [entry, { what, remedy }]));
  return { environmentKeys: keys, unusableKeys };
}

async function listDirectory(directory: string, context: ResolveContext): Promise<readonly string[] | null> {
  try {
    return await context.files.readdir(directory);
  } catch (error) {
    context.report.problem(DIRECTORY, `directory ${directory} ${fileFault(error)}`, fileRemedy(error));
    return null;
  }
}
