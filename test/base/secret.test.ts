import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../src/base/clock.ts';
import { hasKnownKey, looksLikeKey } from '../../src/base/secret.ts';

const RANDOM = 'Zk3vQ9xT7bWm2LpRf8YhNc5JsDgUa4Eq';

describe('looksLikeKey', () => {
  it.each([
    ['an API key', 'sk-ant-api03-abc'],
    ['an environment key in a sentence', 'prod (sk-ant-oat01-abc)'],
    ['in capitals', 'SK-ANT-API03-ABC'],
    ['in base64 after one character', Buffer.from(':sk-ant-abc').toString('base64')],
    ['in base64 after a name', Buffer.from('me:sk-ant-abc').toString('base64')],
    ['in base64 for addresses', Buffer.from('user:sk-ant-abc').toString('base64url')],
    ['in base64', Buffer.from('sk-ant-api03-abcdef').toString('base64')],
    ['in hexadecimal digits', Buffer.from('sk-ant-api03-abcdef').toString('hex')],
    ['with dashes of a word processor', 'sk\u2013ant\u2013api03\u2013abc'],
    ['with hyphens that do not break', 'sk\u2011ant\u2011api03\u2011abc'],
    ['with a soft hyphen in it', 'sk\u00ad-ant-oat01-abc'],
    ['with a space of no width in it', 'sk-\u200bant-oat01-abc'],
    ['in wide letters', '\uff53\uff4b\uff0d\uff41\uff4e\uff54\uff0doat01-abc'],
    ['a key of another service', 'sk-proj-abcdefghijklmnop1234'],
    ['a token of Google', 'ya29.a0AfH6SMCabc'],
    ['a token of Qoder', 'pt-abcdefghijklmnop1234'],
    ['a token of GitHub', 'ghp_abcdefghijklmnop1234'],
    ['an access key id of AWS', 'AKIAIOSFODNN7EXAMPLE'],
    ['a JWT', 'eyJhbGciOiJIUzI1.eyJzdWIiOiIx.abc'],
    ['a private key', '-----BEGIN RSA PRIVATE KEY-----'],
    ['a random token', RANDOM],
    ['a random token with a space of no width in it', `${RANDOM.slice(0, 16)}\u200b${RANDOM.slice(16)}`],
    ['a random token in a path', `/run/secrets/${RANDOM}/key`],
  ])('takes %s for a key', (_, text) => expect(looksLikeKey(text)).toBe(true));

  it.each([
    '',
    'prod',
    'Production EU (Frankfurt), second cluster of 2026',
    'env_011CSHoEeqs5C35K2UUqR7Fy',
    'wrkspc_01JwQvzr7rXLA5AGx3HKfFUJ',
    '0123456789abcdef0123456789abcdef01234567',
    '9b2f8d7e-3c41-4a5b-8c6d-1e2f3a4b5c6d',
    'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
    '/var/lib/kubelet/pods/9b2f8d7e-3c41-4a5b-8c6d-1e2f3a4b5c6d/volumes/kubernetes.io~secret/keys',
    '/nix/store/5rnfzla9kcx4mj5zdc7nlnv8na1najvg-exporter-1.2.3/etc/config.yaml',
    'AnthropicWorkExporterProductionCluster2026EuCentral1',
    'prod-2026-11-24-EU-central-1-cluster-A-blue',
    'sk-bratislava',
    'task-runner-sk-anton',
    'task - anthill - 3',
    'desk - ant - colony',
    'SK Antwerp',
    'https://claude.googleapis.com/v1alpha/projects/PROJECT/locations/LOCATION/workspaces/WORKSPACE_ID/invoke',
    '会話 プロダクション 🚀',
    'Basel–Ankara – the night queue',
  ])('not %j', (text) => expect(looksLikeKey(text)).toBe(false));

  it('finds nearly every random token of 40 characters', () => {
    const random = seededRandom(1);
    const bytes = () => Buffer.from(Array.from({ length: 30 }, () => Math.floor(256 * random())));
    const tokens = Array.from({ length: 1000 }, () => bytes().toString('base64url'));
    expect(tokens.filter((token) => !looksLikeKey(token)).length).toBeLessThan(20);
  });
});

it('hasKnownKey does not judge by chance', () => {
  expect([hasKnownKey(RANDOM), hasKnownKey('my sk-ant-x')]).toEqual([false, true]);
});
