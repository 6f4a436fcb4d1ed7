import type { EpochMs } from '../../base/clock.ts';
import { certificateEnd, pemCertificates } from '../../base/pem-certificates.ts';
import type { Config } from '../../config/config.ts';

type Expiring = Pick<Config, 'connections' | 'environments' | 'server'>;

/**
 * Says which keys have expired by their `expires`, and which files have no certificate that is still valid. The configuration is
 * valid all the same: an alert fires at once, or somebody refuses to connect.
 */
export function expiryNotices(config: Expiring, now: EpochMs): string[] {
  return [...keyNotices(config, now), ...certificateNotices(config, now)];
}

function keyNotices({ connections, environments }: Expiring, now: EpochMs): string[] {
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
    return [
      `${owner}: its ${kind} expired at ${timeText(at)}; put a new key in its place, and correct or remove expires`,
    ];
  });
}

function certificateNotices({ connections, server }: Expiring, now: EpochMs): string[] {
  const { tls } = server.web;
  const expiredNotice = (pem: string | null, what: string, remedy: string) => {
    const ends = pem === null ? [] : endsOf(pem);
    const last = Math.max(...ends);
    return ends.length === 0 || last > now ? [] : [`${what} expired at ${timeText(last)}; ${remedy}`];
  };
  // Of the server's chain, the first is its own. Authorities of old stand beside those in force in many a file.
  const [own = null] = (tls === null ? null : pemCertificates(tls.cert)) ?? [];
  return [
    ...expiredNotice(
      own,
      'server.web_config_file: the certificate of the server',
      'renew it: clients refuse to connect',
    ),
    ...expiredNotice(
      tls?.clientCa ?? null,
      'server.web_config_file: the last of the client authorities',
      'name one that is valid: no client is accepted that needs it',
    ),
    ...connections.flatMap(({ name, ca }) =>
      expiredNotice(
        ca,
        `connection ${name}: the last certificate of ca_file`,
        'name one that is valid: this file adds nothing',
      ),
    ),
  ];
}

function endsOf(pem: string): EpochMs[] {
  return (pemCertificates(pem) ?? []).map(certificateEnd);
}

function timeText(at: EpochMs): string {
  return new Date(at).toISOString().replace('.000Z', 'Z');
}
