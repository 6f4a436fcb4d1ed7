import { createSecureContext, type SecureContextOptions } from 'node:tls';
import { z } from 'zod';
import { errorText } from '../base/errors.ts';
import type { FileReader } from '../base/files.ts';
import { pemCertificates } from '../base/network.ts';
import { hasKnownKey, looksLikeKey, Secret } from '../base/secret.ts';
import { CLIENT_AUTH_TYPES, NO_WEB_SECURITY, type TlsSettings } from '../domain/server-settings.ts';
import { absolutePath, readBytes, readYaml } from './files.ts';
import { mapOf, parseDuration } from './option-types.ts';
import { type Position, type Problem, Report, reportIssues } from './problem.ts';

/** The names of Go's `crypto/tls`, which the file uses, and OpenSSL's. */
const VERSIONS = { TLS10: 'TLSv1', TLS11: 'TLSv1.1', TLS12: 'TLSv1.2', TLS13: 'TLSv1.3' } as const;
const CURVES = { CurveP256: 'prime256v1', CurveP384: 'secp384r1', CurveP521: 'secp521r1', X25519: 'X25519' } as const;
/** '': a suite of TLS 1.3. These are always offered, in Go too; the list orders the older ones. */
const CIPHERS: Readonly<Record<string, string>> = {
  TLS_AES_128_GCM_SHA256: '',
  TLS_AES_256_GCM_SHA384: '',
  TLS_CHACHA20_POLY1305_SHA256: '',
  ...Object.fromEntries(
    ['ECDSA', 'RSA'].flatMap((kind) => [
      [`TLS_ECDHE_${kind}_WITH_AES_128_CBC_SHA`, `ECDHE-${kind}-AES128-SHA`],
      [`TLS_ECDHE_${kind}_WITH_AES_256_CBC_SHA`, `ECDHE-${kind}-AES256-SHA`],
      [`TLS_ECDHE_${kind}_WITH_AES_128_GCM_SHA256`, `ECDHE-${kind}-AES128-GCM-SHA256`],
      [`TLS_ECDHE_${kind}_WITH_AES_256_GCM_SHA384`, `ECDHE-${kind}-AES256-GCM-SHA384`],
      [`TLS_ECDHE_${kind}_WITH_CHACHA20_POLY1305_SHA256`, `ECDHE-${kind}-CHACHA20-POLY1305`],
    ]),
  ),
};

/** Go accepts a bare number or boolean where text is expected. */
const anyText = z.union([z.string(), z.number(), z.boolean()], 'text').transform(String);
const NO_KEY = 'something else: this seems to contain a key, which belongs in the file that key_file names';
const text = anyText.refine((value) => !looksLikeKey(value), NO_KEY);
/** A certificate looks random, and is public. */
const certificate = anyText.refine((value) => !hasKnownKey(value), NO_KEY);
/** YAML 1.1, which the parser of other exporters follows, has more words for booleans. */
const onOff = z.union([z.boolean(), z.stringbool({ truthy: ['yes', 'on'], falsy: ['no', 'off'] })], 'true or false');
const oneOf = <T extends string>(words: readonly T[]) =>
  z.enum(words, `one of ${words.filter((word) => word !== '').join(', ')}`);
const nameIn = <T extends string>(names: Readonly<Record<T, string>>) => oneOf(Object.keys(names) as T[]);
const listOf = <T extends z.ZodType>(item: T) => z.array(item, 'a list').nullish();
const map = <T extends z.core.$ZodLooseShape>(shape: T) => mapOf(shape, 'a map of keys').nullish();
/** Nothing that ends a header's value. */
const header = text.refine((value) => /^[\t\x20-\x7e\x80-\xff]*$/.test(value), 'one line of Latin letters and signs');

/** Each step doubles the time of a login: one more takes longer than the ten seconds that a scrape waits by default. */
const MOST_COST = 16;
const HASH = `a bcrypt hash (htpasswd -nBC 10 USER makes one) of a cost of ${MOST_COST} at most, since a scrape waits for the login`;
const hash = z.string(HASH).regex(/^\$2[aby]\$(?:0[4-9]|1[0-6])\$[./A-Za-z0-9]{53}$/, HASH);
const USERS = 'a map of user to bcrypt hash; a user has no colon, and is no key';
const user = z.string().refine((name) => !name.includes(':') && !looksLikeKey(name));

