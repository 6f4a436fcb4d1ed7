import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { parse } from 'yaml';
import { versionedFiles } from '../../src/deploy/versioned-files.ts';
import { ROOT } from '../support/processes.ts';

const read = (path: string) => readFileSync(join(ROOT, path), 'utf8');
const { version } = JSON.parse(read('package.json')) as { version: string };

it.each(['9.8.7', '9.8.7-rc.1'])('a release sets %s wherever deploy/ has the version, and nothing else', (next) => {
  const files = versionedFiles(next, read);
  for (const { path, text } of files) {
    expect(text, path).toContain(next);
    expect(text.replaceAll(next, version), path).toBe(read(path));
  }
  const { stdout } = spawnSync('git', ['grep', '--files-with-matches', '--fixed-strings', version, '--', 'deploy'], {
    cwd: ROOT,
    encoding: 'utf8',
  });
  expect(files.map(({ path }) => path).toSorted()).toEqual(stdout.trim().split('\n'));
});

it('`npm version` puts them into its commit, with the tag that the workflow expects', () => {
  const folder = mkdtempSync(join(tmpdir(), 'release-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const run = (program: string, args: readonly string[]) => {
    const { status, stdout, stderr } = spawnSync(program, args, { cwd: folder, encoding: 'utf8' });
    if (status !== 0) throw new Error(`${program} ${args.join(' ')}: ${stderr}`);
    return stdout;
  };
  for (const name of ['package.json', 'package-lock.json', 'scripts', 'src', 'deploy', 'docs', 'alerts', 'grafana'])
    cpSync(join(ROOT, name), join(folder, name), { recursive: true });
  symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
  writeFileSync(join(folder, '.gitignore'), 'node_modules\n');
  run('git', ['init', '--quiet']);
  for (const setting of ['user.name x', 'user.email x@example.com', 'commit.gpgsign false'])
    run('git', ['config', ...setting.split(' ')]);
  run('git', ['add', '.']);
  run('git', ['commit', '--quiet', '--message', 'all']);
  run('npm', ['version', '9.8.7']);
  expect(run('git', ['status', '--porcelain'])).toBe('');
  expect(run('git', ['describe', '--tags', '--exact-match']).trim()).toBe('v9.8.7');
  const chart = parse(run('git', ['show', 'HEAD:deploy/helm/anthropic-work-exporter/Chart.yaml']));
  expect(chart).toMatchObject({ version: '9.8.7', appVersion: '9.8.7' });
});
