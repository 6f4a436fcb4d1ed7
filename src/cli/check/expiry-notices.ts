import type { EpochMs } from '../../base/clock.ts';
import type { Config } from '../../config/config.ts';

/** Says which keys have expired by their `expires`: the configuration is valid, and an alert would fire at once. */
export function expiryNotices(
  { connections, environments }: Pick<Config, 'connections' | 'environments'>,
  now: EpochMs,
): string[] {
  const keys = [
    ...connections.map(({ name, apiKeyExpires }) => ({
      owner: `connection ${name}`,
      kind: 'API key',
      at: apiKeyExpires,
    })),
    ...environments.map(({ environment: { id }, environmentKeyExpires }) => ({
      owner: `environment ${id}`,
      kind: 'environment key',
      at: environmentKeyExpires,
    })),
  ];
  return keys.flatMap(({ owner, kind, at }) => {
    if (at === null || at > now) return [];
    const time = new Date(at).toISOString().replace('.000Z', 'Z');
    return [`${owner}: its ${kind} expired at ${time}; put a new key in its place, and correct or remove expires`];
  });
}
