import { join } from 'node:path';
import { expect, it } from 'vitest';
import { ROOT, runProgram } from '../support/processes.ts';

it('nearly every edit of a rule is noticed, and each other one has its reason', { timeout: 600_000 }, async () => {
  const { code, stdout, stderr } = await runProgram(process.execPath, [join(ROOT, 'scripts/mutate-rules.ts')]);
  expect(code, `${stdout}\n${stderr}`).toBe(0);
  expect(stdout).toContain(' 0 of them unexplained; 0 would not load');
});
