import { createHash } from 'node:crypto';
import { MASK, Secret } from '../base/secret.ts';
import type { Config } from './config.ts';

export type PlainData = string | number | boolean | null | readonly PlainData[] | { readonly [key: string]: PlainData };

const CERTIFICATES = new Set(['ca', 'cert', 'clientCa']);

/** The configuration as plain data without secrets: keys are masked, certificates are fingerprints, "no limit" is `+Inf`. */
export function plainConfig(config: Partial<Config>): { readonly [key: string]: PlainData } {
  return plain(config) as { readonly [key: string]: PlainData };
}

function plain(value: unknown, key = ''): PlainData {
  if (value instanceof Secret) return MASK;
  if (value === null || value === undefined) return null;
  if (value === Number.POSITIVE_INFINITY) return '+Inf';
  if (CERTIFICATES.has(key) && typeof value === 'string') return `sha256:${sha256(value)}`;
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return value;
  if (Array.isArray(value)) return value.map((item) => plain(item));
  if (typeof value !== 'object') return null;
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, plain(item, name)]));
}

/**
 * A fingerprint by which replicas are compared; at most 53 bits, so that it fits a metric's value.
 *
 * It leaves out what may differ between replicas: the path of the file, the address, certificates and logins, the state
 * file, the shard, and the order of environments. That of connections stays: the first one that finds an environment
 * reads it.
 */
export function configHash(config: Omit<Config, 'hash' | 'shard' | 'configuredElsewhere'>): number {
  const { server, environments, ...rest } = plainConfig(config);
  const { host: _host, port: _port, web: _web, ...shared } = server as { readonly [key: string]: PlainData };
  const differing = ['origin', 'files', 'hash', 'stateFile', 'shard', 'configuredElsewhere'];
  const same = Object.fromEntries(Object.entries(rest).filter(([name]) => !differing.includes(name)));
  const sorted = (environments as readonly PlainData[]).toSorted((a, b) => (canonical(a) < canonical(b) ? -1 : 1));
  const hex = sha256(canonical({ ...same, environments: sorted, server: shared }));
  return Number(BigInt(`0x${hex.slice(0, 14)}`) >> 3n);
}

/** JSON with sorted keys: the order in a file makes no difference. */
function canonical(value: PlainData): string {
  return JSON.stringify(value, (_, item: unknown) => {
    if (typeof item !== 'object' || item === null || Array.isArray(item)) return item;
    return Object.fromEntries(Object.entries(item).toSorted(([a], [b]) => (a < b ? -1 : 1)));
  });
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
