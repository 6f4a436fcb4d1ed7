/**
 * Folders of tests that leave nothing behind in their process. Many of their files share one, which starts and loads
 * the code once: that took a third of their time.
 */
const FOLDERS = [
  'app',
  'base',
  'cli',
  'client',
  'conditions',
  'config',
  'discovery',
  'docs',
  'domain',
  'history',
  'lifecycle',
  'metrics',
  'poller',
  'promql',
  'scan',
  'server',
  'simulator',
  'state',
  'statefile',
  'wire',
] as const;

/** Files in these folders that want a process of their own. */
const APART = [
  // They measure the memory, the file descriptors or the wake-ups of their process.
  'test/app/idle-wake-ups.test.ts',
  'test/client/answers/retained-bytes.test.ts',
  'test/client/http/body-chunks.test.ts',
  'test/client/kept-texts.test.ts',
  'test/conditions/allocated-bytes.test.ts',
  'test/conditions/retained-bytes.test.ts',
  'test/metrics/exposition/let-go.test.ts',
  'test/metrics/exposition/retained-bytes.test.ts',
  'test/poller/allocated-bytes.test.ts',
  'test/scan/memory/retained-bytes.test.ts',
  'test/poller/promoted-bytes.test.ts',
  'test/poller/retained-bytes.test.ts',
  'test/server/load/hostile-clients.test.ts',
  // Its time stands still while this process has a request under way.
  'test/app/unknown-api-clock.test.ts',
  // They wait for other programs for seconds, so that the start of a process is nothing.
  'test/cli/garbage-collection.test.ts',
  'test/cli/process.test.ts',
  'test/cli/stop.test.ts',
  'test/conditions/evaluation/rule-evaluator.test.ts',
  'test/docs/runnable.test.ts',
  'test/server/web/other-programs.test.ts',
];

/**
 * Files that compute in their own process for long. Node loads their code itself: vitest's loader makes a call of each use
 * of another module's constant, a quarter of their time and more. Short files are over before Node has stripped the types.
 */
const LONG = [
  'test/e2e/counting/situations.test.ts',
  'test/e2e/faults/fault-matrix.test.ts',
  'test/e2e/lifecycle-followed.test.ts',
  'test/e2e/lifecycle-truth.test.ts',
  'test/e2e/session-truth.test.ts',
  'test/scan/scan-simulation.test.ts',
];

/** Which test files run in a shared process; the others have one each. */
export const SHARED = {
  include: FOLDERS.map((folder) => `test/${folder}/**/*.test.ts`),
  exclude: [...APART, ...LONG],
};

export const COMPUTING = { include: LONG, exclude: [] as string[] };

export const ALONE = {
  include: ['test/*.test.ts', `test/!(${FOLDERS.join('|')})/**/*.test.ts`, ...APART],
  exclude: LONG,
};
