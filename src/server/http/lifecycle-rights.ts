import type { ErrorAnswer } from './answer-error.ts';
import type { ServerSettings } from './server-deps.ts';

/** What is known of who asks. */
export interface Caller {
  /** Of the socket itself; headers can claim anything. */
  readonly remoteAddress: string | undefined;
  readonly host: string | undefined;
  readonly origin: string | undefined;
  /** `Sec-Fetch-Site`, which browsers send and scripts in pages cannot set. */
  readonly fetchSite: string | undefined;
  /** Whether a proxy says that it passes on somebody else's request. */
  readonly forwarded: boolean;
}

export type Refusal = ErrorAnswer & { readonly status: 403 };

/** Why `caller` may not change the process, or null when it may: the option `server.lifecycle`. */
export function lifecycleRefusal(lifecycle: ServerSettings['lifecycle'], caller: Caller): Refusal | null {
  if (lifecycle === 'off') {
    return refusal('lifecycle_off', 'Changing the process over HTTP is switched off.', 'Send SIGHUP instead, or set');
  }
  if (isCrossSite(caller) || (lifecycle === 'loopback' && hasForeignName(caller))) {
    return {
      status: 403,
      code: 'cross_site',
      message: 'A web page of another origin may not change the process.',
      remedy: 'Send the request without a browser, for instance with curl -X POST.',
    };
  }
  if (lifecycle === 'anyone' || isLocal(caller)) return null;
  return refusal('not_loopback', 'Only this machine may change the process.', 'Send it from the same host, or set');
}

function refusal(code: string, message: string, before: string): Refusal {
  const values = code === 'lifecycle_off' ? 'loopback or anyone' : 'anyone, behind a firewall';
  return { status: 403, code, message, remedy: `${before} server.lifecycle to ${values}.` };
}

/** A proxy on the same host would make the whole network loopback. */
function isLocal(caller: Caller): boolean {
  return !caller.forwarded && isLoopbackAddress(caller.remoteAddress);
}

/** 127.0.0.0/8 and ::1, also as IPv4 seen through an IPv6 socket. */
export function isLoopbackAddress(address: string | undefined): boolean {
  if (address === undefined) return false;
  const plain = address.toLowerCase().replace(/^::ffff:/, '');
  return plain === '::1' || /^127\.\d{1,3}\.\d{1,3}\.\d{1,3}$/.test(plain);
}

function isCrossSite({ origin, host, fetchSite }: Caller): boolean {
  if (fetchSite !== undefined && fetchSite !== 'same-origin' && fetchSite !== 'none') return true;
  if (origin === undefined) return false;
  const url = URL.parse(origin);
  return url === null || host === undefined || url.host !== host.toLowerCase();
}

/** To a browser, a name that an attacker's DNS points at this machine is the same origin. Our own names are not theirs. */
function hasForeignName({ origin }: Caller): boolean {
  if (origin === undefined) return false;
  const name = URL.parse(origin)?.hostname.replace(/^\[|\]$/g, '');
  return name !== 'localhost' && !isLoopbackAddress(name);
}
