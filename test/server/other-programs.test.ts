import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { LivePrometheus } from '../support/prometheus.ts';
import { waitForExpected } from '../support/wait-until.ts';
import { GuardedServers, PASSWORD, passwordHash, TLS } from './guarded-servers.ts';

const run = promisify(execFile);

let servers: GuardedServers;
let hash: string;
beforeAll(async () => {
  servers = new GuardedServers();
  hash = await passwordHash();
});
afterAll(() => servers[Symbol.dispose]());

describe('the programs of others', () => {
  const mutual = `${TLS}  client_auth_type: RequireAndVerifyClientCert\n  client_ca_file: ca.crt\n  client_allowed_sans: [prometheus]\n`;

  it('curl reads with certificate and login, and not without', async () => {
    await using server = await servers.start(`${mutual}basic_auth_users:\n  prometheus: ${hash}\n`);
    const url = `https://localhost:${server.port}`;
    const curl = async (...options: string[]) => {
      const common = ['-sS', '--resolve', `localhost:${server.port}:127.0.0.1`, '--cacert', servers.pki.ca.certPath];
      const { stdout } = await run('curl', [...common, '-o', '/dev/null', '-w', '%{http_code}', ...options]);
      return stdout;
    };
    const certificate = ['--cert', servers.client.certPath, '--key', servers.client.keyPath];
    expect(await curl(...certificate, '-u', `prometheus:${PASSWORD}`, `${url}/metrics`)).toBe('200');
    expect(await curl(...certificate, '--http2', '-u', `prometheus:${PASSWORD}`, `${url}/metrics`)).toBe('200');
    expect(await curl(...certificate, '-u', 'prometheus:wrong', `${url}/metrics`)).toBe('401');
    expect(await curl(...certificate, `${url}/metrics`)).toBe('401');
    expect(await curl('-u', `prometheus:${PASSWORD}`, `${url}/metrics`)).toBe('403');
    expect(await curl(`${url}/-/healthy`)).toBe('200');
    expect(await curl(`${url}/-/ready`)).toBe('200');
  });

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
