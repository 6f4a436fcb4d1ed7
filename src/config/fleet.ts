import { fileFault, fileRemedy } from '../base/files.ts';
import { isLoopbackHost } from '../base/is-loopback-host.ts';
import { pemCertificates } from '../base/pem-certificates.ts';
import { cutText } from '../base/text.ts';
import { type Shard, shardOf, shardShare } from '../domain/shard.ts';
import { PRESETS, type ProviderPreset } from '../wire/presets.ts';
import { checkCredentials, checkEnvironments } from './checks.ts';
import type { ConnectionConfig, DiscoveryConfig, EnvironmentConfig, FleetConfig } from './config.ts';
import {
  absolutePath,
  type ResolveContext,
  type ResolvedConnection,
  type ResolvedConnections,
  readKeyDirectory,
  resolveKey,
} from './keys.ts';
import type { Path } from './option-tree.ts';
import type { WrittenShard } from './option-types.ts';
import { type ConnectionValues, connectionDefaults } from './options.ts';
import { quote, remedyForUnknown, type Tree } from './problem.ts';
import { checkOrders, hasSettings, settingsOf } from './settings.ts';

/** All connections by name; one named `default` without settings when the file has none. */
export async function resolveConnections(context: ResolveContext): Promise<Map<string, ResolvedConnection>> {
  const { values, report } = context;
  const written = Object.entries(values.connections ?? {}).map(
    ([name, one]) => [name, ['connections', name] as Path, one] as [string, Path, ConnectionValues],
  );
  if (values.api !== undefined) {
    if (Object.hasOwn(values.connections ?? {}, 'default'))
      report.problem(['api'], 'api and connections.default are both set', 'keep one of them', 'key');
    else written.push(['default', ['api'], values.api]);
  }
  if (written.length === 0) written.push(['default', ['connections', 'default'], connectionDefaults()]);
  // In parallel: a file that does not answer must not delay reading the others.
  const entries = written.map(
    async ([name, path, one]) => [name, await resolveConnection(name, path, one, context)] as const,
  );
  return new Map(await Promise.all(entries));
}

async function resolveConnection(
  name: string,
  path: Path,
  values: ConnectionValues,
  context: ResolveContext,
): Promise<ResolvedConnection> {
  const preset = PRESETS[values.provider];
  const key = await resolveKey(path, 'api_key', values, context);
  if (preset.workspaceRequired && values.workspace_id === null)
    context.report.problem(
      [...path, 'workspace_id'],
      `provider ${preset.provider} needs a workspace id`,
      'set workspace_id: wrkspc_…',
      'key',
    );
  const config: ConnectionConfig = {
    name,
    provider: values.provider,
    baseUrl: resolveBaseUrl(values.base_url, preset, [...path, 'base_url'], context),
    apiKey: key.secret,
    apiKeyExpires: values.expires ?? null,
    workspaceId: values.workspace_id,
    requestsPerMinute: values.requests_per_minute ?? preset.requestsPerMinute,
    maxConcurrentRequests: values.max_concurrent_requests,
    timeoutMs: values.timeout,
    maxResponseBytes: values.max_response_bytes,
    ca: values.ca_file === null ? null : await readCertificates([...path, 'ca_file'], values.ca_file, context),
  };
  return { config, preset, path, key };
}

function resolveBaseUrl(written: string | null, preset: ProviderPreset, at: Path, { report }: ResolveContext): string {
  const { provider, baseUrlTemplate, defaultBaseUrl, pathPrefix } = preset;
  const url = written ?? defaultBaseUrl;
  if (url === null) {
    report.problem(at, `provider ${provider} has no default address`, `set base_url: ${baseUrlTemplate}`, 'key');
    return '';
  }
  const { href, hostname } = new URL(url);
  if (defaultBaseUrl === null && href === new URL(baseUrlTemplate).href)
    report.problem(at, 'is the template, with nothing filled in', 'put in your own values');
  if (url.endsWith(pathPrefix) || url.includes(`${pathPrefix}/environments`))
    report.problem(
      at,
      `has ${pathPrefix} in it, which is added anyway`,
      `leave ${pathPrefix} out, and what follows it`,
    );
  if (/(?:^|\.)xn--/.test(hostname))
    report.notice(
      at,
      `the host is ${hostname}: it has letters that are not ASCII, and some look like others`,
      'check that this is the host that shall get the keys',
    );
  if (url.startsWith('http:') && !isLoopbackHost(hostname.replace(/^\[|\]$/g, '')))
    report.notice(at, 'keys travel unencrypted to this host', 'use https:// unless something on the way adds TLS');
  return url;
}

const CERTIFICATES_LIMIT = 4 * 1024 * 1024;

async function readCertificates(at: Path, written: string, context: ResolveContext): Promise<string | null> {
  const file = absolutePath(written, context);
  context.read.add(file);
  try {
    const bytes = await context.files.readFile(file, CERTIFICATES_LIMIT);
    const pem = Buffer.from(bytes).toString('latin1');
    if (bytes.length <= CERTIFICATES_LIMIT && pemCertificates(pem) !== null) return pem;
    context.report.problem(
      at,
      `file ${file} has no PEM certificate, or one that cannot be read`,
      'name a file with -----BEGIN CERTIFICATE-----',
    );
  } catch (error) {
    context.report.problem(at, `file ${file} ${fileFault(error)}`, fileRemedy(error));
  }
  return null;
}

