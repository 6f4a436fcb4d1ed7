import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { EpochMs } from '../base/clock.ts';
import { systemErrorCode } from '../base/errors.ts';
import { certificateEnd, pemCertificates } from '../base/pem-certificates.ts';
import { toTenths } from '../base/text.ts';
import { STATE_FILE_LOSS } from '../config/checks.ts';
import type { Config, FleetConfig } from '../config/config.ts';
import { costPerMinute } from '../config/cost.ts';
import { nodeDisk } from '../statefile/disk.ts';
import { PRESETS } from '../wire/presets.ts';

/** What is valid and costs an alert or a connection all the same: keys and certificates that are over. */
export function expiryNotices(
  { connections, environments, server }: Pick<Config, 'connections' | 'environments' | 'server'>,
  now: EpochMs,
): string[] {
  const { tls } = server.web;
  const web = 'server.web_config_file: ';
  const replace = 'put a new key in its place, and correct or remove expires';
  const ends: (readonly [what: string, at: EpochMs | null, remedy: string])[] = [
    // Of the server's chain, the first is its own. Authorities of old stand beside those in force in many a file.
    [`${web}the certificate of the server`, lastEnd(tls?.cert, 1), 'renew it: clients refuse to connect'],
    [`${web}the last of the client authorities`, lastEnd(tls?.clientCa), 'name one that is valid: no client gets in'],
  ];
  for (const { name, apiKeyExpires, ca } of connections) {
    ends.push([`connection ${name}: its API key`, apiKeyExpires, replace]);
    ends.push([`connection ${name}: the last certificate of ca_file`, lastEnd(ca), 'this file adds nothing']);
  }
  for (const { environment, environmentKeyExpires } of environments) {
    ends.push([`environment ${environment.id}: its environment key`, environmentKeyExpires, replace]);
  }
  return ends.flatMap(([what, at, remedy]) => {
    if (at === null || at > now) return [];
    return [`${what} expired at ${new Date(at).toISOString().replace('.000Z', 'Z')}; ${remedy}`];
  });
}

/** When the last of these certificates ends, of the first `most`. */
function lastEnd(pem: string | null | undefined, most = Infinity): EpochMs | null {
  const ends = (pemCertificates(pem ?? '') ?? []).slice(0, most).map(certificateEnd);
  return ends.length === 0 ? null : Math.max(...ends);
}

/**
 * Says that the state file cannot be written where it should lie. No error: the exporter runs without it, and `check`
 * may run on another machine or as another user.
 */
export async function stateFileNotices({ stateFile }: Pick<Config, 'stateFile'>): Promise<string[]> {
  if (stateFile === null) return [];
  // Each write creates a file beside the one that the links lead to, and renames it.
  const directory = dirname(await nodeDisk.resolve(stateFile));
  try {
    await access(directory, constants.W_OK | constants.X_OK);
    return [];
  } catch (error) {
    const code = systemErrorCode(error);
    const what = code === 'ENOENT' ? 'does not exist' : `may not be written to by this user (${code})`;
    const remedy =
      'create it or check its owner and mode, or name a file in a directory that the exporter may write to';
    return [`state_file: directory ${directory} ${what}, and ${STATE_FILE_LOSS}; ${remedy}`];
  }
}

/** Says once per connection that the sessions of its long runs are not read, unless that was switched off. */
export function sessionNotices({ connections, environments }: Pick<Config, 'connections' | 'environments'>): string[] {
  return connections.flatMap(({ name, provider, apiKey }) => {
    const kinds = PRESETS[provider].credentials.session;
    const unread = environments.filter(
      ({ environment: { connection, sessions }, environmentKey }) =>
        connection === name &&
        sessions.enabled &&
        !kinds.some((kind) => (kind === 'api_key' ? apiKey : environmentKey) !== null),
    );
    if (unread.length === 0) return [];
    const why = kinds.length === 0 ? `nothing is known of sessions on ${provider}` : 'there is no key for them';
    const what = `sessions of long runs are not read in ${unread.length} of its environments`;
    return [`connection ${name}: ${what}, because ${why}`];
  });
}

/**
 * What a budget means for the reads, and what environments that discovery finds will cost. `answered`: the connections
 * whose discovery has answered, so that what it found is among the environments of `config`.
 */
export function costNotices(config: FleetConfig, answered: readonly string[] = []): string[] {
  return costPerMinute(config).flatMap((cost) => {
    const { connection, requestsPerMinute: needed, leastRequestsPerMinute: least, capacity, budget } = cost;
    const scheduled = `${Math.floor(capacity)} of ${budget} may be scheduled`;
    const enough = Math.ceil((needed / capacity) * budget);
    const stretched = `connection ${connection}: reads will be stretched, because they need ${perMinute(needed)} and ${scheduled}; those without work are slowed down first; raise requests_per_minute to ${enough} to read at full pace`;
    const scaling = needed > capacity ? [stretched] : [];
    const each = cost.eachDiscovered;
    if (each === null) return scaling;
    const found = config.environments.filter(({ environment }) => environment.source === 'discovery').length;
    const room = (used: number, one: number) =>
      Math.min(config.discovery.maxEnvironments - found, Math.max(0, Math.floor((capacity - used) / one)));
    const atPace = room(needed, each.requestsPerMinute);
    const most = room(least, each.leastRequestsPerMinute);
    const those = answered.includes(connection) ? '' : '; check --live counts those that exist now';
    const price = `each environment that discovery finds costs ${perMinute(each.requestsPerMinute)} if a key reads its list`;
    const allows = `the budget allows ${atPace} more at the configured intervals, or ${most} at the longest ones`;
    return [...scaling, `connection ${connection}: ${price}; ${allows}${those}`];
  });
}

const perMinute = (requests: number) => `${toTenths(requests)} request${toTenths(requests) === 1 ? '' : 's'} a minute`;
