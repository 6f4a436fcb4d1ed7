import { Secret } from '../../base/secret.ts';
import type { TlsSettings } from '../../domain/server-settings.ts';
import type { Report } from '../file/report.ts';
import { checkCertificates, checkCombinations, clientAuthOf, isGiven, SECTION, type Tls } from './check-tls.ts';
import type { TextResult } from './read-text.ts';
import { CIPHER_SUITES, CURVES, TLS_VERSIONS } from './tls-names.ts';
import type { WebFile } from './web-file-schema.ts';

interface TlsContext {
  readonly report: Report;
  readonly readFile: (path: string) => Promise<TextResult>;
}

/**
 * The TLS of a checked file, with its certificates read and verified; null when the file has none, or there is a
 * problem.
 */
export async function resolveTls(file: WebFile, context: TlsContext): Promise<TlsSettings | null> {
  const tls = file.tls_server_config ?? {};
  const { report } = context;
  const asks = [tls.cert, tls.cert_file, tls.key, tls.key_file, tls.client_ca, tls.client_ca_file];
  if (!asks.some(isGiven) && !isGiven(tls.client_auth_type)) return null;
  const cert = await pem('cert', tls, context);
  const key = await pem('key', tls, context);
  const clientCa = await pem('client_ca', tls, context);
  for (const [name, text] of [
    ['cert', cert],
    ['key', key],
  ] as const) {
    if (text === null && !report.isInvalid([SECTION, `${name}_file`])) {
      report.problem(
        [SECTION, name in tls ? name : `${name}_file`],
        `${name} or ${name}_file is missing`,
        `name the file of the ${name}`,
      );
    }
  }
  checkCombinations(file, tls, report);
  if (report.problems.length > 0 || cert === null || key === null) return null;
  const settings: TlsSettings = {
    cert,
    key: new Secret(key, SECTION),
    clientCa,
    clientAuth: clientAuthOf(tls),
    clientAllowedSans: tls.client_allowed_sans ?? null,
    minVersion: TLS_VERSIONS[tls.min_version ?? 'TLS12']!,
    maxVersion: TLS_VERSIONS[tls.max_version ?? 'TLS13']!,
    ciphers: (tls.cipher_suites ?? []).flatMap((name) => CIPHER_SUITES[name] ?? []),
    preferServerCiphers: tls.prefer_server_cipher_suites ?? true,
    curves: (tls.curve_preferences ?? []).map((name) => CURVES[name]!),
  };
  checkCertificates(settings, tls, report);
  return settings;
}

/** PEM from `name` or the file of `name_file`; null: neither, or a problem. */
async function pem(name: 'cert' | 'key' | 'client_ca', tls: Tls, { report, readFile }: TlsContext) {
  const inline = tls[name];
  const path = tls[`${name}_file`];
  const at = [SECTION, `${name}_file`];
  if (isGiven(inline) && isGiven(path)) {
    report.invalidate(at, `${name} and ${name}_file are both set`, 'keep one of them');
    return null;
  }
  if (!isGiven(path)) return isGiven(inline) ? inline : null;
  const result = await readFile(path);
  if (result.ok) return result.text;
  report.invalidate(at, result.fault.what, result.fault.remedy);
  return null;
}
