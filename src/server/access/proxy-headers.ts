/** Headers added by a proxy, or by a network in front of one. */
const NAMES = new Set([
  'akamai-origin-hop',
  'cdn-loop',
  'client-ip',
  'fastly-client-ip',
  'forwarded',
  'forwarded-for',
  'front-end-https',
  'max-forwards',
  'proxy-connection',
  'surrogate-capability',
  'true-client-ip',
  'via',
  'x-client-ip',
  'x-cloud-trace-context',
  'x-cluster-client-ip',
  'x-host',
  'x-request-id',
  'x-rewrite-url',
  'x-scheme',
  'x-varnish',
  'x-url-scheme',
]);

/** Prefixes of further such headers: load balancers and service meshes add many each. */
const PREFIXES = [
  'cf-',
  'cloudfront-',
  'fly-',
  'http-x-forward',
  'l5d-',
  'x-amzn-',
  'x-appengine-',
  'x-arr-',
  'x-auth-request-',
  'x-azure-',
  'x-b3-',
  'x-envoy-',
  'x-forward',
  'x-http-forward',
  'x-nginx-',
  'x-original-',
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
