import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { EpochMs } from '../base/clock.ts';
import { systemErrorCode } from '../base/errors.ts';
import { isLoopbackHost } from '../base/is-loopback-host.ts';
import { certificateEnd, pemCertificates } from '../base/pem-certificates.ts';
import { counted, toTenths } from '../base/text.ts';
import { STATE_FILE_LOSS } from '../config/checks.ts';
import type { Config, EnvironmentConfig, FleetConfig } from '../config/config.ts';
import { costPerMinute } from '../config/cost.ts';
import { nodeDisk } from '../statefile/disk.ts';
import { PRESETS } from '../wire/presets.ts';

/** What is valid and costs an alert or a connection all the same: keys and certificates that are over. */
export function expiryNotices(
  { connections, environments, server }: Pick<Config, 'connections' | 'environments' | 'server'>,
  now: EpochMs,
): string[] {
  const replace = 'put a new key in its place, and correct or remove expires';
  // Of the server's chain, the first certificate is its own.
  const [ofServer = null] = endsOf(server.web.tls?.cert);
  const ends: readonly (readonly [what: string, at: EpochMs | null, remedy: string])[] = [
    ['server.web_config_file: the certificate of the server', ofServer, 'renew it: clients refuse to connect'],
    ...connections.flatMap(({ name, apiKeyExpires, ca }) => [
      [`connection ${name}: its API key`, apiKeyExpires, replace] as const,
      // Authorities of old stand beside those in force in many a file.
      [`connection ${name}: the last certificate of ca_file`, latest(endsOf(ca)), 'this file adds nothing'] as const,
    ]),
    ...environments.map(
      ({ environment: { id }, environmentKeyExpires }) =>
        [`environment ${id}: its environment key`, environmentKeyExpires, replace] as const,
    ),
  ];
  return ends.flatMap(([what, at, remedy]) => {
    if (at === null || at > now) return [];
    return [`${what} expired at ${new Date(at).toISOString().replace('.000Z', 'Z')}; ${remedy}`];
  });
}

function endsOf(pem: string | null | undefined): readonly EpochMs[] {
  return (pemCertificates(pem ?? '') ?? []).map(certificateEnd);
}

function latest(times: readonly EpochMs[]): EpochMs | null {
  return times.length === 0 ? null : Math.max(...times);
}

/**
 * Says that the state file cannot be written where it should lie. No error: the exporter runs without it, and `check`
 * may run on another machine or as another user.
 */
export async function stateFileNotices({ stateFile }: Pick<Config, 'stateFile'>): Promise<string[]> {
  if (stateFile === null) return [];
  // Each write creates a file beside the one that the links lead to, and renames it.
  const directory = dirname(await nodeDisk.resolve(stateFile));
  return await access(directory, constants.W_OK | constants.X_OK).then(
    () => [],
    (error: unknown) => {
      const code = systemErrorCode(error);
      const what = code === 'ENOENT' ? 'does not exist' : `may not be written to by this user (${code})`;
      return [
        `state_file: directory ${directory} ${what}, and ${STATE_FILE_LOSS}; create it, or check its owner and mode`,
      ];
    },
  );
}

/** Says once per connection that the sessions of its long runs are not read, unless that was switched off. */
export function sessionNotices({ connections, environments }: Pick<Config, 'connections' | 'environments'>): string[] {
  return connections.flatMap(({ name, provider, apiKey }) => {
    const kinds = PRESETS[provider].credentials.session;
    const isUnread = ({ environment, environmentKey }: EnvironmentConfig) =>
      environment.connection === name &&
      environment.sessions.enabled &&
      !kinds.some((kind) => (kind === 'api_key' ? apiKey : environmentKey) !== null);
    const unread = environments.filter(isUnread).length;
    const why = kinds.length === 0 ? `nothing is known of sessions on ${provider}` : 'there is no key for them';
    const what = `sessions of long runs are not read in ${unread} of its environments`;
    return unread === 0 ? [] : [`connection ${name}: ${what}, because ${why}`];
  });
}

/**
 * Answers do not tell who runs the service, but the address does: only Anthropic's own is in its domain. A simulator or
 * a gateway on this machine is neither.
 */
export function serviceNotices({ connections }: Pick<Config, 'connections'>): string[] {
  return connections.flatMap(({ name, provider, baseUrl }) => {
    const { hostname } = new URL(baseUrl);
    const isVendors = hostname === 'anthropic.com' || hostname.endsWith('.anthropic.com') || isLoopbackHost(hostname);
    if (provider !== 'anthropic' || isVendors) return [];
    const remedy = 'set provider: self-hosted-service, so that what it says fits';
    return [`connection ${name}: its address is not Anthropic's; if you run the service yourself, ${remedy}`];
  });
}

/**
 * What a budget means for the reads, and what environments that discovery finds will cost. `answered`: the connections
 * whose discovery has answered, so that what it found is among the environments of `config`.
 */
export function costNotices(config: FleetConfig, answered: readonly string[] = []): string[] {
  const { environments, discovery } = config;
  const found = environments.filter(({ environment }) => environment.source === 'discovery').length;
  return costPerMinute(config).flatMap(({ connection, capacity, budget, eachDiscovered: each, ...cost }) => {
    const needed = cost.requestsPerMinute;
    const enough = Math.ceil((needed / capacity) * budget);
    const stretched = `connection ${connection}: reads will be stretched, because they need ${perMinute(needed)} and ${Math.floor(capacity)} of ${budget} may be scheduled; those without work are slowed down first; raise requests_per_minute to ${enough} to read at full pace`;
    const room = (used: number, one: number) =>
      Math.min(discovery.maxEnvironments - found, Math.max(0, Math.floor((capacity - used) / one)));
    const price = (one: NonNullable<typeof each>) => {
      const atPace = room(needed, one.requestsPerMinute);
      const most = room(cost.leastRequestsPerMinute, one.leastRequestsPerMinute);
      const those = answered.includes(connection) ? '' : '; check --live counts those that exist now';
      return `connection ${connection}: each environment that discovery finds costs ${perMinute(one.requestsPerMinute)} if a key reads its list; the budget allows ${atPace} more at the configured intervals, or ${most} at the longest ones${those}`;
    };
    return [...(needed > capacity ? [stretched] : []), ...(each === null ? [] : [price(each)])];
  });
}

const perMinute = (requests: number) => `${counted(toTenths(requests), ['request', 'requests'])} a minute`;
