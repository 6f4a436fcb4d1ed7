import { defineConfig } from 'vitest/config';
import { TestOrder } from './test/support/test-order.ts';
import { ALONE, COMPUTING, SHARED } from './test/support/test-projects.ts';

export default defineConfig({
  test: {
    globalSetup: ['test/support/global-setup.ts'],
    setupFiles: ['test/support/priority.ts'],
    // Tests start real servers and real Prometheus processes: a hung one must fail, not hang CI. A busy machine is slow, not hung.
    testTimeout: 240_000,
    hookTimeout: 240_000,
    // Two cores in CI: as long as the longest test, one worker or two wait and two compute. What waits goes first, so that
    // no real process fights for a core.
    maxWorkers: 4,
    sequence: { sequencer: TestOrder },
    restoreMocks: true,
    projects: [
      { extends: true, test: { name: 'alone', ...ALONE } },
      { extends: true, test: { name: 'computing', ...COMPUTING, experimental: { viteModuleRunner: false } } },
      { extends: true, test: { name: 'shared', ...SHARED, isolate: false } },
    ],
  },
});
