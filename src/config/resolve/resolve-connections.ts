import { fileFault, fileRemedy } from '../../base/files.ts';
import { isLoopbackHost } from '../../base/is-loopback-host.ts';
import { pemCertificates } from '../../base/pem-certificates.ts';
import { PRESETS, type ProviderPreset } from '../../wire/presets.ts';
import type { ConnectionConfig } from '../config.ts';
import { complete, type Path } from '../file/option-tree.ts';
import { clientPathPattern, WEBSITE_PATTERN } from '../options/base-url-patterns.ts';
import { connectionOptions } from '../options/connection-options.ts';
import type { Values } from '../options/option.ts';
import { absolutePath, type ResolveContext } from './resolve-context.ts';
import { checkExpiry, resolveKey } from './resolve-key.ts';

const CERTIFICATES_LIMIT = 4 * 1024 * 1024;

export interface ResolvedConnection {
  readonly config: ConnectionConfig;
  readonly preset: ProviderPreset;
  readonly path: Path;
  /** An API key was configured and is invalid. */
  readonly isApiKeyInvalid: boolean;
}

type ConnectionValues = Values<typeof connectionOptions>;

/** All connections by name; one named `default` without settings when the file has none. */
export async function resolveConnections(context: ResolveContext): Promise<Map<string, ResolvedConnection>> {
  const { values, report } = context;
  const written = new Map<string, { readonly path: Path; readonly values: ConnectionValues }>();
  for (const [name, connection] of Object.entries(values.connections ?? {})) {
    written.set(name, { path: ['connections', name], values: connection });
  }
  if (values.api !== undefined) {
    if (written.has('default'))
      report.problem(['api'], 'api and connections.default are both set', 'keep one of them', 'key');
    else written.set('default', { path: ['api'], values: values.api });
  }
  if (written.size === 0 && !report.isInvalid(['connections']) && !report.isInvalid(['api'])) {
    written.set('default', { path: ['connections', 'default'], values: {} });
  }
  // In parallel: a file that does not answer must not delay reading the others.
  const entries = [...written].map(async ([name, entry]) => {
    return [name, await resolveConnection(name, entry, context)] as const;
  });
  return new Map(await Promise.all(entries));
}

async function resolveConnection(
  name: string,
  entry: { readonly path: Path; readonly values: ConnectionValues },
  context: ResolveContext,
): Promise<ResolvedConnection> {
  const { path, values } = entry;
  const { report } = context;
  const all = complete(connectionOptions, [values]);
  const preset = PRESETS[all.provider];
  const apiKey = await resolveKey(
    path,
    { kind: 'api_key', inline: values.api_key, file: values.api_key_file },
    context,
  );
  checkExpiry(path, { expires: values.expires, kind: 'api_key', key: apiKey }, context);
  if (preset.workspaceRequired && all.workspace_id === null) {
    report.problem(
      [...path, 'workspace_id'],
      `provider ${preset.provider} needs a workspace id`,
      'set workspace_id: wrkspc_…',
      'key',
    );
  }
  const config: ConnectionConfig = {
    name,
    provider: all.provider,
    baseUrl: resolveBaseUrl(all.base_url, preset, { path, report }),
    apiKey: apiKey.secret,
    apiKeyExpires: values.expires ?? null,
    workspaceId: all.workspace_id,
    requestsPerMinute: all.requests_per_minute,
    maxConcurrentRequests: all.max_concurrent_requests,
    timeoutMs: all.timeout,
    maxResponseBytes: all.max_response_bytes,
    ca: all.ca_file === null ? null : await readCertificates([...path, 'ca_file'], all.ca_file, context),
  };
  return { config, preset, path, isApiKeyInvalid: apiKey.isInvalid };
}

function resolveBaseUrl(
  written: string | null,
  preset: ProviderPreset,
  { path, report }: { readonly path: Path; readonly report: ResolveContext['report'] },
): string {
  const at = [...path, 'base_url'];
  const url = written ?? preset.defaultBaseUrl;
  if (url === null) {
    if (report.isInvalid([...path, 'provider'])) return '';
    report.problem(
      at,
      `provider ${preset.provider} has no default address`,
      `set base_url: ${preset.baseUrlTemplate}`,
      'key',
    );
    return '';
  }
  if (url === new URL(preset.baseUrlTemplate).href.replace(/\/+$/, '') && preset.defaultBaseUrl === null) {
    report.problem(at, 'is the template, with nothing filled in', 'put in your own values');
  } else if (url.endsWith(preset.pathPrefix)) {
    report.problem(at, `ends in ${preset.pathPrefix}, which is added anyway`, `leave ${preset.pathPrefix} out`);
  } else if (new RegExp(clientPathPattern(preset)).test(url)) {
    report.problem(at, 'is the address of a single request', `leave ${preset.pathPrefix} out, and what follows it`);
  } else if (new RegExp(WEBSITE_PATTERN).test(url)) {
    report.problem(at, 'is a website for people, and not the API', `for example ${preset.baseUrlTemplate}`);
  }
  const { hostname } = new URL(url);
  if (/(?:^|\.)xn--/.test(hostname)) {
    report.notice(
      at,
      `the host is ${hostname}: it has letters that are not ASCII, and some look like others`,
      'check that this is the host that shall get the keys',
    );
  }
  if (url.startsWith('http:') && !isLoopbackHost(hostname.replace(/^\[|\]$/g, ''))) {
    report.notice(at, 'keys travel unencrypted to this host', 'use https:// unless something on the way adds TLS');
  }
  return url;
}

async function readCertificates(path: Path, written: string, context: ResolveContext): Promise<string | null> {
  const file = absolutePath(written, context);
  context.read.add(file);
  try {
    const bytes = await context.files.readFile(file, CERTIFICATES_LIMIT);
    const pem = Buffer.from(bytes).toString('latin1');
    if (bytes.length > CERTIFICATES_LIMIT || !pem.includes('-----BEGIN CERTIFICATE-----')) {
      const remedy = 'name a file with -----BEGIN CERTIFICATE-----';
      context.report.problem(path, `file ${file} contains no PEM certificate`, remedy);
    } else if (pemCertificates(pem) === null) {
      const remedy = 'copy it again, or remove it';
      context.report.problem(path, `file ${file} has a certificate that cannot be read`, remedy);
    } else return pem;
  } catch (error) {
    context.report.problem(path, `file ${file} ${fileFault(error)}`, fileRemedy(error));
  }
  return null;
}
