import { BlockList, isIP } from 'node:net';
import { ExporterError } from '../../base/errors.ts';

/** Read for HTTPS_PROXY, HTTP_PROXY and NO_PROXY, in either case. */
export type ProxyEnv = Readonly<Record<string, string | undefined>>;

/**
 * The URL of the proxy for an origin, null for none, and the names and addresses that are reached without it.
 *
 * @throws ExporterError `proxy_invalid`
 */
export function proxyFor(origin: URL, env: ProxyEnv): { readonly proxy: string | null; readonly noProxy: string } {
  const noProxy = env.no_proxy ?? env.NO_PROXY ?? '';
  const proxy = proxyOfScheme(origin, env);
  return { proxy: isInNoProxyNetwork(origin.hostname, noProxy) ? null : proxy, noProxy };
}

const FAMILIES = { 4: { family: 'ipv4', bits: 32 }, 6: { family: 'ipv6', bits: 128 } } as const;

/**
 * Whether NO_PROXY names a network, such as `10.0.0.0/8`, with the address that a URL has for its host. As in other
 * programs, a name is not resolved for that. undici itself knows names and single addresses.
 */
function isInNoProxyNetwork(hostname: string, noProxy: string): boolean {
  const address = hostname.replace(/^\[(.+)\]$/, '$1');
  const version = isIP(address);
  if (version !== 4 && version !== 6) return false;
  const { family, bits } = FAMILIES[version];
  const networks = new BlockList();
  for (const entry of noProxy.split(/[,\s]+/)) {
    const [, network = '', prefix = ''] = /^([^/]+)\/(\d{1,3})$/.exec(entry) ?? [];
    if (isIP(network) === version && Number(prefix) <= bits) networks.addSubnet(network, Number(prefix), family);
  }
  return networks.check(address, family);
}

/** The proxy for this scheme. Unlike undici, it does not use HTTP_PROXY for https. @throws ExporterError `proxy_invalid` */
function proxyOfScheme(origin: URL, env: ProxyEnv): string | null {
  const fault = proxyFault(origin, env);
  if (fault !== null) {
    const { variable, what, remedy } = fault;
    throw new ExporterError('proxy_invalid', `${variable} ${what}`, { remedy });
  }
  return proxyVariable(origin, env)?.url ?? null;
}

/** The variable that names the proxy for this scheme, and its value as a URL; null: none. */
function proxyVariable(origin: URL, env: ProxyEnv): { readonly variable: string; readonly url: string } | null {
  const plain = origin.protocol === 'https:' ? 'https_proxy' : 'http_proxy';
  const variable = env[plain] === undefined ? plain.toUpperCase() : plain;
  const value = env[variable];
  if (value === undefined || value === '') return null;
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
  if (isEncoded(parsed.username) && isEncoded(parsed.password)) return null;
  return {
    variable,
    what: 'has a % in its user or password that encodes no character',
    remedy: 'write %25 for a percent sign in its user or password, and %40 for an @',
  };
}

/** What undici decodes, and would throw a URIError with. */
function isEncoded(text: string): boolean {
  try {
    decodeURIComponent(text);
    return true;
  } catch {
    return false;
  }
}
