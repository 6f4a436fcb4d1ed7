import { spawnSync } from 'node:child_process';
import { globSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, it } from 'vitest';
import { parse } from 'yaml';
import { TestFolder } from '../cli/files.ts';
import { ROOT } from '../support/processes.ts';

const read = (path: string) => readFileSync(join(ROOT, path), 'utf8');

it('CI runs .ci/run and nothing that only CI knows', () => {
  const { steps } = parse(read('.github/workflows/ci.yml')).jobs.everything as { steps: { run?: string }[] };
  expect(steps.flatMap(({ run }) => run ?? [])).toEqual(['.ci/run']);
  expect(statSync(join(ROOT, '.ci/run')).mode & 0o111).toBe(0o111);
});

const FAILURE = 'AssertionError: expected 1 to be 2\n    at queue.test.ts';
const SECOND_TRY = `passed at the second try: test/queue.test.ts > a queue that waits
  at the first: AssertionError: expected 1 to be 2
`;

it.each([
  ['count the tests of both suites', ['', ''], 0, { stdout: '4 passed, 0 failed, 0 skipped\n', status: 0 }],
  [
    'name a test that passed only at the second try, and why the first one failed',
    ['', FAILURE],
    0,
    { stdout: `${SECOND_TRY}${SECOND_TRY}4 passed, 0 failed, 0 skipped\n`, status: 0 },
  ],
  ['fail when a test was skipped', [''], 3, { stderr: expect.stringContaining('6 tests were skipped'), status: 1 }],
])('the closing lines of CI %s', (_, firstFailures, numPendingTests, expected) => {
  using folder = new TestFolder();
  const assertionResults = firstFailures.map((failure) => ({
    fullName: 'a queue that waits',
    status: 'passed',
    failureMessages: failure === '' ? [] : [failure],
  }));
  const testResults = [{ name: join(folder.path, 'test/queue.test.ts'), assertionResults }];
  const numbers = { numPassedTests: firstFailures.length, numFailedTests: 0, numPendingTests };
  folder.write('results.json', { ...numbers, testResults });
  const args = [join(ROOT, '.ci/summary.mjs'), 'results.json', 'results.json'];
  expect(spawnSync(process.execPath, args, { cwd: folder.path, encoding: 'utf8' })).toMatchObject(expected);
});

interface Updates {
  readonly 'package-ecosystem': string;
  readonly directory?: string;
  readonly directories?: readonly string[];
}

it.each([
  ['npm', '**/package-lock.json'],
  ['gomod', '**/go.mod'],
  ['docker', '**/Dockerfile'],
])('%s: every folder with a version to update is watched by Dependabot', (ecosystem, pattern) => {
  const exclude = (name: string) => name === 'node_modules' || name === '.cache';
  const folders = globSync(pattern, { cwd: ROOT, exclude }).map((path) => `/${dirname(path)}`.replace('/.', '/'));
  const { updates } = parse(read('.github/dependabot.yml')) as { updates: Updates[] };
  const watched = updates
    .filter((entry) => entry['package-ecosystem'] === ecosystem)
    .flatMap(({ directory, directories = [] }) => directory ?? directories)
    .flatMap((path) => (path.endsWith('/*') ? folders.filter((one) => dirname(one) === dirname(path)) : path));
  expect(watched.toSorted()).toEqual(folders.toSorted());
});

const version = read('.node-version').trim();
/** The platforms whose Node npm brings. */
const BROUGHT = ['linux x64', 'linux arm64', 'darwin arm64'];

it.runIf(BROUGHT.includes(`${process.platform} ${process.arch}`))('the tests run on the Node that npm brings', () => {
  // The machine's own may be too old, and npm falls back to it without a word: say so before anything else fails.
  expect(process.versions.node, 'run `npm ci` with optional dependencies, then `npm test`').toBe(version);
});

it('.node-version is the Node of all platforms and of the image', () => {
  const { optionalDependencies } = JSON.parse(read('scripts/node/package.json'));
  expect(Object.values(optionalDependencies)).toEqual(BROUGHT.map(() => version));
  expect(read('Dockerfile')).toContain(`ARG BASE=node:${version.split('.')[0]}-slim`);
});
