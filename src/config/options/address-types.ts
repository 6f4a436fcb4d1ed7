import { z } from 'zod';
import type { EpochMs } from '../../base/clock.ts';
import { parseTimestamp } from '../../wire/read.ts';
import type { OptionType } from './option.ts';

/** Days that there are: also in the schema that editors and the chart hold a file to, which know no other check. */
const DAY = [
  String.raw`\d{4}-(?:0[13578]|1[02])-(?:0[1-9]|[12]\d|3[01])`,
  String.raw`\d{4}-(?:0[469]|11)-(?:0[1-9]|[12]\d|30)`,
  String.raw`\d{4}-02-(?:0[1-9]|1\d|2[0-8])`,
  String.raw`(?:\d{2}(?:0[48]|[2468][048]|[13579][26])|(?:[02468][048]|[13579][26])00)-02-29`,
].join('|');
const HOUR_MINUTE = String.raw`(?:[01]\d|2[0-3]):[0-5]\d`;
const TIME = String.raw`T${HOUR_MINUTE}:[0-5]\d(?:\.\d{1,9})?(?:Z|[+-]${HOUR_MINUTE})`;
const DATE = new RegExp(`^(?:${DAY})(?:${TIME})?$`);

/** A date means its first moment in UTC: early rather than late. */
export const date: OptionType<EpochMs> = {
  schema: z
    .string()
    .regex(DATE)
    .transform((written) => parseTimestamp(written.includes('T') ? written : `${written}T00:00:00Z`) ?? Number.NaN),
  expects: 'a date or an RFC 3339 time',
  example: '2027-05-01',
  name: 'date',
  scalar: 'text',
};

export interface HostPort {
  readonly host: string;
  readonly port: number;
}

/** 0 to 65535; zeros in front are taken. */
const PORT = '[0-5]?[0-9]{1,4}|6[0-4][0-9]{3}|65[0-4][0-9]{2}|655[0-2][0-9]|6553[0-5]';
const LISTEN = new RegExp(String.raw`^(?:\[([0-9A-Fa-f:.]+)\]|([A-Za-z0-9._-]*)):(${PORT})$`);

/** `HOST:PORT`, `[IPV6]:PORT` or `:PORT`, which is every IPv4 address; null: none of these, or a port over 65535. */
export function parseListen(written: string): HostPort | null {
  const match = LISTEN.exec(written);
  if (match === null) return null;
  return { host: match[1] ?? (match[2] || '0.0.0.0'), port: Number(match[3]) };
}

const NO_ADDRESS = 'has a host of numbers that is no IPv4 address: write four of them, each from 0 to 255';

/** Whether a host of digits and dots stands for no IPv4 address; all other hosts may be names. */
export function isNoAddress(host: string): boolean {
  return /^[\d.]+$/.test(host) && !URL.canParse(`http://${host}`);
}

export const listen: OptionType<HostPort> = {
  schema: z
    .string()
    .regex(LISTEN)
    .check((context) => {
      const host = parseListen(context.value)?.host ?? '';
      if (isNoAddress(host)) context.issues.push({ code: 'custom', message: NO_ADDRESS, input: undefined });
    })
    .transform((written) => parseListen(written) ?? { host: '', port: -1 })
    .refine((address) => address.port >= 0),
  expects: 'HOST:PORT, [IPV6]:PORT or :PORT with a port up to 65535',
  example: '0.0.0.0:9877',
  name: 'address',
  scalar: 'text',
};

const HOST_NAME =
  /^(?=.{1,253}$)[A-Za-z0-9_](?:[A-Za-z0-9_-]*[A-Za-z0-9_])?(?:\.[A-Za-z0-9_](?:[A-Za-z0-9_-]*[A-Za-z0-9_])?)*$/;

export const hostNames: OptionType<readonly string[]> = {
  schema: z.array(z.string().regex(HOST_NAME)).max(100),
  expects: 'a list of host names without scheme and port',
  example: '[exporter.example.com]',
  name: 'list of host names',
  scalar: 'none',
};

/** Why a base URL is rejected, or null. Never quotes it: it may hold a password. */
function baseUrlFault(written: string): string | null {
  if (!URL.canParse(written)) return 'is not a URL';
  const url = new URL(written);
  if (url.protocol !== 'https:' && url.protocol !== 'http:') return 'must begin with https:// or http://';
  if (url.username !== '' || url.password !== '') return 'must not hold a user name or password';
  return /[?#]/.test(written) ? 'must not have a query or a fragment' : null;
}

/** Without a trailing slash. */
export const baseUrl: OptionType<string> = {
  schema: z
    .string()
    .check((context) => {
      const fault = baseUrlFault(context.value);
      if (fault !== null) context.issues.push({ code: 'custom', message: fault, input: undefined });
    })
    .regex(/^[Hh][Tt][Tt][Pp][Ss]?:\/\/[^/?#@]*(?:\/[^?#]*)?$/)
    .transform((written) => new URL(written).href.replace(/\/+$/, '')),
  expects: 'an http or https URL without login, query and fragment',
  example: 'https://api.anthropic.com',
  name: 'URL',
  scalar: 'text',
};
