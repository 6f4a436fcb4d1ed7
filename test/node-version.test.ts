import { expect, it } from 'vitest';

/** The platforms whose Node comes with the optional dependencies. */
const BROUGHT = ['linux x64', 'linux arm64', 'darwin arm64'];

it.runIf(BROUGHT.includes(`${process.platform} ${process.arch}`))('runs on the Node that the project brings', () => {
  // The machine's own may be too old, and npm falls back to it without a word: say so before anything else fails.
  expect(process.version, 'run `npm ci` with optional dependencies, then `npm test`').toMatch(/^v26\./);
});
