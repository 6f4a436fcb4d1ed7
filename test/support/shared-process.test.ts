import { existsSync, globSync } from 'node:fs';
import { matchesGlob } from 'node:path';
import { describe, expect, it } from 'vitest';
import config from '../../vitest.config.ts';
import { ROOT } from './processes.ts';
import { ALONE, SHARED } from './shared-process.ts';

const matches = (path: string, { include, exclude }: typeof SHARED) =>
  include.some((glob) => matchesGlob(path, glob)) && !exclude.some((glob) => matchesGlob(path, glob));

describe('test files in shared processes', () => {
  it('and those alone are all test files, each once', () => {
    const files = globSync('test/**/*.test.ts', { cwd: ROOT });
    expect(files.length).toBeGreaterThan(300);
    expect(files.filter((path) => matches(path, SHARED) === matches(path, ALONE))).toEqual([]);
  });

  it('are in folders that exist, and so are the exceptions', () => {
    for (const glob of SHARED.include) expect(existsSync(`${ROOT}/${glob.split('/**')[0]}`), glob).toBe(true);
    for (const path of SHARED.exclude) expect(existsSync(`${ROOT}/${path}`), path).toBe(true);
  });

  it('are the only ones that share one', () => {
    const projects = config.test!.projects as { test: { name: string; include: string[]; isolate?: boolean } }[];
    expect(projects.map(({ test: { include, isolate = true } }) => [include, isolate])).toEqual([
      [ALONE.include, true],
      [SHARED.include, false],
    ]);
  });
});
