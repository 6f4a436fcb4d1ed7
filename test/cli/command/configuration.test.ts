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
])('is none: %s', async (_, env) => {
  expect((await runCli(['check'], { ...KEYS, ...env })).code).toBe(0);
});
