import { isLoopbackHost, pemCertificates } from '../base/network.ts';
import { cutText } from '../base/text.ts';
import { type Shard, shardOf, shardShare } from '../domain/shard.ts';
import { PRESETS } from '../wire/presets.ts';
import type { ConnectionConfig, DiscoveryConfig, EnvironmentConfig, FleetConfig } from './config.ts';
import { absolutePath, readBytes } from './files.ts';
import { type ResolveContext, readKeyDirectory, resolveKey } from './keys.ts';
import { type ConnectionValues, connectionSchema, type FileValues } from './options.ts';
import { type Path, quote, remedyForUnknown, type Tree } from './problem.ts';
import { hasSettings, settingsOf } from './settings.ts';

/** Where a connection is written. */
export function connectionPath(name: string, { api }: Pick<FileValues, 'api'>): Path {
  return name === 'default' && api !== undefined ? ['api'] : ['connections', name];
}

/** All connections; one named `default` without settings when the file has none. */
export async function resolveConnections(context: ResolveContext): Promise<ConnectionConfig[]> {
  const { connections = {}, api } = context.values;
  if (api !== undefined && Object.hasOwn(connections, 'default'))
    context.report.problem(['api'], 'api and connections.default are both set', 'keep one of them', 'key');
  const written = Object.entries({ ...connections, ...(api && { default: api }) });
  if (written.length === 0) written.push(['default', connectionSchema.parse({})]);
  // In parallel: a file that does not answer must not delay reading the others.
  return Promise.all(written.map(([name, one]) => resolveConnection(name, one, context)));
}

async function resolveConnection(
  name: string,
  values: ConnectionValues,
  context: ResolveContext,
): Promise<ConnectionConfig> {
  const path = connectionPath(name, context.values);
  const { workspaceRequired, requestsPerMinute } = PRESETS[values.provider];
  const apiKey = await resolveKey(path, 'api_key', values, context);
  if (workspaceRequired && values.workspace_id === null) {
    const what = `provider ${values.provider} needs a workspace id`;
    context.report.problem([...path, 'workspace_id'], what, 'set workspace_id: wrkspc_…', 'key');
  }
  return {
    name,
    provider: values.provider,
    baseUrl: resolveBaseUrl(values, [...path, 'base_url'], context),
    apiKey,
    apiKeyExpires: values.expires ?? null,
    workspaceId: values.workspace_id,
    requestsPerMinute: values.requests_per_minute ?? requestsPerMinute,
    maxConcurrentRequests: values.max_concurrent_requests,
    timeoutMs: values.timeout,
    maxResponseBytes: values.max_response_bytes,
    ca: values.ca_file === null ? null : await readCertificates([...path, 'ca_file'], values.ca_file, context),
  };
}

function resolveBaseUrl({ provider, base_url }: ConnectionValues, at: Path, { report }: ResolveContext): string {
  const { baseUrlTemplate, defaultBaseUrl, pathPrefix } = PRESETS[provider];
  const url = base_url ?? defaultBaseUrl;
  if (url === null) {
    report.problem(at, `provider ${provider} has no default address`, `set base_url: ${baseUrlTemplate}`, 'key');
    return '';
  }
  if (url.endsWith(pathPrefix) || url.includes(`${pathPrefix}/environments`)) {
    const remedy = `leave ${pathPrefix} out, and what follows it`;
    report.problem(at, `has ${pathPrefix} in it, which is added anyway`, remedy);
  }
  const { hostname } = new URL(url);
  if (/(?:^|\.)xn--/.test(hostname)) {
    const what = `the host is ${hostname}: it has letters that are not ASCII, and some look like others`;
    report.notice(at, what, 'check that this is the host that shall get the keys');
  }
  if (url.startsWith('http:') && !isLoopbackHost(hostname.replace(/^\[|\]$/g, '')))
    report.notice(at, 'keys travel unencrypted to this host', 'use https:// unless something on the way adds TLS');
  return url;
}

