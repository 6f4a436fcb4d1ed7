import { expect, it } from 'vitest';
import { runCli } from '../run-cli.ts';

const KEYS = { ANTHROPIC_API_KEY: 'k'.repeat(20), ANTHROPIC_ENVIRONMENT_ID: 'env_1' };
const NO_URL = 'is not the URL of a proxy; set it to http://HOST:PORT, or remove it';

it.each([['check'], ['check', '--live'], ['once'], ['serve', '--listen', '127.0.0.1:0']])(
  '%s %s: a variable that names no proxy is an error of the configuration, and its password is not shown',
  async (...args) => {
    const { code, stdout, stderr } = await runCli(args, { ...KEYS, HTTPS_PROXY: 'ftp://user:secret@proxy' });
    expect(code).toBe(2);
    expect((stdout + stderr).trim()).toBe(`HTTPS_PROXY: ${NO_URL}`);
  },
);

it('is told by the name under which it is set', async () => {
  const { stdout } = await runCli(['check'], {
    ...KEYS,
    https_proxy: 'http://proxy/path',
    HTTPS_PROXY: 'http://proxy',
  });
  expect(stdout.trim()).toBe(`https_proxy: ${NO_URL}`);
});

it.each<[string, Readonly<Record<string, string>>]>([
  ['a host and a port', { HTTPS_PROXY: 'proxy:3128' }],
  ['SOCKS', { HTTPS_PROXY: 'socks5://proxy:1080' }],
  ['nothing', { HTTPS_PROXY: '' }],
  ['a wrong one for http alone', { HTTP_PROXY: 'ftp://proxy' }],
  ['a wrong one that NO_PROXY keeps away', { HTTPS_PROXY: 'ftp://proxy', NO_PROXY: 'api.anthropic.com' }],
])('is none: %s', async (_, env) => {
  expect((await runCli(['check'], { ...KEYS, ...env })).code).toBe(0);
});

it('a proxy in a variable of other programs is told as one that is not used', async () => {
  const { code, stdout } = await runCli(['check'], { ...KEYS, ALL_PROXY: 'http://user:secret@proxy:3128' });
  expect(code).toBe(0);
  expect(stdout).toContain('Note: ALL_PROXY: is not read; name the proxy in HTTPS_PROXY');
  expect(stdout).not.toContain('secret');
});

it.each([{ HTTPS_PROXY: 'proxy:3128' }, { NO_PROXY: '.anthropic.com' }, { ALL_PROXY: '' }])(
  'and not where it makes no difference: %j',
  async (env) => {
    const { stdout } = await runCli(['check'], { ...KEYS, ALL_PROXY: 'http://proxy:3128', ...env });
    expect(stdout).not.toContain('ALL_PROXY');
  },
);
