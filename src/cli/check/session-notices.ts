import type { Config, EnvironmentConfig } from '../../config/config.ts';
import type { CredentialKind } from '../../domain/failure.ts';
import { PRESETS } from '../../wire/presets.ts';

/** Says once per connection that the sessions of its long runs are not read although nobody switched that off. */
export function sessionNotices({ connections, environments }: Pick<Config, 'connections' | 'environments'>): string[] {
  return connections.flatMap(({ name, provider, apiKey }) => {
    const kinds = PRESETS[provider].credentials.session;
    const own = environments.filter(
      ({ environment }) => environment.connection === name && environment.sessions.enabled,
    );
    const has = (item: EnvironmentConfig, kind: CredentialKind) =>
      (kind === 'api_key' ? apiKey : item.environmentKey) !== null;
    const unread = own.filter((item) => !kinds.some((kind) => has(item, kind)));
    if (unread.length === 0) return [];
    const why = kinds.length === 0 ? `nothing is known of sessions on ${provider}` : 'there is no key for them';
    return [
      `connection ${name}: sessions of long runs are not read in ${unread.length} of its environments, because ${why}`,
    ];
  });
}
