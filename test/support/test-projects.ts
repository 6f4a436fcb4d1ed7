import { BUSY, WAITING } from './long-tests.ts';

/** Files that want a process of their own. */
const APART = [
  // They measure the memory or the file descriptors of their process, or free its memory again and again, which takes
  // long where many files have been loaded.
  'test/metrics/exposition/let-go.test.ts',
  'test/server/load/hostile-clients.test.ts',
  // They wait for other programs for seconds, so that the start of a process is nothing.
  'test/cli/garbage-collection.test.ts',
  'test/cli/process.test.ts',
  'test/cli/stop.test.ts',
  'test/docs/runnable.test.ts',
  'test/server/web/other-programs.test.ts',
];

/** What `npm run test:deploy` runs: it needs programs that Go builds, or root. */
const DEPLOY_FILES = 'test/deploy/**/*.test.ts';

/** What it runs once more, with programs that Go builds. */
const AGAIN = ['test/conformance/official-workers.test.ts', 'test/alerts/rules.test.ts'];

export const DEPLOY = {
  include: [DEPLOY_FILES, ...AGAIN],
  env: { PROMETHEUS: '3', WORKERS: 'go' },
};

/** A long file would only hold up the files that share its process, and its own start is nothing to it. */
const OWN_PROCESS = [...APART, ...WAITING, ...BUSY].filter((path) => !path.startsWith('test/deploy/'));

/**
 * Most files leave nothing behind in their process. Many of them share one, which starts and loads the code once: that
 * took a third of their time.
 */
export const SHARED = {
  include: ['test/*/**/*.test.ts'],
  exclude: [DEPLOY_FILES, 'test/e2e/**', ...OWN_PROCESS],
};

/** The others have a process each. */
export const ALONE = {
  include: ['test/*.test.ts', 'test/e2e/**/*.test.ts', ...OWN_PROCESS],
};
