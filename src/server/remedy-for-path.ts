/** What other programs, or people, call what is here. Paths in small letters, without what stands at their ends. */
const MEANT: readonly (readonly [asked: RegExp, here: string])[] = [
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

/** A longer path is not a slip. */
const LONGEST = 200;

/** What to do about a path that leads nowhere. */
export function remedyForPath(url: string): string {
  const [path = ''] = url.split('?', 1);
  const plain = path.length > LONGEST ? '' : path.toLowerCase().replaceAll(/^\/+|\/+$/g, '');
  const here = MEANT.find(([asked]) => asked.test(plain))?.[1];
  return here === undefined ? 'The page at / has links to what there is.' : `Did you mean ${here}?`;
}
