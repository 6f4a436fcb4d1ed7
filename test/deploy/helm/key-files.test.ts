import { expect, it } from 'vitest';
import { ENVIRONMENT } from './chart-objects.ts';
import { template } from './helm.ts';

const apiKey = (file: string, more: object = {}) => ({
  config: { api: { api_key_file: file }, discovery: { enabled: true } },
  ...more,
});
/** With a file of authorities, as behind a proxy that inspects TLS. */
const authorities = (ca_file: string, more: object = {}) => ({
  config: {
    api: { api_key_file: '/run/secrets/anthropic-work-exporter/api-key', ca_file },
    discovery: { enabled: true },
  },
  ...more,
});
const second = { connections: { second: { api_key_file: '/run/secrets/second' } } };
const environments = [{ id: 'env_1' }, { id: 'env_2', environment_key_file: '/run/secrets/2' }];
const mounted = (mount: object) => ({
  extraVolumes: [{ name: 'own', emptyDir: {} }],
  extraVolumeMounts: [{ name: 'own', ...mount }],
});
const INJECTOR = { podAnnotations: { 'vault.hashicorp.com/agent-inject': 'true' } };

it.each<readonly [string, object, string]>([
  [
    'where the README has it',
    apiKey('/run/secrets/anthropic-api-key'),
    'api.api_key_file is /run/secrets/anthropic-api',
  ],
  [
    'in a Secret that is not mounted',
    apiKey('/run/secrets/other/api-key', { existingSecrets: ['mine'] }),
    'the entry api-key of the Secret mine is the file /run/secrets/mine/api-key',
  ],
  ['without any Secret', apiKey('/run/secrets/x', { existingSecrets: [] }), 'is the file /run/secrets/NAME/api-key'],
  ['by its old path', apiKey('/var/run/secrets/other/api-key'), 'api.api_key_file is /var/run/secrets/other/api-key'],
  ['beside the configuration', apiKey('api-key'), 'api.api_key_file is api-key'],
  ['of another connection', { config: second }, 'connections.second.api_key_file is /run/secrets/second'],
  ['of an environment', { config: { environments } }, 'environments[1].environment_key_file is /run/secrets/2'],
  [
    'as a directory above the Secrets',
    { config: { discovery: { environment_keys_dir: '/run/secrets' } } },
    'discovery.environment_keys_dir is /run/secrets',
  ],
  [
    'of a web configuration',
    { config: { server: { web_config_file: '/run/secrets/web.yml' } } },
    'server.web_config_file is /run/secrets/web.yml',
  ],
  ['of authorities', authorities('/run/secrets/proxy/ca.pem'), 'api.ca_file is /run/secrets/proxy/ca.pem'],
  ['of authorities, beside the configuration', authorities('ca.pem'), 'api.ca_file is ca.pem'],
  [
    'of the authorities of another connection',
    { config: { connections: { second: { ca_file: '/run/secrets/ca.pem' } } } },
    'connections.second.ca_file is /run/secrets/ca.pem',
  ],
])('a file of keys is refused that no volume holds: %s', (_, values, message) => {
  const { status, stdout, stderr } = template(values as Record<string, unknown>);
  expect(status).not.toBe(0);
  expect(stdout).toBe('');
  expect(stderr).toContain(message);
  expect(stderr).toContain(', which no volume of the pod holds.');
});

it.each<readonly [string, object]>([
  ['in a Secret', apiKey('/run/secrets/mine/api-key', { existingSecrets: ['mine'] })],
  ['in a Secret, by its old path', apiKey('/var/run/secrets/anthropic-work-exporter/api-key')],
  ['in a volume of the user', apiKey('/run/secrets/own/key', mounted({ mountPath: '/run/secrets/own' }))],
  ['that is a mount by itself', apiKey('/run/secrets/key', mounted({ mountPath: '/run/secrets/key', subPath: 'key' }))],
  [
    'in a volume beside the configuration',
    apiKey('own/key', mounted({ mountPath: '/etc/anthropic-work-exporter/own' })),
  ],
  ['that an injector may bring', apiKey('/run/secrets/x', INJECTOR)],
  ['elsewhere in the pod', apiKey('/vault/secrets/api-key')],
  ['of authorities, in a Secret', authorities('/run/secrets/anthropic-work-exporter/ca.pem')],
  ['of authorities, of the image', authorities('/etc/ssl/certs/ca-certificates.crt')],
  [
    'of authorities, as a file beside the configuration',
    authorities('ca.pem', mounted({ mountPath: '/etc/anthropic-work-exporter/ca.pem', subPath: 'ca.pem' })),
  ],
  [
    'of authorities, below /var/run',
    authorities('/var/run/secrets/ca/ca.pem', mounted({ mountPath: '/var/run/secrets/ca' })),
  ],
  ['of authorities, below /run', authorities('/run/secrets/ca/ca.pem', mounted({ mountPath: '/var/run/secrets/ca/' }))],
  [
    'of authorities, in a volume for all of /var/run',
    authorities('/run/secrets/ca.pem', mounted({ mountPath: '/var/run' })),
  ],
  ['in a volume below /var/run', apiKey('/var/run/secrets/own/key', mounted({ mountPath: '/var/run/secrets/own' }))],
  ['named by a variable', apiKey(`\${API_KEY_FILE}`, { extraEnv: [{ name: 'API_KEY_FILE', value: '/x' }] })],
  [
    'that is a whole Secret',
    {
      config: {
        environments: [ENVIRONMENT],
        discovery: { environment_keys_dir: '/run/secrets/anthropic-work-exporter' },
      },
    },
  ],
])('a file of keys is taken: %s', (_, values) => {
  expect(template(values as Record<string, unknown>).stderr).toBe('');
});

it.each([
  ['of the key', apiKey('/run/secrets/anthropic-work-exporter/')],
  ['of authorities', authorities('/run/secrets/anthropic-work-exporter')],
  [
    'of a web configuration',
    {
      config: { environments: [ENVIRONMENT], server: { web_config_file: '/var/run/secrets/tls' } },
      existingSecrets: ['anthropic-work-exporter', 'tls'],
    },
  ],
])('the directory of a Secret in the place of a file is refused: %s', (_, values) => {
  expect(template(values as Record<string, unknown>).stderr).toMatch(
    /, which is the directory of the Secret (\S+)\. Name a file in it, such as \/run\/secrets\/\1\/api-key/,
  );
});
