import { Secret } from '../../base/secret.ts';

/** How a secret is carried between threads. No option has a key of this name. */
const SECRET = '$secret';

/** Plain data with its secrets as plain data: what a message between threads can hold. */
export function packed(value: unknown): unknown {
  if (value instanceof Secret) return { [SECRET]: [value.reveal(), value.source, value.file] };
  if (value instanceof Map) return new Map([...value].map(([key, item]) => [key, packed(item)]));
  if (Array.isArray(value)) return value.map(packed);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, packed(item)]));
}

/** The same with secrets again. Changes what it is given, which a message has just brought. */
export function unpacked(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (value instanceof Map) {
    for (const [key, item] of value) value.set(key, unpacked(item));
    return value;
  }
  const object = value as Record<string, unknown>;
  const secret = object[SECRET];
  if (Array.isArray(secret)) return new Secret(...(secret as [string, string, string | null]));
  for (const name in object) object[name] = unpacked(object[name]);
  return object;
}
