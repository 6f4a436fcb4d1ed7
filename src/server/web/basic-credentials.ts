import type { Credentials } from './logins.ts';

const BASIC = /^basic +([A-Za-z0-9+/]*={0,2}) *$/i;

/** Name and password of an `Authorization` header; null: there are none. */
export function basicCredentials(header: string | undefined): Credentials | null {
  const match = BASIC.exec(header ?? '');
  if (match === null) return null;
  const text = Buffer.from(match[1]!, 'base64').toString('utf8');
  const colon = text.indexOf(':');
  return colon === -1 ? null : { name: text.slice(0, colon), password: text.slice(colon + 1) };
}
