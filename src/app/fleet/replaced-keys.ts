import type { FileReader } from '../../base/files/file-reader.ts';
import type { Secret } from '../../base/secret.ts';
import type { Config, ConnectionConfig, EnvironmentConfig } from '../../config/config.ts';
import type { PartialConfig } from '../../config/partial-config.ts';
import type { SecretFault } from '../../config/resolve/key-fault.ts';
import { readSecretFile } from '../../config/resolve/secret-file.ts';
import { type KeyOfEnvironment, UnmovedKeys } from '../../config/unmoved-keys.ts';
import type { FleetMember } from '../../discovery/fleet.ts';
import type { CredentialKind } from '../../domain/failure.ts';
import { readDiscoveredKeys } from './discovered-keys.ts';

export interface ReplacedKeysOptions {
  /** What is understood of the configuration that was rejected; null: nothing. */
  readonly rejected: PartialConfig | null;
  /** What is watched now: discovered environments have keys that the configuration does not know. */
  readonly members: readonly FleetMember[];
  readonly files: FileReader;
}

/** A key as it is to be used, and what is wrong with its file. */
interface RereadKey {
  readonly key: Secret;
  readonly fault: SecretFault | null;
}

/**
 * The configuration in force with the keys that its files hold by now, or null if they hold the same: a key is replaced
 * when it is about to expire, whatever is wrong elsewhere. A file that cannot be used leaves its last key in force; that
 * of a discovered environment only where it is. A discovered environment may have its first key by now.
 *
 * What the rejected configuration sends elsewhere keeps its key, because the new one may be for the new place only.
 */
export async function withReplacedKeys(
  config: Config,
  { rejected, members, files }: ReplacedKeysOptions,
): Promise<Config | null> {
  const unmoved = rejected === null ? null : new UnmovedKeys(config, rejected);
  const { environmentKeysDir } = config.discovery;
  let replaced = 0;
  const present = async (key: Secret, kind: CredentialKind): Promise<RereadKey> => {
    if (key.file === null) return { key, fault: null };
    const read = await readSecretFile(key.file, kind, files);
    if (!read.ok) return { key, fault: read.fault };
    if (read.secret.equals(key)) return { key, fault: null };
    replaced += 1;
    return { key: read.secret, fault: null };
  };
  const ofConnection = async (connection: ConnectionConfig): Promise<ConnectionConfig> => {
    const { name, apiKey: key } = connection;
    if (key === null || unmoved?.hasConnectionKey(name, key) === false) return connection;
    return { ...connection, apiKey: (await present(key, 'api_key')).key };
  };
  const ofConfigured = async (configured: EnvironmentConfig): Promise<EnvironmentConfig> => {
    const { environment, environmentKey: key } = configured;
    if (key === null || unmoved?.hasConfiguredKey({ ...environment, key }) === false) return configured;
    return { ...configured, environmentKey: (await present(key, 'environment_key')).key };
  };
  const ofDiscovered = async (discovered: KeyOfEnvironment): Promise<RereadKey & { readonly id: string }> => {
    const { id, key } = discovered;
    if (unmoved?.hasDiscoveredKey(discovered, environmentKeysDir) === false) return { id, key, fault: null };
    return { id, ...(await present(key, 'environment_key')) };
  };
  const known = discoveredKeys(config, members);
  // In parallel: a file that does not answer must not delay reading the others.
  const [connections, environments, keys, first] = await Promise.all([
    Promise.all(config.connections.map(ofConnection)),
    Promise.all(config.environments.map(ofConfigured)),
    Promise.all(known.map(ofDiscovered)),
    firstKeys(config, { unmoved, members, files }),
  ]);
  const unusable = keys.flatMap(({ id, fault }) => (fault === null ? [] : [[id, fault] as const]));
  const lost = unusable.filter(([id]) => config.discovery.environmentKeys.has(id));
  if (replaced + first.length + lost.length === 0) return null;
  const usable = keys.flatMap(({ id, key, fault }) => (fault === null ? [[id, key] as const] : []));
  const discovery = {
    ...config.discovery,
    environmentKeys: new Map([...usable, ...first]),
    unusableKeys: new Map([...(config.discovery.unusableKeys ?? []), ...unusable]),
  };
  return { ...config, connections, environments, discovery };
}

/** Those of the configuration, and those that were read when discovery found their environments. */
function discoveredKeys({ discovery }: Config, members: readonly FleetMember[]): readonly KeyOfEnvironment[] {
  const loaded = [...discovery.environmentKeys].map(([id, key]) => ({ id, connection: null, key }));
  const watched = members.flatMap(({ environment: { id, connection, source }, environmentKey: key }) =>
    source === 'discovery' && key !== null ? [{ id, connection, key }] : [],
  );
  return [...new Map([...loaded, ...watched].map((one) => [one.id, one])).values()];
}

/** Keys of discovered environments that had none so far. */
async function firstKeys(
  { discovery: { environmentKeysDir: directory } }: Config,
  { unmoved, members, files }: Omit<ReplacedKeysOptions, 'rejected'> & { readonly unmoved: UnmovedKeys | null },
): Promise<readonly (readonly [string, Secret])[]> {
  const keyless = members.flatMap(({ environment: { id, connection, source }, environmentKey }) =>
    source === 'discovery' && environmentKey === null ? [{ id, connection }] : [],
  );
  if (directory === null || keyless.length === 0) return [];
  const ids = keyless.map(({ id }) => id);
  const { keys } = await readDiscoveredKeys(directory, ids, files);
  return keyless.flatMap((environment) => {
    const key = keys.get(environment.id);
    if (key === undefined || unmoved?.hasDiscoveredKey({ ...environment, key }, directory) === false) return [];
    return [[environment.id, key] as const];
  });
}