const CERTIFICATES_LIMIT = 4 * 1024 * 1024;

async function readCertificates(at: Path, written: string, context: ResolveContext): Promise<string | null> {
  const file = absolutePath(written, context.source.file);
  context.read.add(file);
  const bytes = await readBytes(file, CERTIFICATES_LIMIT, context.files);
  const pem = 'what' in bytes ? null : Buffer.from(bytes).toString('latin1');
  if (pem !== null && pemCertificates(pem) !== null) return pem;
  const what = `file ${file} has no PEM certificate, or one that cannot be read`;
  const fault = 'what' in bytes ? bytes : { what, remedy: 'name a file with -----BEGIN CERTIFICATE-----' };
  context.report.problem(at, fault.what, fault.remedy);
  return null;
}

/** The configured environments, in the order of the file; one without a connection is reported and left out. */
export async function resolveEnvironments(
  connections: readonly ConnectionConfig[],
  context: ResolveContext,
): Promise<EnvironmentConfig[]> {
  const { values, report, tree } = context;
  const written = (tree.environments ?? []) as readonly Tree[];
  const byName = new Map(connections.map((one) => [one.name, one]));
  const shared = new Map(connections.map(({ name, provider }) => [name, settingsOf([tree], PRESETS[provider])]));
  const all = values.environments.map(async (one, index): Promise<EnvironmentConfig[]> => {
    const path = ['environments', index];
    const environmentKey = await resolveKey(path, 'environment_key', one, context);
    const connection = byName.get(one.connection);
    if (connection === undefined) {
      const remedy = remedyForUnknown(one.connection, [...byName.keys()]);
      report.problem([...path, 'connection'], `there is no connection ${quote(one.connection)}`, remedy);
      return [];
    }
    const { provider } = connection;
    if (environmentKey !== null && !PRESETS[provider].environmentKeys) {
      const option = one.environment_key_file === undefined ? 'environment_key' : 'environment_key_file';
      const remedy = `remove it; api_key of connection ${one.connection} reads everything`;
      report.problem([...path, option], `provider ${provider} has no environment keys`, remedy, 'key');
    }
    const own = written[index]!;
    const environment: EnvironmentConfig['environment'] = {
      id: one.id,
      name: cutText(one.name ?? one.id),
      connection: one.connection,
      workspaceId: connection.workspaceId,
      source: 'config',
      labels: one.labels,
      // Thousands have none of their own.
      ...(hasSettings(own) ? settingsOf([tree, own], PRESETS[provider]) : shared.get(one.connection)!),
    };
    return [{ environment, environmentKey, environmentKeyExpires: one.expires ?? null }];
  });
  return (await Promise.all(all)).flat();
}

/** `discovery`, with the environment keys of its directory. */
export async function resolveDiscovery(
  connections: readonly ConnectionConfig[],
  context: ResolveContext,
): Promise<DiscoveryConfig> {
  const { values, tree, source } = context;
  const { enabled, interval, include, exclude, max_environments, environment_keys_dir, labels } = values.discovery;
  const directory = environment_keys_dir === null ? null : absolutePath(environment_keys_dir, source.file);
  const keys =
    directory !== null && enabled
      ? await readKeyDirectory(directory, context)
      : { environmentKeys: new Map(), unusableKeys: new Map() };
  return {
    enabled,
    intervalMs: interval,
    include,
    exclude,
    maxEnvironments: max_environments,
    environmentKeysDir: directory,
    ...keys,
    labels,
    defaultsByConnection: Object.fromEntries(
      connections.map(({ name, provider }) => [name, settingsOf([tree], PRESETS[provider])]),
    ),
  };
}

/** The number of a pod of a StatefulSet, or of a host whose name is letters and a number; a pod of a Deployment has none. */
const ORDINAL = /(?:^[A-Za-z]*|[-_])(\d{1,6})$/;

/** The shard of this process; reports if it cannot be determined. */
export function resolveShard({ values, report, hostName }: ResolveContext): Shard {
  const { index, count } = values.shard;
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
