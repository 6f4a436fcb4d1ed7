import { expect, it } from 'vitest';
import { rejectKeys } from '../../src/cli/command/reject-keys.ts';
import { exporterAddress } from '../../src/cli/drill/exporter-address.ts';
import { runCommand } from '../support/processes.ts';
import { runCli } from './run-cli.ts';

const KEY = 'sk-ant-api03-ARGUMENTcanary-abcdef';

it.each([
  [['serve', '--config', KEY]],
  [['serve', `--config=${KEY}`]],
  [['serve', '--api-key', KEY]],
  [['serve', '--listen', KEY]],
  [['serve', '--log-level', KEY]],
  [[KEY]],
  [['check', KEY]],
  [['drill', KEY]],
  [['drill', '--exporter', `http://${KEY}@127.0.0.1:9`]],
  [['drill', '--exporter', `http://127.0.0.1:9/${KEY}`]],
  [['rules', '--job', KEY]],
  [['simulate', '--scenario', KEY]],
  [['dashboards', '--out', KEY]],
])('%j is refused and not shown', async (args) => {
  const { code, stdout, stderr } = await runCli(args);
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  const index = args.findIndex((arg) => arg.includes(KEY)) + 1;
  expect(stderr).toMatch(new RegExp(`^argument ${index} seems to contain a key, .*replace the key`));
  expect(stderr).not.toContain('canary');
});

it('the process itself says the same', async () => {
  const { code, stderr } = await runCommand(['serve', '--api-key', KEY]);
  expect(code).toBe(2);
  expect(stderr).toContain('argument 3 seems to contain a key');
  expect(stderr).not.toContain('canary');
});

it('ordinary arguments are no keys', () => {
  const fine = [
    '--config',
    '/etc/exporter/config.yaml',
    '--exporter',
    'http://user:Zk3vQ9xT7bWm2LpRf8YhNc5JsDgUa4Eq@host:9877',
  ];
  expect(() => rejectKeys(fine)).not.toThrow();
});

it.each([
  ['http://127.0.0.1:9877', 'http://127.0.0.1:9877/', {}],
  ['https://user:p%40ss@host', 'https://host/', { authorization: `Basic ${btoa('user:p@ss')}` }],
  ['https://user:100%safe@host', 'https://host/', { authorization: `Basic ${btoa('user:100%safe')}` }],
  ['https://user@host/below/', 'https://host/below/', { authorization: `Basic ${btoa('user:')}` }],
])('the address %j is shown as %j', (written, url, headers) => {
  expect(exporterAddress(written)).toEqual({ url, headers });
});

it.each([
  'user:hunter2@host',
  'ftp://user:hunter2@host',
  'http://user:hunter2@',
  'http://host?token=hunter2',
  'hunter2',
])('the bad address %j is not shown', async (written) => {
  const { code, stderr } = await runCli(['drill', '--exporter', written]);
  expect(code).toBe(2);
  expect(stderr).toContain('--exporter: is not the address of an exporter; write it as http://HOST:PORT');
  expect(stderr).not.toContain('hunter2');
});

it('a password in the address is not in the error when nobody answers', async () => {
  const { code, stderr } = await runCli(['drill', '--exporter', 'http://user:hunter2@127.0.0.1:9']);
  expect(code).toBe(1);
  expect(stderr).toContain('No exporter answers at http://127.0.0.1:9/-/drill');
  expect(stderr).not.toContain('hunter2');
});
