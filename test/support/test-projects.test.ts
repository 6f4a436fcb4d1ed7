import { existsSync, globSync } from 'node:fs';
import { matchesGlob } from 'node:path';
import { describe, expect, it } from 'vitest';
import config from '../../vitest.config.ts';
import { WAITING } from './long-tests.ts';
import { ROOT } from './processes.ts';
import { ALONE, SHARED } from './test-projects.ts';

const matches = (path: string, { include, exclude }: typeof SHARED) =>
  include.some((glob) => matchesGlob(path, glob)) && !exclude.some((glob) => matchesGlob(path, glob));

describe('the kinds of test files', () => {
  it('every test file belongs to exactly one kind', () => {
    const files = globSync('test/**/*.test.ts', { cwd: ROOT });
    expect(files.length).toBeGreaterThan(300);
    const kinds = (path: string) => [SHARED, ALONE].filter((kind) => matches(path, kind)).length;
    expect(files.filter((path) => kinds(path) !== 1)).toEqual([]);
  });

  it('give each file that waits a process of its own, as priority is that of a process', () => {
    expect(WAITING.filter((path) => !matches(path, ALONE))).toEqual([]);
  });

  it('name folders and files that exist', () => {
    for (const glob of SHARED.include) expect(existsSync(`${ROOT}/${glob.split('/**')[0]}`), glob).toBe(true);
    for (const path of SHARED.exclude) expect(existsSync(`${ROOT}/${path}`), path).toBe(true);
  });

  it('are in force: one shares processes, and Node loads the code of both', () => {
    type Project = { test: { include: string[]; isolate?: boolean } };
    const projects = config.test!.projects as unknown as Project[];
    expect(projects.map(({ test: { include, isolate = true } }) => [include, isolate])).toEqual([
      [ALONE.include, true],
      [SHARED.include, false],
    ]);
    expect(config.test!.experimental).toEqual({ viteModuleRunner: false });
  });
});
