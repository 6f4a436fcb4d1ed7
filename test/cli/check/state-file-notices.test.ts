import { mkdirSync, readdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { stateFileNotices } from '../../../src/cli/check/state-file-notices.ts';
import { TestFolder } from '../files.ts';
import { runCli } from '../run-cli.ts';

const LOSS = 'and without a state file counters start at 0 after each restart';

async function check(folder: TestFolder, stateFile: string, ...flags: string[]) {
  const environments = [{ id: 'env_a' }];
  const config = folder.write('config.yaml', { api: { api_key: 'k' }, environments, state_file: stateFile });
  return runCli(['check', '--config', config, ...flags]);
}

it('check says that the directory of the state file does not exist, and calls the configuration valid', async () => {
  using folder = new TestFolder();
  const { code, stdout } = await check(folder, 'gone/state.json');
  expect(code).toBe(0);
  expect(stdout).toContain(
    `Note: state_file: directory ${join(folder.path, 'gone')} does not exist, ${LOSS}; create it, or name a file`,
  );
  const { notices } = JSON.parse((await check(folder, 'gone/state.json', '--json')).stdout) as { notices: string[] };
  expect(notices).toContainEqual(expect.stringContaining('gone does not exist'));
  expect(readdirSync(folder.path)).toEqual(['config.yaml']);
});

it.each(['~/state.json', '$HOME/state.json'])('says that no shell reads %s', async (stateFile) => {
  using folder = new TestFolder();
  expect((await check(folder, stateFile)).stdout).toContain(
    `does not exist, ${LOSS}; write the whole path: ~ and variables in it are not expanded`,
  );
});

it('check says nothing of a directory that can be written to', async () => {
  using folder = new TestFolder();
  mkdirSync(join(folder.path, 'there'));
  expect((await check(folder, 'there/state.json')).stdout).not.toContain('state_file');
  expect(readdirSync(join(folder.path, 'there'))).toEqual([]);
});

it('looks where a link leads, which is where the file is written', async () => {
  using folder = new TestFolder();
  const link = join(folder.path, 'link.json');
  symlinkSync(join(folder.path, 'gone', 'state.json'), link);
  expect(await stateFileNotices({ stateFile: link })).toEqual([
    expect.stringContaining(`directory ${join(folder.path, 'gone')} does not exist`),
  ]);
});

it.each([
  ['EACCES', 'may not be written to by this user', 'check its owner and mode, or name a file'],
  ['EPERM', 'may not be written to by this user', 'check its owner and mode, or name a file'],
  ['EROFS', 'is on a read-only file system', 'name a file'],
  ['EIO', 'cannot be written to (EIO)', 'name a file'],
])('says what %s means, and what to do', async (code, what, remedy) => {
  const refuses = () => Promise.reject(Object.assign(new Error(code), { code }));
  for (const directory of ['/srv/x', '/srv/$x'])
    expect(await stateFileNotices({ stateFile: `${directory}/state.json` }, refuses)).toEqual([
      `state_file: directory ${directory} ${what}, ${LOSS}; ${remedy} in a directory that the exporter may write to`,
    ]);
});

it('says nothing where no state file is configured', async () => {
  expect(await stateFileNotices({ stateFile: null }, () => Promise.reject(new Error('asked')))).toEqual([]);
});
