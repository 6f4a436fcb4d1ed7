import { spawnSync } from 'node:child_process';
import { expect, it } from 'vitest';
import { ROOT } from '../support/processes.ts';
import { toolPath } from '../support/tool-path.ts';

it('the workflows have nothing that actionlint objects to', () => {
  const { status, stdout } = spawnSync(toolPath('actionlint'), ['-no-color', '-shellcheck=', '-pyflakes='], {
    cwd: ROOT,
    encoding: 'utf8',
  });
  expect(stdout).toBe('');
  expect(status).toBe(0);
});
