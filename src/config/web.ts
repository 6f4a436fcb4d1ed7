import { dirname, resolve } from 'node:path';
import { createSecureContext, type SecureContextOptions } from 'node:tls';
import { z } from 'zod';
import { errorText } from '../base/errors.ts';
import { type FileReader, fileFault, fileRemedy } from '../base/files.ts';
import { hasKnownKey, looksLikeKey } from '../base/key-shape.ts';
import { Secret } from '../base/secret.ts';
import {
  CLIENT_AUTH_TYPES,
  type ClientAuthType,
  NO_WEB_SECURITY,
  type TlsSettings,
  type TlsVersion,
  type WebSecurity,
} from '../domain/server-settings.ts';
import { childOf, keysOf, type Path, type Schema, schemaOf } from './option-tree.ts';
import { type Position, type Problem, quote, Report, remedyForUnknown, wholeFile } from './problem.ts';
import { parseYaml, readText } from './yaml.ts';

/** The names of Go's `crypto/tls`, which the file uses, and OpenSSL's. */
const VERSIONS: Readonly<Record<string, TlsVersion>> = {
  TLS10: 'TLSv1',
  TLS11: 'TLSv1.1',
  TLS12: 'TLSv1.2',
  TLS13: 'TLSv1.3',
};
const CURVES: Readonly<Record<string, string>> = {
  CurveP256: 'prime256v1',
  CurveP384: 'secp384r1',
  CurveP521: 'secp521r1',
  X25519: 'X25519',
};
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
const path = text.refine((value) => !/\p{Cc}/u.test(value), 'the path of a file');
/** YAML 1.1, which the parser of other exporters follows, has more words for booleans. */
const onOff = z.union(
  [
    z.boolean(),
    z
      .string()
      .regex(/^(?:yes|on|no|off)$/i)
      .transform((word) => /^(?:yes|on)$/i.test(word)),
  ],
  'true or false',
);
const oneOf = (words: readonly string[]) =>
  z.enum(words as [string, ...string[]], `one of ${words.filter((word) => word !== '').join(', ')}`);
const namesOf = (names: object) => oneOf(Object.keys(names));
const listOf = <T extends z.ZodType>(item: T) => z.array(item, 'a list').nullish();
const map = <T extends z.core.$ZodLooseShape>(shape: T) => z.strictObject(shape, 'a map of keys').nullish();
/** Nothing that ends a header's value. */
const header = text.refine((value) => /^[\t\x20-\x7e\x80-\xff]*$/.test(value), 'one line of Latin letters and signs');

/** Each step doubles the time of a login: one more takes longer than the ten seconds that a scrape waits by default. */
const MOST_COST = 16;
const HASH = `a bcrypt hash (htpasswd -nBC 10 USER makes one) of a cost of ${MOST_COST} at most, since a scrape waits for the login`;
const hash = z.string(HASH).regex(/^\$2[aby]\$(?:0[4-9]|1[0-6])\$[./A-Za-z0-9]{53}$/, HASH);

const DURATION = 'a duration such as 1s or 100ms, or 0 for no limit';

