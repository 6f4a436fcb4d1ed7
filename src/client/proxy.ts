import { BlockList, isIP } from 'node:net';
import { ExporterError } from '../base/errors.ts';

/** Read for HTTPS_PROXY, HTTP_PROXY and NO_PROXY, in either case. */
export type ProxyEnv = Readonly<Record<string, string | undefined>>;

/**
 * The URL of the proxy for an origin; null: there is none, or NO_PROXY names the origin.
 *
 * @throws ExporterError `proxy_invalid`
 */
export function proxyFor(origin: URL, env: ProxyEnv): string | null {
  const fault = proxyFault(origin, env);
  if (fault !== null) {
    const { variable, what, remedy } = fault;
    throw new ExporterError('proxy_invalid', `${variable} ${what}`, { remedy });
  }
  return proxyVariable(origin, env)?.url ?? null;
}

/** Whether NO_PROXY names the host of a URL, with or without its port, so that no proxy is used. */
function bypassesProxy(origin: URL, noProxy: string): boolean {
  const host = withoutDot(origin.hostname.replace(/^\[(.+)\]$/, '$1'));
  const port = origin.port === '' ? (origin.protocol === 'https:' ? '443' : '80') : origin.port;
  const entries = noProxy.toLowerCase().split(/[,\s]+/);
  return entries.some((entry) => isNamed(entry, host, port)) || isInNetwork(host, entries);
}

const withoutDot = (name: string) => name.replace(/(?<=.)\.$/, '');

/** An entry names a host and its subdomains; with `*.` in front only the subdomains; `*` names every host. */
function isNamed(entry: string, host: string, port: string): boolean {
  const [, name = '', only = port] =
    /^\[?([^[\]]+?)\]?(?::(\d+))?$/.exec(isIP(entry) === 6 ? `[${entry}]` : entry) ?? [];
  if (only !== port || name === '') return false;
  const domain = withoutDot(name.replace(/^\*?\./, ''));
  return domain === '*' || host.endsWith(`.${domain}`) || (host === domain && !name.startsWith('*'));
}

const FAMILIES = { 4: { family: 'ipv4', bits: 32 }, 6: { family: 'ipv6', bits: 128 } } as const;

/** Whether an entry is a network, such as `10.0.0.0/8`, that has this address. As in other programs, names are not resolved. */
function isInNetwork(host: string, entries: readonly string[]): boolean {
  const version = isIP(host);
  if (version !== 4 && version !== 6) return false;
  const { family, bits } = FAMILIES[version];
  const networks = new BlockList();
  for (const entry of entries) {
    const [, network = '', prefix = ''] = /^([^/]+)\/(\d{1,3})$/.exec(entry) ?? [];
    if (isIP(network) === version && Number(prefix) <= bits) networks.addSubnet(network, Number(prefix), family);
  }
  return networks.check(host, family);
}

/**
 * The variable that names the proxy for this origin, and its value as a URL; null: none, or NO_PROXY names the origin.
 * Unlike in undici, HTTP_PROXY is not for https.
 */
export function proxyVariable(origin: URL, env: ProxyEnv): { readonly variable: string; readonly url: string } | null {
  const plain = origin.protocol === 'https:' ? 'https_proxy' : 'http_proxy';
  const variable = env[plain] === undefined ? plain.toUpperCase() : plain;
  const value = env[variable];
  if (value === undefined || value === '' || bypassesProxy(origin, env.no_proxy ?? env.NO_PROXY ?? '')) return null;
  return { variable, url: value.includes('://') ? value : `http://${value}` };
}

/** Why the proxy for an origin cannot be used; null: it can, or there is none. Shows nothing of a password in it. */
export function proxyFault(
  origin: URL,
  env: ProxyEnv,
): { readonly variable: string; readonly what: string; readonly remedy: string } | null {
  const found = proxyVariable(origin, env);
  if (found === null) return null;
  const { variable, url } = found;
  // Neither the value nor the parser's error is shown: both may hold a password.
  const parsed = URL.parse(url);
  const isProxy =
    parsed !== null && /^(https?|socks5?):$/.test(parsed.protocol) && parsed.pathname.length <= 1 && !/[?#]/.test(url);
  if (!isProxy)
    return { variable, what: 'is not the URL of a proxy', remedy: 'set it to http://HOST:PORT, or remove it' };
  if (parsed.protocol === 'https:' && isIP(parsed.hostname.replace(/^\[(.+)\]$/, '$1')) !== 0) {
    const remedy = 'use the host name of its certificate, or http:// if the proxy itself does not speak TLS';
    return { variable, what: 'names a proxy that speaks TLS by its IP address', remedy };
  }
  if (isEncoded(parsed.username) && isEncoded(parsed.password)) return null;
  return {
    variable,
    what: 'has a % in its user or password that encodes no character',
    remedy: 'write %25 for a percent sign in its user or password, and %40 for an @',
  };
}

/** The variable with which other programs would choose a proxy for this origin, and which is not read here; null: none. */
export function unreadProxy(origin: URL, env: ProxyEnv): string | null {
  const variable = ['all_proxy', 'ALL_PROXY'].find((name) => (env[name] ?? '') !== '');
  if (variable === undefined || proxyVariable(origin, env) !== null) return null;
  return bypassesProxy(origin, env.no_proxy ?? env.NO_PROXY ?? '') ? null : variable;
}

/** Whether undici can decode it; otherwise it would throw a URIError. */
function isEncoded(text: string): boolean {
  try {
    decodeURIComponent(text);
    return true;
  } catch {
    return false;
  }
}
