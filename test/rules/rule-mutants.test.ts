import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { cachedRun } from '../support/cached-run.ts';
import { importedFiles } from '../support/imported-files.ts';
import { ROOT, runProgram } from '../support/processes.ts';

const SCRIPT = join(ROOT, 'scripts/mutate-rules.ts');
const IMPORTED = importedFiles(SCRIPT);

it('nearly every edit of a rule is noticed, and each other one has its reason', { timeout: 600_000 }, async () => {
  const what = {
    program: process.execPath,
    args: [SCRIPT],
    folder: ROOT,
    // The lock file names the version of everything else.
    files: [...IMPORTED, join(ROOT, 'package.json'), join(ROOT, 'package-lock.json')],
  };
  const { ok, output } = await cachedRun(what, async () => {
    const { code, stdout, stderr } = await runProgram(process.execPath, [SCRIPT]);
    return { ok: code === 0, output: `${stdout}\n${stderr}` };
  });
  expect(ok, output).toBe(true);
  expect(output).toContain(' 0 of them unexplained; 0 would not load');
});

it('what the edits meet is in the files that are imported, and in no other', async () => {
  const tell = `import { registerHooks } from 'node:module';
registerHooks({
  load(url, context, next) {
    if (url.startsWith('file:') && !url.includes('/node_modules/')) process.stderr.write('loaded ' + url + '\\n');
    return next(url, context);
  },
});`;
  const hooks = `data:text/javascript,${encodeURIComponent(tell)}`;
  const { stderr } = await runProgram(process.execPath, ['--import', hooks, SCRIPT, '^LeasesLapsing$']);
  const loaded = [...stderr.matchAll(/^loaded file:\/\/(.*)$/gm)].map(([, path]) => decodeURIComponent(path!));
  expect(loaded).toContain(join(ROOT, 'src/promql/evaluate.ts'));
  expect(loaded.filter((path) => !IMPORTED.includes(path))).toEqual([]);
  // Nothing else is read.
  expect(IMPORTED.filter((path) => /node:(fs|child_process|net|http)/.test(readFileSync(path, 'utf8')))).toEqual([]);
});
