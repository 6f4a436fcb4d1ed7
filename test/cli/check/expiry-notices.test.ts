import { X509Certificate } from 'node:crypto';
import { rootCertificates } from 'node:tls';
import { describe, expect, it } from 'vitest';
import { nodeFiles } from '../../../src/base/files.ts';
import { expiryNotices } from '../../../src/cli/check/expiry-notices.ts';
import { formatProblem } from '../../../src/config/file/problem.ts';
import { loadConfig } from '../../../src/config/load/load-config.ts';
import { Pki } from '../../support/pki.ts';
import { TestFolder } from '../files.ts';
import { runCli } from '../run-cli.ts';

async function check(expires: string) {
  using folder = new TestFolder();
  const config = folder.write('config.yaml', {
    api: { api_key: 'k', expires },
    environments: [{ id: 'env_a', environment_key: 'e', expires }],
  });
  const { code, stdout } = await runCli(['check', '--config', config]);
  return { code, stdout };
}

it('check tells of keys that have expired, and calls the configuration valid', async () => {
  const { code, stdout } = await check('2020-01-31');
  expect(code).toBe(0);
  const remedy = 'put a new key in its place, and correct or remove expires';
  expect(stdout).toContain(`Note: connection default: its API key expired at 2020-01-31T00:00:00Z; ${remedy}\n`);
  expect(stdout).toContain(`Note: environment env_a: its environment key expired at 2020-01-31T00:00:00Z; ${remedy}\n`);
});

it('check says nothing of keys that will expire', async () => {
  expect((await check('9999-01-31')).stdout).not.toContain('expire');
});

describe('certificates', () => {
  /** Those of the test are valid for two days. */
  const [TODAY, LATER] = [0, 3 * 86_400_000].map((ms) => Date.now() + ms) as [number, number];
  const at = String.raw`\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ`;

  async function noticesAt(now: number, ca: (pki: Pki) => string): Promise<string[]> {
    using pki = new Pki();
    pki.server();
    const web = {
      tls_server_config: {
        cert_file: 'server.crt',
        key_file: 'server.key',
        client_auth_type: 'RequireAndVerifyClientCert',
        client_ca_file: 'ca.crt',
      },
    };
    pki.write('web.yml', JSON.stringify(web));
    pki.write('authorities.pem', ca(pki));
    const api = { api_key: 'k', ca_file: 'authorities.pem' };
    const file = { api, environments: [{ id: 'env_a' }], server: { web_config_file: 'web.yml' } };
    const path = pki.write('exporter.yaml', JSON.stringify(file));
    const loaded = await loadConfig({ path, env: {}, files: nodeFiles });
    if (!loaded.ok) throw new Error(loaded.problems.map(formatProblem).join('\n'));
    return expiryNotices(loaded.config, now);
  }

  it('that are valid are no notice', async () => {
    expect(await noticesAt(TODAY, ({ ca }) => ca.cert)).toEqual([]);
  });

  it('that have expired are one each', async () => {
    const notices = [
      `^server\\.web_config_file: the certificate of the server expired at ${at}; renew it`,
      `^server\\.web_config_file: the last of the client authorities expired at ${at}; name one that is valid`,
      `^connection default: the last certificate of ca_file expired at ${at}; name one that is valid`,
    ];
    expect(await noticesAt(LATER, ({ ca }) => ca.cert)).toEqual(
      notices.map((text) => expect.stringMatching(new RegExp(text))),
    );
  });

  it('of old beside one that is valid are none', async () => {
    const [long] = rootCertificates.filter((pem) => Date.parse(new X509Certificate(pem).validTo) > LATER);
    const notices = await noticesAt(LATER, ({ ca }) => `${ca.cert}\n${long}`);
    expect(notices.filter((notice) => notice.startsWith('connection'))).toEqual([]);
  });
});
