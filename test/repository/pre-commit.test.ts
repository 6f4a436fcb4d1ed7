import { type SpawnSyncReturns, spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { ROOT } from '../support/processes.ts';

/** A folder that is gone after the test, with git as someone who has no settings. */
function emptyFolder() {
  const folder = mkdtempSync(join(tmpdir(), 'checkout-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const env = { PATH: process.env.PATH, HOME: folder, GIT_CONFIG_NOSYSTEM: '1' };
  const git = (...args: string[]): SpawnSyncReturns<string> =>
    spawnSync('git', ['-C', folder, '-c', 'user.name=A', '-c', 'user.email=a@example.com', ...args], {
      env,
      encoding: 'utf8',
    });
  return { folder, git, write: (name: string, text: string) => writeFileSync(join(folder, name), text) };
}

/** A checkout with the formatter and the hook. */
function checkout() {
  const made = emptyFolder();
  made.git('init', '-q');
  for (const path of ['biome.json', '.githooks'])
    cpSync(join(ROOT, path), join(made.folder, path), { recursive: true });
  symlinkSync(join(ROOT, 'node_modules'), join(made.folder, 'node_modules'));
  made.write('.gitignore', 'node_modules\n');
  // As CONTRIBUTING.md says.
  made.git('config', 'core.hooksPath', '.githooks');
  return { ...made, committed: (name: string) => made.git('show', `HEAD:${name}`).stdout };
}

describe('the pre-commit hook', () => {
  it('formats what is committed, also under odd names, and nothing else', () => {
    const { folder, git, write, committed } = checkout();
    write('a b.ts', 'export const a = "a"\n');
    write('other.ts', 'export const b = "b"\n');
    write('page.md', 'Left   alone\n');
    git('add', 'a b.ts', 'page.md');
    expect(git('commit', '-m', 'one')).toMatchObject({ status: 0 });
    expect(committed('a b.ts')).toBe("export const a = 'a';\n");
    expect(committed('page.md')).toBe('Left   alone\n');
    expect(readFileSync(join(folder, 'other.ts'), 'utf8')).toBe('export const b = "b"\n');
  });

  it('stops on what it cannot mend', () => {
    const { git, write } = checkout();
    write('a.ts', 'export const a: any = 1;\n');
    git('add', 'a.ts');
    const { status, stderr, stdout } = git('commit', '-m', 'one');
    expect(status).toBe(1);
    expect(stdout + stderr).toContain('noExplicitAny');
  });

  it('stages no more of a file than was staged', () => {
    const { git, write, committed } = checkout();
    write('a.ts', 'export const a = 1;\n');
    git('add', 'a.ts');
    write('a.ts', 'export const a = 1;\nexport const b = 2;\n');
    expect(git('commit', '-m', 'one')).toMatchObject({ status: 0 });
    expect(committed('a.ts')).toBe('export const a = 1;\n');
  });

  it('lets a commit pass that only deletes', () => {
    const { git, write } = checkout();
    write('a.md', 'a\n');
    git('add', 'a.md');
    git('commit', '-m', 'one');
    git('rm', '-q', 'a.md');
    expect(git('commit', '-m', 'two')).toMatchObject({ status: 0 });
  });

  it('lets a commit pass before anything is installed, and says so', () => {
    const { folder, git, write } = checkout();
    rmSync(join(folder, 'node_modules'));
    write('a.ts', 'export const a = "a"\n');
    git('add', 'a.ts');
    const { status, stderr } = git('commit', '-m', 'one');
    expect(status).toBe(0);
    expect(stderr).toContain('nothing is formatted until `npm ci` has run');
  });
});
