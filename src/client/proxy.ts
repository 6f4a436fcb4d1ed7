import { BlockList, isIP } from 'node:net';

/** Read for HTTPS_PROXY, HTTP_PROXY and NO_PROXY, in either case. */
export type ProxyEnv = Readonly<Record<string, string | undefined>>;

export interface Proxy {
  readonly variable: string;
  readonly url: string;
  /** Why it cannot be used; null: it can. Shows nothing of a password in it. */
  readonly fault: { readonly what: string; readonly remedy: string } | null;
}

const UNUSABLE = {
  what: 'is not the URL of a proxy',
  remedy:
    'set it to http://HOST:PORT, or remove it; https:// needs the host name of its certificate, and a password %25 for a percent sign and %40 for an @',
};

/** The proxy for an origin; null: there is none, or NO_PROXY names the origin. Unlike in undici, HTTP_PROXY is not for https. */
export function proxyFor(origin: URL, env: ProxyEnv): Proxy | null {
  const plain = origin.protocol === 'https:' ? 'https_proxy' : 'http_proxy';
  const variable = env[plain] === undefined ? plain.toUpperCase() : plain;
  const value = env[variable] ?? '';
  if (value === '' || isPassedBy(origin, env)) return null;
  const url = value.includes('://') ? value : `http://${value}`;
  return { variable, url, fault: isUsable(url) ? null : UNUSABLE };
}

/** The variable with which other programs would choose a proxy for this origin, and which is not read here; null: none. */
export function unreadProxy(origin: URL, env: ProxyEnv): string | null {
  const variable = ['all_proxy', 'ALL_PROXY'].find((name) => (env[name] ?? '') !== '');
  return variable === undefined || proxyFor(origin, env) !== null || isPassedBy(origin, env) ? null : variable;
}

function isUsable(url: string): boolean {
  const parsed = URL.parse(url);
  if (parsed === null || !/^(https?|socks5?):$/.test(parsed.protocol)) return false;
  if (parsed.pathname.length > 1 || /[?#]/.test(url)) return false;
  // A certificate is for a name.
  if (parsed.protocol === 'https:' && isIP(hostOf(parsed)) !== 0) return false;
  try {
    // As undici will.
    decodeURIComponent(parsed.username + parsed.password);
    return true;
  } catch {
    return false;
  }
}

/** Whether NO_PROXY names the host of an origin, with or without its port. */
function isPassedBy(origin: URL, env: ProxyEnv): boolean {
  const host = withoutDot(hostOf(origin));
  const port = origin.port === '' ? (origin.protocol === 'https:' ? '443' : '80') : origin.port;
  const entries = (env.no_proxy ?? env.NO_PROXY ?? '').toLowerCase().split(/[,\s]+/);
  return entries.some((entry) => isNamed(entry, host, port) || isInNetwork(entry, host));
}

/** An entry names a host and its subdomains; with `*.` in front only the subdomains; `*` names every host. */
function isNamed(entry: string, host: string, port: string): boolean {
  const bracketed = isIP(entry) === 6 ? `[${entry}]` : entry;
  const [, name = '', only = port] = /^\[?([^[\]]+?)\]?(?::(\d+))?$/.exec(bracketed) ?? [];
  if (only !== port || name === '') return false;
  const domain = withoutDot(name.replace(/^\*?\./, ''));
  return domain === '*' || host.endsWith(`.${domain}`) || (host === domain && !name.startsWith('*'));
}

/** Whether an entry is a network, such as `10.0.0.0/8`, that has this address. As in other programs, names are not resolved. */
function isInNetwork(entry: string, host: string): boolean {
  const [, network = '', bits = ''] = /^([^/]+)\/(\d{1,3})$/.exec(entry) ?? [];
  const version = isIP(host);
  if (version === 0 || isIP(network) !== version || Number(bits) > (version === 6 ? 128 : 32)) return false;
  const family = version === 6 ? 'ipv6' : 'ipv4';
  const list = new BlockList();
  list.addSubnet(network, Number(bits), family);
  return list.check(host, family);
}

function hostOf({ hostname }: URL): string {
  return hostname.replace(/^\[(.+)\]$/, '$1');
}

function withoutDot(name: string): string {
  return name.replace(/(?<=.)\.$/, '');
}
