import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { LivePrometheus } from '../support/prometheus.ts';
import { waitForExpected } from '../support/wait-until.ts';
import { GuardedServers, PASSWORD, passwordHash, TLS } from './guarded-servers.ts';

let servers: GuardedServers;
let hash: string;
beforeAll(async () => {
  servers = new GuardedServers();
  hash = await passwordHash();
});
afterAll(() => servers[Symbol.dispose]());

describe('the programs of others', () => {
  const mutual = `${TLS}  client_auth_type: RequireAndVerifyClientCert\n  client_ca_file: ca.crt\n  client_allowed_sans: [prometheus]\n`;

  it('Prometheus scrapes over TLS with certificate and login, and says why where it cannot', async () => {
    await using server = await servers.start(`${mutual}basic_auth_users:\n  prometheus: ${hash}\n`);
    const tls = {
      ca_file: servers.pki.ca.certPath,
      cert_file: servers.client.certPath,
      key_file: servers.client.keyPath,
    };
    const job = (name: string, rest: object) => ({
      job_name: name,
      scheme: 'https',
      static_configs: [{ targets: [`127.0.0.1:${server.port}`] }],
      ...rest,
    });
    const basic = (password: string) => ({ basic_auth: { username: 'prometheus', password } });
    await using prometheus = await LivePrometheus.start({
      scrapeConfigs: [
        job('right', { tls_config: tls, ...basic(PASSWORD) }),
        job('wrong-password', { tls_config: tls, ...basic('wrong') }),
        job('no-certificate', { tls_config: { ca_file: servers.pki.ca.certPath }, ...basic(PASSWORD) }),
        job('unknown-authority', basic(PASSWORD)),
      ],
    });
    await waitForExpected(async () =>
      expect(await prometheus.byLabel('job', 'up')).toEqual({
        right: 1,
        'wrong-password': 0,
        'no-certificate': 0,
        'unknown-authority': 0,
      }),
    );
    const errors = (await prometheus.targets()).map(({ lastError }) => lastError).join('\n');
    expect(errors).toMatch(/401/);
    expect(errors).toMatch(/403/);
    expect(errors).toMatch(/x509/);
    expect(await prometheus.query('a_metric{job="right"}')).toHaveLength(1);
  });
});
