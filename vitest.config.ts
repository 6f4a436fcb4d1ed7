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
    // Two cores in CI: as long as the longest test, two workers or three wait and two compute. With one less, the cores were
    // idle for a tenth of the time. What waits goes first, so that no real process fights for a core.
    maxWorkers: 5,
    sequence: { sequencer: TestOrder },
    restoreMocks: true,
    projects: [
      { extends: true, test: { name: 'alone', ...ALONE } },
      { extends: true, test: { name: 'computing', ...COMPUTING, experimental: { viteModuleRunner: false } } },
      { extends: true, test: { name: 'shared', ...SHARED, isolate: false } },
    ],
  },
});
