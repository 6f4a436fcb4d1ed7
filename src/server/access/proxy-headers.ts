/** Headers added by a proxy, or by a network in front of one. */
const NAMES = new Set([
  'cdn-loop',
  'client-ip',
  'fastly-client-ip',
  'forwarded',
  'max-forwards',
  'proxy-connection',
  'true-client-ip',
  'via',
  'x-client-ip',
  'x-cluster-client-ip',
  'x-host',
  'x-original-host',
  'x-original-url',
  'x-request-id',
  'x-rewrite-url',
  'x-scheme',
  'x-url-scheme',
]);

/** Prefixes of further such headers: load balancers and service meshes add many each. */
const PREFIXES = [
  'cf-',
  'l5d-',
  'x-amzn-',
  'x-b3-',
  'x-envoy-',
  'x-forwarded',
  'x-original-forwarded',
  'x-proxy',
  'x-real-',
  'x-remote-',
];

/** Whether a request shows that it was passed on; `names` in lower case. */
export function showsProxy(names: Iterable<string>): boolean {
  for (const written of names) {
    // Some proxies write their headers with underscores.
    const name = written.replaceAll('_', '-');
    if (NAMES.has(name) || PREFIXES.some((prefix) => name.startsWith(prefix))) return true;
  }
  return false;
}
