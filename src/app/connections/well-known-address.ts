import type { ConnectionConfig } from '../../config/config.ts';
import { PRESETS } from '../../wire/presets.ts';

/**
 * The address that all of these connections have, if it is the public one of a service that takes requests as the
 * runbooks have them, with `x-api-key` and the version headers. Null otherwise: any other address is only known to whoever
 * configured it, and requests to other services look different.
 */
export function wellKnownAddress(
  connections: readonly Pick<ConnectionConfig, 'provider' | 'baseUrl'>[],
): string | null {
  const [first] = connections;
  if (first === undefined || connections.some(({ baseUrl }) => baseUrl !== first.baseUrl)) return null;
  const { defaultBaseUrl, versionHeaders, apiKeyHeader } = PRESETS[first.provider];
  const isPlain = versionHeaders && apiKeyHeader === 'x-api-key';
  return isPlain && first.baseUrl === defaultBaseUrl ? first.baseUrl : null;
}
