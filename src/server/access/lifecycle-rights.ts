import { isLoopbackAddress, isLoopbackName } from '../../base/is-loopback-host.ts';
import type { ServerSettings } from '../../domain/server-settings.ts';
import type { ErrorAnswer } from '../http/answer-error.ts';
import { hostName } from './host-name.ts';

/** What is known of the sender of a request. */
export interface Requester {
  /** Of the socket itself; headers can claim anything. */
  readonly remoteAddress: string | undefined;
  readonly host: string | undefined;
  readonly origin: string | undefined;
  /** `Sec-Fetch-Site`, which browsers send and scripts in pages cannot set. */
  readonly fetchSite: string | undefined;
  /** Whether the request shows that a proxy passed it on. */
  readonly forwarded: boolean;
}

export type LifecycleRejection = ErrorAnswer & { readonly status: 403 };

/** Why `caller` may not change the process, or null when it may: the option `server.lifecycle`. */
export function lifecycleRejection(
  lifecycle: ServerSettings['lifecycle'],
  caller: Requester,
): LifecycleRejection | null {
  if (lifecycle === 'off') {
    return rejection('lifecycle_off', 'Reload and drill over HTTP are switched off; SIGHUP reloads, too.', 'Set');
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
  return rejection(
    'not_loopback',
    'Only a request from this machine, without a proxy, may change the process.',
    'Send it from the same host to http://localhost or http://127.0.0.1, or set',
  );
}

function rejection(code: string, message: string, before: string): LifecycleRejection {
  const values = code === 'lifecycle_off' ? 'loopback or anyone' : 'anyone, behind a firewall';
  return { status: 403, code, message, remedy: `${before} server.lifecycle to ${values}.` };
}

/** A proxy on the same host would make the whole network appear local: no header and no name may hint at one. */
function isLocal({ forwarded, remoteAddress, host }: Requester): boolean {
  return !forwarded && isLoopbackAddress(remoteAddress) && isLoopbackName(hostName(host));
}

function isCrossSite({ origin, host, fetchSite }: Requester): boolean {
  if (fetchSite !== undefined && fetchSite !== 'same-origin' && fetchSite !== 'none') return true;
  if (origin === undefined) return false;
  const url = URL.parse(origin);
  return url === null || host === undefined || url.host !== host.toLowerCase();
}

/** To a browser, a name that an attacker's DNS points at this machine is the same origin. Our own names are safe. */
function hasForeignName({ origin }: Requester): boolean {
  return origin !== undefined && !isLoopbackName(hostName(URL.parse(origin)?.host));
}