const DURATION = 'a duration such as 1s or 1m30s, or 0 for no limit';
const interval = z
  .union([z.string(), z.literal(0)], DURATION)
  .transform((written) => (Number(written) === 0 ? 0 : parseDuration(String(written))))
  .refine((ms) => ms !== null, DURATION);

/** The file of Prometheus's exporter-toolkit. A null counts as missing. */
const webFile = mapOf(
  {
    tls_server_config: map({
      cert: certificate.nullish(),
      key: anyText.nullish(),
      client_ca: certificate.nullish(),
      cert_file: text.nullish(),
      key_file: text.nullish(),
      client_ca_file: text.nullish(),
      // The first is the name that old files use for `RequireAnyClientCert`.
      client_auth_type: oneOf(['', 'RequireClientCert', ...CLIENT_AUTH_TYPES]).nullish(),
      client_allowed_sans: listOf(text),
      min_version: nameIn(VERSIONS).nullish(),
      max_version: nameIn(VERSIONS).nullish(),
      cipher_suites: listOf(nameIn(CIPHERS)),
      prefer_server_cipher_suites: onOff.nullish(),
      curve_preferences: listOf(nameIn(CURVES)),
    }),
    http_server_config: map({
      http2: onOff.nullish(),
      headers: map({
        'Content-Security-Policy': header.nullish(),
        'X-Frame-Options': oneOf(['deny', 'sameorigin']).nullish(),
        'X-Content-Type-Options': oneOf(['nosniff']).nullish(),
        'X-XSS-Protection': header.nullish(),
        'Strict-Transport-Security': header.nullish(),
      }),
    }),
    basic_auth_users: z.record(user, hash, USERS).nullish(),
    rate_limit: map({
      interval: interval.nullish(),
      burst: z.int('a whole number').min(0, 'a number that is not negative').nullish(),
    }),
  },
  'a map of keys',
);
const SEE_PAGE = 'docs/security.md#tls-and-logins shows a complete file';
type Tls = NonNullable<z.infer<typeof webFile>['tls_server_config']>;

export interface WebConfigDeps {
  readonly files: FileReader;
  /** Each path that is read is added here. */
  readonly read: Set<string>;
  /** Loads what checks passwords, which is native code and may not fit the machine. */
  readonly loadBcrypt?: () => Promise<unknown>;
  /** The position of the option that names the file, for a file that cannot be read. */
  readonly namedAt?: Position;
}

/** Reads the file, with the certificates that it names. Never throws for what a user wrote; with a problem, `security` must not be used. */
export async function loadWebConfig(file: string, deps: WebConfigDeps) {
  const { files, read, namedAt, loadBcrypt = () => import('bcrypt') } = deps;
  const result = (problems: readonly Problem[], security = NO_WEB_SECURITY) => ({ security, problems });
  read.add(file);
  const parsed = await readYaml(file, files, `file ${file}`, namedAt);
  if (!parsed.ok) return result(parsed.problems);
  const report = new Report(parsed.source);
  const { data: web, error } = webFile.safeParse(parsed.source.tree);
  reportIssues(error?.issues ?? [], (...problem) => report.problem(...problem), SEE_PAGE);
  if (web === undefined) return result(report.problems);
  const tls = await resolveTls(web.tls_server_config ?? {}, report, (name) => {
    const path = absolutePath(name, file);
    read.add(path);
    return readBytes(path, PEM_LIMIT, files);
  });
  const users = Object.entries(web.basic_auth_users ?? {}).map(([name, one]) => ({
    name,
    hash: new Secret(one, 'basic_auth_users'),
  }));
  // At the start, and not when the first user logs in.
  const fault = users.length === 0 ? null : await loadBcrypt().then(() => null, errorText);
  if (fault !== null) {
    const what = `needs the package bcrypt, which cannot be loaded: ${fault.split('\n')[0]}`;
    report.problem(['basic_auth_users'], what, 'install the exporter again, on this kind of machine', 'key');
  }
  const headers = Object.entries(web.http_server_config?.headers ?? {});
  const given = headers.flatMap(([name, value]) => (typeof value === 'string' ? [[name, value] as const] : []));
  const { interval: intervalMs, burst } = web.rate_limit ?? {};
  const rateLimit = intervalMs ? { intervalMs, burst: burst ?? 0 } : null;
  return result(report.problems, { tls, users, headers: Object.fromEntries(given), rateLimit });
}

