import { existsSync, globSync } from 'node:fs';
import { matchesGlob } from 'node:path';
import { describe, expect, it } from 'vitest';
import config from '../../vitest.config.ts';
import deploy from '../../vitest.deploy.config.ts';
import { WAITING } from './long-tests.ts';
import { ROOT } from './processes.ts';
import { ALONE, DEPLOY, SHARED } from './test-projects.ts';

interface Kind {
  readonly include: readonly string[];
  readonly exclude?: readonly string[];
}

const matches = (path: string, { include, exclude = [] }: Kind) =>
  include.some((glob) => matchesGlob(path, glob)) && !exclude.some((glob) => matchesGlob(path, glob));

describe('the kinds of test files', () => {
  it('every test file is run by `npm test` once, or by `npm run test:deploy`', () => {
    const files = globSync('test/**/*.test.ts', { cwd: ROOT });
    expect(files.length).toBeGreaterThan(100);
    const kinds = (path: string) => [SHARED, ALONE].filter((kind) => matches(path, kind)).length;
    const isDeploy = (path: string) => path.startsWith('test/deploy/');
    expect(files.filter((path) => kinds(path) !== (isDeploy(path) ? 0 : 1))).toEqual([]);
    expect(files.filter((path) => isDeploy(path) && !matches(path, DEPLOY))).toEqual([]);
  });

  it('give each file that waits a process of its own, as priority is that of a process', () => {
    expect(WAITING.filter((path) => !matches(path, ALONE) && !matches(path, DEPLOY))).toEqual([]);
  });

  it('name files that exist', () => {
    const named = [...SHARED.exclude, ...ALONE.include, ...DEPLOY.include].filter((path) => !path.includes('*'));
    for (const path of named) expect(existsSync(`${ROOT}/${path}`), path).toBe(true);
  });

  it('are in force: one shares processes, and Node loads the code of both', () => {
    type Project = { test: { include: string[]; isolate?: boolean } };
    const projects = config.test!.projects as unknown as Project[];
    expect(projects.map(({ test: { include, isolate = true } }) => [include, isolate])).toEqual([
      [ALONE.include, true],
      [SHARED.include, false],
    ]);
    expect(deploy.test).toMatchObject(DEPLOY);
    expect(deploy.test).not.toHaveProperty('projects');
    expect(config.test!.experimental).toEqual({ viteModuleRunner: false });
  });
});
