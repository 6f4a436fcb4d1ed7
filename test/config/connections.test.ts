import { describe, expect, it } from 'vitest';
import { PRESETS } from '../../src/wire/presets.ts';
import { selfSigned } from '../client/self-signed.ts';
import { configOf, noticesOf, problemsOf } from './support.ts';

const PEM = selfSigned().cert;
const one = (connection: string, environment = 'environment_key: e') =>
  `api: {${connection}}\nenvironments: [{id: env_1, ${environment}}]`;

describe('providers', () => {
  it.each(['aws', 'google', 'opensdlc', 'self-hosted-service'] as const)(
    '%s needs a base URL, and the error prints the template',
    async (provider) => {
      const problems = await problemsOf(
        one(
          `provider: ${provider}, api_key: k, workspace_id: w`,
          provider === 'opensdlc' ? 'environment_key: e' : 'name: x',
        ),
      );
      expect(problems).toEqual([
        `1:1: api.base_url: provider ${provider} has no default address; set base_url: ${PRESETS[provider].baseUrlTemplate}`,
      ]);
    },
  );

  it.each([
    ['anthropic', '', 240],
    ['self-hosted-service', '', 1200],
    ['self-hosted-service', ', requests_per_minute: 60', 60],
  ])('the budget of %s%s is %i', async (provider, written, requestsPerMinute) => {
    const { connections } = await configOf(
      one(`provider: ${provider}, api_key: k, base_url: "https://a.example"${written}`),
    );
    expect(connections).toMatchObject([{ requestsPerMinute }]);
  });

  it('a connection to aws needs a workspace', async () => {
    expect(await problemsOf(one('provider: aws, api_key: k, base_url: "https://a.example"', 'name: x'))).toEqual([
      expect.stringContaining('1:1: api.workspace_id: provider aws needs a workspace id'),
    ]);
  });

  it.each(['aws', 'google', 'qoder'] as const)('an environment key on %s is an error', async (provider) => {
    const api = `provider: ${provider}, api_key: k, workspace_id: w, base_url: "https://a.example"`;
    expect(await problemsOf(one(api))).toEqual([
      `2:28: environments[0].environment_key: provider ${provider} has no environment keys; remove it; api_key of connection default reads everything`,
    ]);
    expect(await problemsOf(one(api, 'environment_key_file: f'), { files: { '/etc/exporter/f': 'e' } })).toEqual([
      expect.stringContaining(
        `2:28: environments[0].environment_key_file: provider ${provider} has no environment keys`,
      ),
    ]);
  });

  it('the heartbeat threshold follows the provider until it is written', async () => {
    const yaml = `
connections:
  default: {api_key: k}
  other: {provider: opensdlc, base_url: "https://a.example"}
environments:
  - {id: a, environment_key: e}
  - {id: b, environment_key: e, connection: other}
  - {id: c, environment_key: e, connection: other, thresholds: {stale_heartbeat: 45s}}
`;
    const config = await configOf(yaml);
    const stale = config.environments.map(({ environment }) => environment.thresholds.staleHeartbeatSeconds);
    expect(stale).toEqual([120, 60, 45]);
    expect(config.discovery.defaultsByConnection.default!.thresholds.staleHeartbeatSeconds).toBe(120);
    expect(config.discovery.defaultsByConnection!.other!.thresholds.staleHeartbeatSeconds).toBe(60);
    const written = await configOf(`${yaml}thresholds: {stale_heartbeat: 3m}`);
    expect(written.environments.map(({ environment }) => environment.thresholds.staleHeartbeatSeconds)).toEqual([
      180, 180, 45,
    ]);
  });

  it.each(['connections: {batch: }', 'connections: {batch: {}}'])(
    'a connection with nothing under its name has the defaults: %s',
    async (yaml) => {
      const config = await configOf(`${yaml}\nenvironments: [{id: e, environment_key: k, connection: batch}]`);
      expect(config.connections).toMatchObject([{ name: 'batch', provider: 'anthropic', requestsPerMinute: 240 }]);
    },
  );
});

describe('base_url', () => {
  it.each([
    ['https://a.example/', 'https://a.example'],
    ['http://localhost:9878', 'http://localhost:9878'],
    ['http://[::1]:1', 'http://[::1]:1'],
    ['https://a.example/v1/acc/gw/anthropic', 'https://a.example/v1/acc/gw/anthropic'],
  ])('%s', async (url, kept) => {
    expect((await configOf(one(`api_key: k, base_url: "${url}"`))).connections[0]!.baseUrl).toBe(kept);
    expect(await noticesOf(one(`api_key: k, base_url: "${url}"`))).toEqual([]);
  });

  it.each([
    ['ftp://a.example', 'must be an http or https URL'],
    ['https://u:p@a.example', 'must be an http or https URL'],
    ['https://a.example?x=1', 'must be an http or https URL'],
    ['https://a.example/v1', 'has /v1 in it, which is added anyway'],
    ['https://a.example/x/v1/environments/env_1/work', 'has /v1 in it, which is added anyway'],
  ])('refuses %s', async (url, problem) => {
    expect(await problemsOf(one(`api_key: k, base_url: "${url}"`))).toEqual([
      expect.stringContaining(`1:29: api.base_url: ${problem}`),
    ]);
  });

  it('plain http to another host is a notice', async () => {
    expect(await noticesOf(one('api_key: k, base_url: "http://10.0.0.1:80"'))).toEqual([
      expect.stringContaining('keys travel unencrypted'),
    ]);
  });
});

it('a ca_file is read, and watched for changes; it must exist and hold a certificate', async () => {
  const yaml = one('api_key: k, ca_file: /ca.pem');
  const config = await configOf(yaml, { files: { '/ca.pem': PEM } });
  expect(config.connections[0]!.ca).toBe(PEM);
  expect(config.files).toContain('/ca.pem');
  expect(await problemsOf(yaml)).toEqual([expect.stringContaining('api.ca_file: file /ca.pem does not exist')]);
  const problems = await problemsOf(yaml, { files: { '/ca.pem': 'x' } });
  expect(problems).toEqual([expect.stringContaining('api.ca_file: file /ca.pem has no PEM certificate')]);
});

describe('keys that are missing', () => {
  it('no key for anything is a problem that says which', async () => {
    expect(await problemsOf('environments: [{id: env_1}]')).toEqual([
      '1:21: environments[0].id: nothing can be read for env_1: there is no key; set api_key_file of connection default or environment_key_file (a key made in Console → Environments → Environment keys)',
    ]);
  });

  it('no key for the lists of several environments is one notice, with their number and the first of them', async () => {
    const all = Array.from({ length: 300 }, (_, index) => `{id: env_${index}}`).join(', ');
    const yaml = `api: {api_key: k, requests_per_minute: 9000}\nenvironments: [${all}, {id: other, environment_key: e}]`;
    expect(await noticesOf(yaml)).toEqual([
      expect.stringContaining('2:21: environments[0].id: list of 300 environments (the first is env_0) cannot be read'),
    ]);
  });

  it('an environment key alone reads both, an API key on opensdlc neither', async () => {
    expect(await noticesOf('environments: [{id: env_1, environment_key: e}]')).toEqual([]);
    expect(await problemsOf(one('provider: opensdlc, base_url: "https://a.example", api_key: k', 'name: x'))).toEqual([
      expect.stringContaining('nothing can be read for env_1'),
    ]);
  });
});