/** The configured environments; one without a usable connection is reported and left out. */
export async function resolveEnvironments(
  connections: ResolvedConnections,
  context: ResolveContext,
): Promise<EnvironmentConfig[]> {
  const { values, report, tree } = context;
  const written = (tree.environments ?? []) as readonly Tree[];
  const shared = new Map([...connections].map(([name, { preset }]) => [name, settingsOf([tree], preset)]));
  const reads = values.environments.map(async (one, index) => {
    const path: Path = ['environments', index];
    const key = await resolveKey(path, 'environment_key', one, context);
    const connection = connections.get(one.connection);
    checkOrders(path, [tree, written[index]!], report);
    if (connection === undefined) {
      report.problem(
        [...path, 'connection'],
        `there is no connection ${quote(one.connection)}`,
        remedyForUnknown(one.connection, [...connections.keys()]),
      );
      return [];
    }
    const environment: EnvironmentConfig = {
      environment: {
        id: one.id,
        name: cutText(one.name ?? one.id),
        connection: one.connection,
        workspaceId: connection.config.workspaceId,
        source: 'config',
        labels: cutLabels(one.labels),
        // Thousands have none of their own.
        ...(hasSettings(written[index]!)
          ? settingsOf([tree, written[index]!], connection.preset)
          : shared.get(one.connection)!),
      },
      environmentKey: key.secret,
      environmentKeyExpires: one.expires ?? null,
    };
    return [{ path, key, connection, environment }];
  });
  const resolved = (await Promise.all(reads)).flat();
  checkCredentials(resolved, context);
  checkEnvironments(resolved, context);
  return resolved.map(({ environment }) => environment);
}

function cutLabels(labels: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(labels).map(([label, value]) => [label, cutText(value)]));
}

/** Checks `discovery` and reads the environment keys of its directory. */
export async function resolveDiscovery(
  connections: ResolvedConnections,
  context: ResolveContext,
): Promise<DiscoveryConfig> {
  const { report, tree } = context;
  const { discovery } = context.values;
  const able = [...connections.values()].filter(
    ({ config, preset, key }) =>
      preset.credentials.environments.length > 0 && (config.apiKey !== null || key.isInvalid),
  );
  if (discovery.enabled && able.length === 0) {
    const remedy = 'give one an api_key_file of a provider other than qoder, or name the environments';
    report.problem(['discovery', 'enabled'], 'no connection can list environments', remedy);
  }
  const directory =
    discovery.environment_keys_dir === null ? null : absolutePath(discovery.environment_keys_dir, context);
  const keys =
    directory !== null && discovery.enabled
      ? await readKeyDirectory(directory, context)
      : { environmentKeys: new Map(), unusableKeys: new Map() };
  return {
    enabled: discovery.enabled,
    intervalMs: discovery.interval,
    include: discovery.include,
    exclude: discovery.exclude,
    maxEnvironments: discovery.max_environments,
    environmentKeysDir: directory,
    ...keys,
    labels: cutLabels(discovery.labels),
    defaults: settingsOf([tree], able[0]?.preset ?? PRESETS.anthropic),
    defaultsByConnection: Object.fromEntries(
      [...connections].map(([name, { preset }]) => [name, settingsOf([tree], preset)]),
    ),
  };
}

/** The number of a pod of a StatefulSet, or of a host whose name is letters and a number; a pod of a Deployment has none. */
const ORDINAL = /(?:^[A-Za-z]*|[-_])(\d{1,6})$/;

/** The shard of this process; reports if it cannot be determined. */
export function resolveShard(
  { index, count }: WrittenShard,
  { report, hostName }: Pick<ResolveContext, 'report' | 'hostName'>,
): Shard {
  if (index !== 'auto') return { index, count };
  const ordinal = Number(ORDINAL.exec(hostName.split('.')[0]!)?.[1]);
  if (ordinal < count) return { index: ordinal, count };
  const what = `auto needs a host name that ends in a number from 0 to ${count - 1}, and this one is ${quote(hostName)}`;
  report.problem(['shard'], what, `write I/${count}, or run it as a StatefulSet of ${count} replicas`);
  return { index: 0, count };
}

/** What each of `count` shards gets of a fleet's configuration: its environments, and its part of every budget. */
export function partsOfFleet(whole: FleetConfig, count: number): readonly FleetConfig[] {
  if (count === 1) return [whole];
  const own = Map.groupBy(whole.environments, ({ environment }) => shardOf(environment.id, count));
  return Array.from({ length: count }, (_, index) => ({
    ...whole,
    environments: own.get(index) ?? [],
    connections: whole.connections.map((one) => ({
      ...one,
      requestsPerMinute: shardShare(one.requestsPerMinute, { index, count }),
    })),
  }));
}
