/** Paths that people try, or other programs have, and what answers here. In lower case, without slashes at either end. */
const ALIASES: readonly (readonly [tried: RegExp, path: string])[] = [
  [/^(?:-\/)?(?:health|healthz|healthy|live|livez|liveness|alive|ping)$/, '/-/healthy'],
  [/^(?:-\/)?(?:ready|readyz|readiness)$/, '/-/ready'],
  [/^(?:actuator\/)?(?:metrics?|prometheus|telemetry)$/, '/metrics'],
  [/^(?:status|index(?:\.html?)?|ui|home|environments?)$/, '/'],
  [/^reload$/, 'POST /-/reload'],
  [/^drill$/, 'POST /-/drill'],
  [/^(?:api(?:\/v1)?|(?:api\/)?(?:v1\/)?environments?)$/, '/api/v1/environments'],
  [/^api\/(?:v1\/)?environment\/[^/]+$/, '/api/v1/environments/ID'],
  [/^(?:api\/(?:v1\/)?environments?\/[^/]+\/(?:scal|workers|wanted)[^/]*|scaling)$/, '/api/v1/environments/ID/scaling'],
  [/^(?:service-discovery|sd|targets|http_sd)$/, '/api/v1/sd'],
  [/^environment\/[^/]+$/, '/environments/ID'],
  [/^(?:runbook|playbooks?)(?:\/.*)?$/, '/runbooks'],
];

/** A longer path is no mistyped one. */
const LONGEST = 200;

/** What to do about a path that leads nowhere. */
export function remedyForPath(url: string): string {
  const [path = ''] = url.split('?', 1);
  const plain = path.length > LONGEST ? '' : path.toLowerCase().replaceAll(/^\/+|\/+$/g, '');
  const meant = ALIASES.find(([tried]) => tried.test(plain))?.[1];
  return meant === undefined ? 'The page at / has links to what there is.' : `Did you mean ${meant}?`;
}