/** The file of Prometheus's exporter-toolkit. A null counts as missing. */
const webFile = z.strictObject({
  tls_server_config: map({
    cert: certificate.nullish(),
    key: anyText.nullish(),
    client_ca: certificate.nullish(),
    cert_file: path.nullish(),
    key_file: path.nullish(),
    client_ca_file: path.nullish(),
    // The first is the name that old files use for `RequireAnyClientCert`.
    client_auth_type: oneOf(['', 'RequireClientCert', ...CLIENT_AUTH_TYPES]).nullish(),
    client_allowed_sans: listOf(text),
    min_version: namesOf(VERSIONS).nullish(),
    max_version: namesOf(VERSIONS).nullish(),
    cipher_suites: listOf(namesOf(CIPHERS)),
    prefer_server_cipher_suites: onOff.nullish(),
    curve_preferences: listOf(namesOf(CURVES)),
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
  basic_auth_users: z
    .record(
      z
        .string()
        .regex(/^[^:]*$/)
        .refine((user) => !looksLikeKey(user)),
      hash,
      'a map of user to bcrypt hash; a user has no colon, and is no key',
    )
    .nullish(),
  rate_limit: map({
    interval: z
      .union([z.string(), z.number()], DURATION)
      .transform((written) => parseGoDuration(written) ?? Number.NaN)
      .refine((ms) => !Number.isNaN(ms), DURATION)
      .nullish(),
    burst: z.int('a whole number').min(0, 'a number that is not negative').nullish(),
  }),
});
type WebFile = z.infer<typeof webFile>;
type Tls = NonNullable<WebFile['tls_server_config']>;

const GO_MS: Readonly<Record<string, number>> = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3,
  μs: 1e-3,
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
};
const GO_PART = '(\\d+\\.?\\d*|\\.\\d+)(ns|us|µs|μs|ms|s|m|h)';

/** Milliseconds of a duration in Go's notation: `1.5h`, `1m30s`, `0`; a bare number counts nanoseconds. Null: not one. */
export function parseGoDuration(written: string | number): number | null {
  if (typeof written === 'number') return Number.isSafeInteger(written) && written >= 0 ? written / 1e6 : null;
  if (/^\+?0$/.test(written)) return 0;
  if (written.length > 64 || !new RegExp(`^\\+?(?:${GO_PART})+$`).test(written)) return null;
  const parts = [...written.matchAll(new RegExp(GO_PART, 'g'))];
  return parts.reduce((sum, [, amount, unit]) => sum + Number(amount) * GO_MS[unit!]!, 0);
}

export interface WebConfigResult {
  readonly security: WebSecurity;
  readonly problems: readonly Problem[];
  readonly notices: readonly Problem[];
}

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
export async function loadWebConfig(
  file: string,
  { files, read, namedAt, loadBcrypt = () => import('bcrypt') }: WebConfigDeps,
): Promise<WebConfigResult> {
  const failed = (...problems: Problem[]): WebConfigResult => ({ security: NO_WEB_SECURITY, problems, notices: [] });
  read.add(file);
  const content = await readText(file, files);
  if (!content.ok) {
    const at = content.unread && namedAt !== undefined ? namedAt : wholeFile(file);
    return failed({ ...at, what: content.what, remedy: content.remedy });
  }
  // A file without a key configures nothing and is not an error.
  if (content.text.split('\n').every((line) => /^\ufeff?\s*(?:#.*|---\s*(?:#.*)?)?$/.test(line)))
    return { ...failed(), problems: [] };
  const parsed = parseYaml(file, content.text);
  if (!parsed.ok) return failed(...parsed.problems);
  const report = new Report(parsed.source);
  const web = checked(parsed.source.tree, report);
  if (web === null) return failed(...report.problems);
  const tls = await resolveTls(web, report, (name) => {
    const absolute = resolve(dirname(file), name);
    read.add(absolute);
    return files.readFile(absolute, LIMIT);
  });
  const users = Object.entries(web.basic_auth_users ?? {}).map(([name, one]) => ({
    name,
    hash: new Secret(one, 'basic_auth_users'),
  }));
  // At the start, and not when the first user logs in.
  const fault = users.length === 0 ? null : await loadBcrypt().then(() => null, errorText);
  if (fault !== null)
    report.problem(
      ['basic_auth_users'],
      `needs the package bcrypt, which cannot be loaded: ${fault.split('\n')[0]}`,
      'install the exporter again, on this kind of machine',
      'key',
    );
  if (report.problems.length > 0) return failed(...report.problems);
  if (tls !== null && web.http_server_config?.http2 !== false)
    report.notice(['http_server_config', 'http2'], 'HTTP/2 is not supported and stays off', 'clients use HTTP/1.1');
  const headers = Object.entries(web.http_server_config?.headers ?? {}).filter(
    (entry): entry is [string, string] => typeof entry[1] === 'string',
  );
  const { interval, burst } = web.rate_limit ?? {};
  const rateLimit = interval ? { intervalMs: interval, burst: burst ?? 0 } : null;
  return {
    security: { tls, users, headers: Object.fromEntries(headers), rateLimit },
    problems: [],
    notices: report.notices,
  };
}

/** The checked values; null when the report has a problem. */
function checked(tree: unknown, report: Report): WebFile | null {
  const result = webFile.safeParse(tree);
  for (const issue of result.error?.issues ?? []) {
    const at = issue.path as Path;
    if (issue.code === 'unrecognized_keys') {
      const known = keysOf(at.reduce(childOf, schemaOf(webFile) as Schema | null));
      for (const key of issue.keys)
        report.problem([...at, key], `unknown key ${quote(key)}`, remedyForUnknown(key, known), 'key');
    } else report.problem(at, `must be ${issue.message}`, 'docs/security.md#tls-and-logins shows a complete file');
  }
  return report.problems.length === 0 && result.success ? result.data : null;
}

/** Includes the certificates in the text. */
const LIMIT = 1024 * 1024;
const SECTION = 'tls_server_config';
const isGiven = (value: string | null | undefined): value is string => typeof value === 'string' && value !== '';

/** The TLS of a checked file, with its certificates read and verified; null when the file has none, or there is a problem. */
async function resolveTls(
  { tls_server_config }: WebFile,
  report: Report,
  readFile: (path: string) => Promise<Uint8Array> | Uint8Array,
): Promise<TlsSettings | null> {
  const tls = tls_server_config ?? {};
  const before = report.problems.length;
  const problem = (name: keyof Tls, what: string, remedy: string) => report.problem([SECTION, name], what, remedy);
  const names = ['cert', 'key', 'client_ca'] as const;
  if (![...names.flatMap((name) => [tls[name], tls[`${name}_file`]]), tls.client_auth_type].some(isGiven)) return null;
  const named = (name: (typeof names)[number]): keyof Tls => (isGiven(tls[name]) ? name : `${name}_file`);
  /** PEM from `name` or the file of `name_file`; null: neither, or a problem. */
  const pem = async (name: (typeof names)[number]): Promise<string | null> => {
    const [inline, path] = [tls[name], tls[`${name}_file`]];
    if (isGiven(inline) && isGiven(path))
      problem(`${name}_file`, `${name} and ${name}_file are both set`, 'keep one of them');
    else if (isGiven(inline)) return inline;
    else if (isGiven(path)) {
      try {
        const bytes = await readFile(path);
        if (bytes.length <= LIMIT) return Buffer.from(bytes).toString('utf8');
        problem(`${name}_file`, `file ${path} is longer than 1 MiB`, 'name another file');
      } catch (error) {
        problem(`${name}_file`, `file ${path} ${fileFault(error)}`, fileRemedy(error));
      }
    } else if (name !== 'client_ca')
      problem(
        name in tls ? name : `${name}_file`,
        `${name} or ${name}_file is missing`,
        `name the file of the ${name}`,
      );
    return null;
  };
  const [cert, key, clientCa] = [await pem('cert'), await pem('key'), await pem('client_ca')];
  const clientAuth = (tls.client_auth_type || 'NoClientCert').replace(
    'RequireClientCert',
    'RequireAnyClientCert',
  ) as ClientAuthType;
  const ask = 'set client_auth_type: RequireAndVerifyClientCert';
  if ((isGiven(tls.client_ca) || isGiven(tls.client_ca_file)) && clientAuth === 'NoClientCert')
    problem(named('client_ca'), 'there is a client CA, but no client is asked for a certificate', ask);
  if (tls.client_allowed_sans && clientAuth === 'NoClientCert')
    report.notice([SECTION, 'client_allowed_sans'], 'has no effect: no client is asked for a certificate', ask);
  const [min, max] = [tls.min_version ?? 'TLS12', tls.max_version ?? 'TLS13'];
  if (min > max)
    problem(
      tls.min_version ? 'min_version' : 'max_version',
      `min_version ${min} is above max_version ${max}`,
      'swap them, or drop one',
    );
  if (report.problems.length > before || cert === null || key === null) return null;
  const ciphers = (tls.cipher_suites ?? []).flatMap((name) => CIPHERS[name] || []);
  const curves = (tls.curve_preferences ?? []).map((name) => CURVES[name]!);
  const versions = { minVersion: VERSIONS[min]!, maxVersion: VERSIONS[max]! };
  const offered = {
    ...versions,
    ...(ciphers.length > 0 && { ciphers: ciphers.join(':') }),
    ...(curves.length > 0 && { ecdhCurve: curves.join(':') }),
  };
  // OpenSSL checks before a client connects. Its messages quote no content. Node treats an empty text as no certificate, and every
  // handshake would fail: the file is just being written.
  const isCertificate = (one: string) => one.includes('-----BEGIN CERTIFICATE-----');
  const steps: readonly (readonly [ok: boolean, SecureContextOptions, keyof Tls, what: string, remedy: string])[] = [
    [isCertificate(cert), { cert }, named('cert'), 'contains no PEM certificate', 'name the certificate of the server'],
    [
      clientCa === null || isCertificate(clientCa),
      { ca: clientCa ?? undefined },
      named('client_ca'),
      'contains no PEM certificate',
      'name the CA that signs the certificates of clients',
    ],
    [key !== '', { key }, named('key'), 'contains no unencrypted PEM private key', 'name the key of the certificate'],
    [true, { cert, key }, named('key'), 'is not the key of the certificate', 'name the key that it was made with'],
    [true, offered, 'cipher_suites', "cannot be used by this machine's OpenSSL", 'leave some of them out'],
  ];
  const wrong = steps.find(([isOk, options]) => !isOk || !opensslTakes(options));
  if (wrong !== undefined) problem(wrong[2], wrong[3], wrong[4]);
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

function opensslTakes(options: SecureContextOptions): boolean {
  try {
    createSecureContext(options);
    return true;
  } catch {
    return false;
  }
}
