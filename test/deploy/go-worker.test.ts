import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { WORKER_LOG_LINES } from '../alerts/runbooks/worker-log-lines.ts';
import { toolPath } from '../support/tools.ts';

it('the Go worker logs the lines that the runbooks search for', () => {
  const program = readFileSync(toolPath('go-worker'), 'latin1');
  expect(WORKER_LOG_LINES.filter(({ go }) => !program.includes(go))).toEqual([]);
});
