import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join, relative } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { enterRunFolder } from './run-folder.ts';

let parent: string;
beforeEach(() => {
  parent = mkdtempSync(join(tmpdir(), 'run-folder-'));
});
afterEach(() => rmSync(parent, { recursive: true }));

const plant = (name: string, minutesAgo: number) => {
  mkdirSync(join(parent, name));
  writeFileSync(join(parent, name, 'state.json'), '{}');
  const at = Date.now() / 1000 - minutesAgo * 60;
  utimesSync(join(parent, name), at, at);
};

describe('the folder of a test run', () => {
  it('is where this process and the programs that it starts make temporary files', () => {
    const before = tmpdir();
    {
      using folder = enterRunFolder(parent);
      expect(tmpdir()).toBe(folder.path);
      const script = 'process.stdout.write(os.tmpdir())';
      expect(spawnSync(process.execPath, ['--eval', script], { encoding: 'utf8' }).stdout).toBe(folder.path);
    }
    expect(tmpdir()).toBe(before);
  });

  it('goes with all that was left in it, and says what that was', () => {
    const folder = enterRunFolder(parent);
    expect(folder.left()).toEqual([]);
    mkdirSync(join(folder.path, 'app-1'));
    writeFileSync(join(folder.path, 'app-1', 'config.yaml'), '');
    mkdirSync(join(folder.path, 'node-compile-cache'));
    expect(folder.left()).toEqual(['app-1']);
    folder[Symbol.dispose]();
    expect(readdirSync(parent)).toEqual([]);
    expect(folder.left()).toEqual([]);
  });

  it('is told as a whole path where the one above it is relative', () => {
    using folder = enterRunFolder(relative(process.cwd(), parent));
    expect(tmpdir()).toBe(folder.path);
    expect(dirname(folder.path)).toBe(parent);
  });

  it('has a name that nothing takes for a key, whatever chance makes of it', () => {
    using folder = enterRunFolder(parent);
    expect(basename(folder.path)).toMatch(/^[a-z-]{1,10}\.\d+\.\w{6}$/);
  });

  it('takes with it those of runs that were killed some time ago, and nothing else', () => {
    const { pid: ended } = spawnSync(process.execPath, ['--version']);
    const others = [`work-tests.${process.ppid}.b`, `tests.${ended}.c`, 'work-tests.d'];
    for (const name of [`work-tests.${ended}.a`, ...others]) plant(name, 16);
    // Killed just now, or running in another container, which has the same folder for temporary files.
    others.push(`work-tests.${ended}.e`);
    plant(`work-tests.${ended}.e`, 14);
    using folder = enterRunFolder(parent);
    expect(readdirSync(parent).filter((name) => !folder.path.endsWith(name))).toEqual(others.toSorted());
    expect(existsSync(folder.path)).toBe(true);
  });
});
