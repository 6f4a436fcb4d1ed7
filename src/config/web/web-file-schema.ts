import { z } from 'zod';
import { CLIENT_AUTH_TYPES } from '../../domain/server-settings.ts';
import { CIPHER_SUITES, CURVES, TLS_VERSIONS } from './tls-names.ts';

const listOf = (words: readonly string[]) => words.join(', ');

/** Go accepts a bare number or boolean where text is expected. */
const text = z.union([z.string(), z.number(), z.boolean()], { error: 'must be text' }).transform(String);

/** YAML 1.1, which the parser of other exporters follows, has more words for booleans. */
const onOff = z.union(
  [
    z.boolean(),
    z.enum(['yes', 'Yes', 'YES', 'on', 'On', 'ON']).transform(() => true),
    z.enum(['no', 'No', 'NO', 'off', 'Off', 'OFF']).transform(() => false),
  ],
  { error: 'must be true or false' },
);

const oneOf = (words: readonly string[]) =>
  z.enum(words as [string, ...string[]], { error: `must be one of ${listOf(words.filter((word) => word !== ''))}` });

/** Includes the name that old files use. */
const AUTH_TYPES = ['', 'RequireClientCert', ...CLIENT_AUTH_TYPES];

/** A bcrypt hash: kind, cost, salt and hash. */
const BCRYPT = /^\$2[aby]\$(?:0[4-9]|[12]\d|3[01])\$[./A-Za-z0-9]{53}$/;
/** Each step doubles the time of a login: one more takes longer than the ten seconds that a scrape waits by default. */
const MOST_COST = 16;

/** A header's value may not contain anything that ends it. */
const headerValue = text.refine((value) => /^[\t\x20-\x7e\x80-\xff]*$/.test(value), {
  error: 'must be one line of Latin letters and signs',
});
const fixed = (words: readonly string[]) =>
  z.enum(words as [string, ...string[]], { error: `must be ${words.join(' or ')}` });

const list = <T extends z.ZodType>(item: T) => z.array(item, { error: 'must be a list' }).nullish();

const path = text.refine((value) => !/[\p{Cc}]/u.test(value), { error: 'must be the path of a file' });

const tls = z.strictObject({
  cert: text.nullish(),
  key: text.nullish(),
  client_ca: text.nullish(),
  cert_file: path.nullish(),
  key_file: path.nullish(),
  client_auth_type: oneOf(AUTH_TYPES).nullish(),
  client_ca_file: path.nullish(),
  client_allowed_sans: list(text),
  min_version: oneOf(Object.keys(TLS_VERSIONS)).nullish(),
  max_version: oneOf(Object.keys(TLS_VERSIONS)).nullish(),
  cipher_suites: list(oneOf(Object.keys(CIPHER_SUITES))),
  prefer_server_cipher_suites: onOff.nullish(),
  curve_preferences: list(oneOf(Object.keys(CURVES))),
});

const headers = z.strictObject({
  'Content-Security-Policy': headerValue.nullish(),
  'X-Frame-Options': fixed(['deny', 'sameorigin']).nullish(),
  'X-Content-Type-Options': fixed(['nosniff']).nullish(),
  'X-XSS-Protection': headerValue.nullish(),
  'Strict-Transport-Security': headerValue.nullish(),
});

const http = z.strictObject({ http2: onOff.nullish(), headers: headers.nullish() });

const rateLimit = z.strictObject({
  interval: z
    .union([z.string(), z.number()])
    .transform((written) => parseGoDuration(written) ?? Number.NaN)
    .refine((ms) => !Number.isNaN(ms), { error: 'must be a duration such as 1s or 100ms, or 0 for no limit' })
    .nullish(),
  burst: z.int({ error: 'must be a whole number' }).min(0, { error: 'must not be negative' }).nullish(),
});

const hash = z
  .string({ error: 'must be a bcrypt hash' })
  .regex(BCRYPT, { error: 'must be a bcrypt hash', abort: true })
  .refine((written) => Number(written.slice(4, 6)) <= MOST_COST, {
    error: `must have a cost of ${MOST_COST} at most: with more, a login takes longer than a scrape waits`,
  });

const users = z.record(z.string(), hash, { error: 'must be a map of user to bcrypt hash' }).check((context) => {
  for (const name of Object.keys(context.value).filter((one) => one.includes(':'))) {
    const message = 'must have a name without a colon: the name in a login ends at the first one';
    context.issues.push({ code: 'custom', message, path: [name], input: undefined });
  }
});

/** The file of Prometheus's exporter-toolkit. A null counts as missing. */
export const webFileSchema = z.strictObject({
  tls_server_config: tls.nullish(),
  http_server_config: http.nullish(),
  basic_auth_users: users.nullish(),
  rate_limit: rateLimit.nullish(),
});

export type WebFile = z.infer<typeof webFileSchema>;

/** The keys that are allowed under a path of the file. */
export function knownWebKeys(path: readonly (string | number)[]): readonly string[] {
  if (path.length === 0) return Object.keys(webFileSchema.shape);
  const schemas: Readonly<Record<string, z.ZodObject>> = {
    tls_server_config: tls,
    http_server_config: http,
    'http_server_config.headers': headers,
    rate_limit: rateLimit,
  };
  return Object.keys(schemas[path.join('.')]?.shape ?? {});
}

const MS: Readonly<Record<string, number>> = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3,
  μs: 1e-3,
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
};
const PART = '(\\d+\\.?\\d*|\\.\\d+)(ns|us|µs|μs|ms|s|m|h)';
const WHOLE = new RegExp(`^\\+?(?:${PART})+$`);

/**
 * Milliseconds of a duration in Go's notation: `1.5h`, `1m30s`, `0`; a bare number counts nanoseconds. Null: not one.
 */
export function parseGoDuration(written: string | number): number | null {
  if (typeof written === 'number') return Number.isSafeInteger(written) && written >= 0 ? written * MS.ns! : null;
  if (/^\+?0$/.test(written)) return 0;
  if (written.length > 64 || !WHOLE.test(written)) return null;
  let total = 0;
  for (const [, amount, unit] of written.matchAll(new RegExp(PART, 'g'))) total += Number(amount) * MS[unit!]!;
  return Number.isFinite(total) ? total : null;
}