/** Includes the certificates in the text. */
const PEM_LIMIT = 1024 * 1024;
const SECTION = 'tls_server_config';
const PEMS = ['cert', 'key', 'client_ca'] as const;

/** The TLS of a checked file, with its certificates read and verified; null when the file has none, or there is a problem. */
async function resolveTls(
  tls: Tls,
  report: Report,
  readFile: (path: string) => ReturnType<typeof readBytes>,
): Promise<TlsSettings | null> {
  const before = report.problems.length;
  const problem = (name: keyof Tls, what: string, remedy: string) => report.problem([SECTION, name], what, remedy);
  const nameOf = (name: (typeof PEMS)[number]) => (tls[name] ? name : (`${name}_file` as const));
  if (!PEMS.some((name) => tls[name] || tls[`${name}_file`]) && !tls.client_auth_type) return null;
  /** What is in `name` or the file of `name_file`; null: neither, or a problem. */
  const pem = async (name: (typeof PEMS)[number]): Promise<string | null> => {
    const [inline, path] = [tls[name], tls[`${name}_file`]];
    if (inline && path) problem(`${name}_file`, `${name} and ${name}_file are both set`, 'keep one of them');
    else if (inline) return inline;
    else if (path) {
      const bytes = await readFile(path);
      if (!('what' in bytes)) return Buffer.from(bytes).toString('utf8');
      problem(`${name}_file`, bytes.what, bytes.remedy);
    } else if (name !== 'client_ca')
      problem(`${name}_file`, `${name} or ${name}_file is missing`, `name the file of the ${name}`);
    return null;
  };
  const [cert, key, clientCa] = [await pem('cert'), await pem('key'), await pem('client_ca')];
  const type = tls.client_auth_type || 'NoClientCert';
  const clientAuth = type === 'RequireClientCert' ? 'RequireAnyClientCert' : type;
  const ofClients = tls.client_ca || tls.client_ca_file ? nameOf('client_ca') : 'client_allowed_sans';
  if (tls[ofClients] && clientAuth === 'NoClientCert')
    problem(ofClients, 'no client is asked for a certificate', 'set client_auth_type: RequireAndVerifyClientCert');
  const [min, max] = [tls.min_version ?? 'TLS12', tls.max_version ?? 'TLS13'];
  if (min > max) {
    const at = tls.min_version ? 'min_version' : 'max_version';
    problem(at, `min_version ${min} is above max_version ${max}`, 'swap them, or drop one');
  }
  if (report.problems.length > before || cert === null || key === null) return null;
  const versions = { minVersion: VERSIONS[min], maxVersion: VERSIONS[max] };
  const ciphers = (tls.cipher_suites ?? []).flatMap((name) => CIPHERS[name] || []);
  const curves = (tls.curve_preferences ?? []).map((name) => CURVES[name]);
  const offered = { ciphers: ciphers.join(':') || undefined, ecdhCurve: curves.join(':') || undefined, ...versions };
  // Before a client connects. Node takes an empty text for none, and every handshake would fail.
  const check = (isOk: boolean, name: keyof Tls, what: string) => {
    if (!isOk && report.problems.length === before) problem(name, what, SEE_PAGE);
  };
  check(pemCertificates(cert) !== null, nameOf('cert'), 'contains no PEM certificate');
  check(clientCa === null || pemCertificates(clientCa) !== null, nameOf('client_ca'), 'contains no PEM certificate');
  check(key !== '' && opensslTakes({ key }), nameOf('key'), 'contains no unencrypted PEM private key');
  check(opensslTakes({ cert, key }), nameOf('key'), 'is not the key of the certificate');
  check(opensslTakes(offered), 'cipher_suites', "cannot be used by this machine's OpenSSL");
  return {
    cert,
    key: new Secret(key, SECTION),
    clientCa,
    clientAuth,
    clientAllowedSans: tls.client_allowed_sans ?? null,
    ...versions,
    ciphers,
    preferServerCiphers: tls.prefer_server_cipher_suites ?? true,
    curves,
  };
}

/** Its messages quote no content, and are not passed on. */
function opensslTakes(options: SecureContextOptions): boolean {
  try {
    createSecureContext(options);
    return true;
  } catch {
    return false;
  }
}
