import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { ROOT } from '../support/processes.ts';

it('npx starts the program in a checkout, as the pages say', () => {
  const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
  const { stdout, stderr, status } = spawnSync('npx', ['--offline', 'anthropic-work-exporter', '--version'], {
    cwd: ROOT,
    encoding: 'utf8',
  });
  expect(stderr).toBe('');
  expect({ stdout, status }).toEqual({ stdout: `${version}\n`, status: 0 });
});
