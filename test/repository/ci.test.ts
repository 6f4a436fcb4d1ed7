import { spawnSync } from 'node:child_process';
import { globSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { ROOT } from '../support/processes.ts';

const read = (path: string): unknown => parse(readFileSync(join(ROOT, path), 'utf8'));

const workflow = z.object({
  jobs: z.object({
    everything: z.object({
      steps: z.array(z.object({ run: z.string().optional(), uses: z.string().optional() })),
    }),
  }),
});

describe('the workflow of CI', () => {
  const { everything } = workflow.parse(read('.github/workflows/ci.yml')).jobs;

  it('runs .ci/run and nothing that only CI knows', () => {
    expect(everything.steps.flatMap(({ run }) => run ?? [])).toEqual(['.ci/run']);
    expect(statSync(join(ROOT, '.ci/run')).mode & 0o111).toBe(0o111);
  });
});

describe('the closing lines of CI', () => {
  const summaryOf = (passed: string[], pending: number) => {
    const folder = mkdtempSync(join(tmpdir(), 'closing-lines-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const tests = passed.map((failure) => ({
      fullName: 'a queue that waits',
      status: 'passed',
      failureMessages: failure === '' ? [] : [failure],
    }));
    const testResults = [{ name: join(folder, 'test/queue.test.ts'), assertionResults: tests }];
    const results = { numPassedTests: passed.length, numFailedTests: 0, numPendingTests: pending, testResults };
    writeFileSync(join(folder, 'results.json'), JSON.stringify(results));
    const args = [join(ROOT, '.ci/summary.mjs'), 'results.json', 'results.json'];
    return spawnSync(process.execPath, args, { cwd: folder, encoding: 'utf8' });
  };

  it('the closing lines of CI count the tests of both suites', () => {
    const { status, stdout } = summaryOf(['', ''], 0);
    expect([status, stdout]).toEqual([0, '4 passed, 0 failed, 0 skipped\n']);
  });

  it('name a test that passed only at the second try, and why the first one failed', () => {
    const { status, stdout } = summaryOf(['', 'AssertionError: expected 1 to be 2\n    at queue.test.ts'], 0);
    expect(status).toBe(0);
    const named =
      'passed at the second try: test/queue.test.ts > a queue that waits\n' +
      '  at the first: AssertionError: expected 1 to be 2\n';
    expect(stdout).toBe(`${named}${named}4 passed, 0 failed, 0 skipped\n`);
  });

  it('fail when a test was skipped', () => {
    const { status, stderr } = summaryOf([''], 3);
    expect(status).toBe(1);
    expect(stderr).toContain('6 tests were skipped');
  });
});

const updates = z.object({
  version: z.literal(2),
  updates: z.array(
    z.object({
      'package-ecosystem': z.enum(['npm', 'gomod', 'docker', 'github-actions']),
      directory: z.string().optional(),
      directories: z.array(z.string()).optional(),
      schedule: z.object({ interval: z.enum(['daily', 'weekly', 'monthly']) }),
    }),
  ),
});

/** The files that pin versions, by who updates them. */
const PINS = { npm: '**/package-lock.json', gomod: '**/go.mod', docker: '**/Dockerfile' } as const;

describe('the updates of dependencies', () => {
  const { updates: entries } = updates.parse(read('.github/dependabot.yml'));

  it.each(Object.entries(PINS))('%s: every folder with a version to update is watched', (ecosystem, pattern) => {
    const exclude = (name: string) => name === 'node_modules' || name === '.cache';
    const folders = globSync(pattern, { cwd: ROOT, exclude }).map((path) => `/${dirname(path)}`.replace('/.', '/'));
    const watched = entries
      .filter((entry) => entry['package-ecosystem'] === ecosystem)
      .flatMap(({ directory, directories = [] }) => (directory === undefined ? directories : [directory]))
      .flatMap((folder) =>
        folder.endsWith('/*') ? folders.filter((one) => dirname(one) === dirname(folder)) : [folder],
      );
    expect(watched.toSorted()).toEqual(folders.toSorted());
  });
});
