import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { ROOT } from '../support/processes.ts';

const brought = JSON.parse(readFileSync(join(ROOT, 'scripts/node/package.json'), 'utf8')) as {
  readonly optionalDependencies: Readonly<Record<string, string>>;
};
const version = readFileSync(join(ROOT, '.node-version'), 'utf8').trim();

/** The platforms whose Node npm brings. */
const BROUGHT = ['linux x64', 'linux arm64', 'darwin arm64'];

it.runIf(BROUGHT.includes(`${process.platform} ${process.arch}`))('the tests run on the Node that npm brings', () => {
  // The machine's own may be too old, and npm falls back to it without a word: say so before anything else fails.
  expect(process.versions.node, 'run `npm ci` with optional dependencies, then `npm test`').toBe(version);
});

it('.node-version is the Node of all platforms and of the image', () => {
  expect(Object.values(brought.optionalDependencies)).toEqual(BROUGHT.map(() => version));
  expect(readFileSync(join(ROOT, 'Dockerfile'), 'utf8')).toContain(`ARG BASE=node:${version.split('.')[0]}-slim`);
});
