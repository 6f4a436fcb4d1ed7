import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { expect, it } from 'vitest';
import { oldNodeComplaint } from '../../src/cli/start.ts';
import { BUILT_MAIN, ROOT, runProgram } from '../support/processes.ts';

/** The Node of the machine, whatever its age: the first on the PATH that npm did not put there. */
function machinesNode(): string {
  const path = (process.env.PATH ?? '').split(delimiter).filter((folder) => !folder.endsWith('node_modules/.bin'));
  const { stdout } = spawnSync('/bin/sh', ['-c', 'command -v node'], {
    env: { PATH: path.join(delimiter) },
    encoding: 'utf8',
  });
  return stdout.trim() || process.execPath;
}

/** Makes Node say that it is an older one, before it loads the program. */
const pretend = (version: string) =>
  `data:text/javascript,Object.defineProperty(process,'versions',{value:{...process.versions,node:'${version}'}})`;

it('an old Node ends with one sentence that says what is needed, and as what a second start does not mend', async () => {
  const args = ['--import', pretend('20.1.0'), BUILT_MAIN, '--version'];
  const { code, stdout, stderr } = await runProgram(process.execPath, args);
  expect({ code, stdout, stderr }).toEqual({
    code: 2,
    stdout: '',
    stderr: `${oldNodeComplaint('20.1.0', process.execPath)}\n`,
  });
});

it("the machine's own Node runs the program or says what is needed", async () => {
  const node = machinesNode();
  const version = (await runProgram(node, ['--version'])).stdout.trim().replace(/^v/, '');
  const complaint = oldNodeComplaint(version, node);
  const { code, stdout, stderr } = await runProgram(node, [BUILT_MAIN, '--version']);
  if (complaint === null) expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  else expect({ code, stdout, stderr }).toEqual({ code: 2, stdout: '', stderr: `${complaint}\n` });
});

it('npx starts the program in a checkout, as the pages say', () => {
  const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
  const { stdout, stderr, status } = spawnSync('npx', ['--offline', 'anthropic-work-exporter', '--version'], {
    cwd: ROOT,
    encoding: 'utf8',
  });
  expect({ stdout, stderr, status }).toEqual({ stdout: `${version}\n`, stderr: '', status: 0 });
});
