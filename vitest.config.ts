import { defineConfig } from 'vitest/config';
import { ALONE, SHARED, TestOrder } from './test/support/test-projects.ts';

export default defineConfig({
  test: {
    globalSetup: ['test/support/global-setup.ts'],
    setupFiles: ['test/support/each-process.ts'],
    // Tests start real servers and real Prometheus processes: a hung one must fail, not hang CI. A busy machine is slow, not hung.
    testTimeout: 240_000,
    hookTimeout: 240_000,
    // Two cores in CI: as long as the longest test, one worker or two wait and two compute. What waits goes first, so that
    // no real process fights for a core.
    maxWorkers: 4,
    sequence: { sequencer: TestOrder },
    restoreMocks: true,
    // Node loads the code itself: vitest's loader makes a call of each use of another module's constant, up to a third of
    // the time of files that compute.
    experimental: { viteModuleRunner: false },
    projects: [
      { extends: true, test: { name: 'alone', ...ALONE } },
      { extends: true, test: { name: 'shared', ...SHARED, isolate: false } },
    ],
  },
});
