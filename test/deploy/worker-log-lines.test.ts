import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { WORKER_LOG_LINES } from '../alerts/runbooks/worker-log-lines.ts';
import { toolPath } from '../support/tools.ts';
import { pythonPackages } from '../tools/python-packages.ts';

it('the Go worker logs the lines that the runbooks search for', () => {
  const program = readFileSync(toolPath('go-sdk'), 'latin1');
  expect(WORKER_LOG_LINES.filter(({ go }) => !program.includes(go))).toEqual([]);
});

it('the Python worker logs them, too', () => {
  const folder = join(pythonPackages(), 'anthropic/lib');
  const sources = globSync('**/*.py', { cwd: folder }).map((file) => readFileSync(join(folder, file), 'utf8'));
  const program = sources.join('\n');
  expect(WORKER_LOG_LINES.filter(({ python }) => !program.includes(python))).toEqual([]);
});
