import { readFileSync, writeFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { environmentsApi } from '../app/environments-api.ts';
import { startCommand } from '../support/processes.ts';
import { AMPLE_REQUESTS, QUICK } from '../support/simulated-api.ts';
import { TestFolder } from './files.ts';

const key = (letter: string) => `sk-ant-oat01-${letter.repeat(40)}`;

/** So many that a reload that holds up everything else would show. */
const COUNT = 600;

it('a reload of many environments takes over what changed, keys too, and rejects what is wrong', async () => {
  await using api = await environmentsApi([]);
  using folder = new TestFolder();
  const keyFile = folder.write('key', key('k'));
  const environments = Array.from({ length: COUNT }, (_, n) => ({ id: `env_${n}`, environment_key: key('e') }));
  const configuration = {
    api: { base_url: api.url, requests_per_minute: AMPLE_REQUESTS },
    environments: [...environments, { id: 'env_file', environment_key_file: keyFile, poll: QUICK }],
    server: { listen: '127.0.0.1:0' },
    poll: { stats_interval: '60s', list_interval: '60s' },
  };
  const config = folder.write('config.yaml', configuration);
  await using serve = startCommand(['serve', '--config', config]);
  const url = (await serve.saw(/"url":"([^"]+)"/))[1]!;
  const reload = async () => await (await fetch(`${url}/-/reload`, { method: 'POST' })).json();
  const sent = (id: string) =>
    new Set(api.requests.filter((one) => one.url.includes(`/${id}/`)).map(({ headers }) => headers.authorization));

  expect(await reload()).toEqual({ added: [], removed: [], changed: [], unchanged: COUNT + 1 });

  writeFileSync(keyFile, key('n'));
  const [first, , ...others] = configuration.environments;
  const changed = [{ ...first, name: 'renamed' }, { id: 'env_new', environment_key: key('f') }, ...others];
  writeFileSync(config, JSON.stringify({ ...configuration, environments: changed }));
  expect(await reload()).toEqual({
    added: ['env_new'],
    removed: ['env_1'],
    changed: ['env_0', 'env_file'],
    unchanged: COUNT - 2,
  });
  await expect.poll(() => sent('env_new'), { timeout: 30_000 }).toContain(`Bearer ${key('f')}`);
  expect(await (await fetch(`${url}/metrics`)).text()).toContain('environment_name="renamed"');

  writeFileSync(config, readFileSync(config, 'utf8').replace('"60s"', '"soon"'));
  expect(await reload()).toMatchObject({
    error: { code: 'config_rejected' },
    problems: [expect.stringContaining('poll.stats_interval')],
  });

  // A key file that is replaced meanwhile waits until the rest is mended.
  api.requests.length = 0;
  writeFileSync(keyFile, key('m'));
  await reload();
  writeFileSync(config, JSON.stringify({ ...configuration, environments: changed }));
  expect(await reload()).toMatchObject({ changed: ['env_file'] });
  await expect.poll(() => [...sent('env_file')], { timeout: 90_000 }).toContain(`Bearer ${key('m')}`);
  serve.kill('SIGTERM');
  const { code, stderr } = await serve.exit;
  expect(code).toBe(0);
  for (const letter of ['e', 'f', 'k', 'm', 'n']) expect(stderr).not.toContain(key(letter));
});
