import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { FileFault, type FileReader, nodeFiles } from '../../src/base/files.ts';
import { loadConfig } from '../../src/config/load.ts';
import { formatProblem } from '../../src/config/problem.ts';
import { formatStateFile } from '../../src/statefile/ledger-json.ts';
import { systemError } from './support.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'state-file-option-'));
  writeFileSync(at('key'), 'sk-ant-oat01-abcdefgh');
});
afterEach(() => rmSync(folder, { recursive: true }));
const at = (name: string) => join(folder, name);

function configure(stateFile: string): string {
  const path = at('config.yaml');
  const environments = [{ id: 'env_1', environment_key_file: 'key' }];
  writeFileSync(path, JSON.stringify({ state_file: stateFile, environments }));
  return path;
}

async function problemsWith(stateFile: string): Promise<string[]> {
  const result = await loadConfig({ path: configure(stateFile), env: {} });
  return result.ok ? [] : result.problems.map((problem) => formatProblem(problem).replace(/^.*: state_file: /, ''));
}

const STATE = formatStateFile({ instance: 'one', savedAt: 0, diagnosis: null }, []);
const NAME_ONE = 'name a file that only the exporter writes';

it.each([
  ['none yet', null],
  ['an empty one', ''],
  ['one of this program', STATE],
  ['one of a later version', STATE.replace('"version":1', '"version":12')],
  ['one that was cut', STATE.slice(0, 12)],
  ['one that was damaged further on', `${STATE.slice(0, 40)}#######`],
])('takes %s', async (_, content) => {
  if (content !== null) writeFileSync(at('state.json'), content);
  expect(await problemsWith('state.json')).toEqual([]);
  symlinkSync(at('state.json'), at('link'));
  expect(await problemsWith('link')).toEqual([]);
});

it.each([
  ['text', 'created 7'],
  ['other JSON', '{"version":"1","services":{}}'],
  ['a file of zeros', '\0'.repeat(512)],
  ['a key', 'sk-ant-oat01-abcdefgh'],
])('refuses %s, and leaves it as it is', async (_, content) => {
  writeFileSync(at('other'), content);
  expect(await problemsWith('other')).toEqual([
    `file ${at('other')} is not a state file, and is not replaced; ${NAME_ONE}`,
  ]);
  expect(readFileSync(at('other'), 'latin1')).toBe(content);
});

it('refuses what is no regular file', async () => {
  execFileSync('mkfifo', [at('pipe')]);
  symlinkSync('/dev/null', at('null'));
  for (const [path, kind] of [
    ['/dev/null', 'a device'],
    [at('null'), 'a device'],
    [folder, 'a directory'],
    [at('pipe'), 'a named pipe'],
  ] as const) {
    expect(await problemsWith(path)).toEqual([`file ${path} is ${kind}, not a regular file; ${NAME_ONE}`]);
  }
});

it.each([systemError('EIO'), new FileFault('file_hangs', 'does not answer')])(
  'takes one that cannot be read, since the exporter runs without it: %s',
  async (fault) => {
    const files: FileReader = {
      ...nodeFiles,
      readFile: (file, limit) => (file === at('state.json') ? Promise.reject(fault) : nodeFiles.readFile(file, limit)),
    };
    const result = await loadConfig({ path: configure('state.json'), env: {}, files });
    expect(result).toMatchObject({ ok: true, config: { stateFile: at('state.json') } });
  },
);
