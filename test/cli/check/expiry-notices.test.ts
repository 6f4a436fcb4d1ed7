import { expect, it } from 'vitest';
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
