import { BUSY, WAITING } from './long-tests.ts';

/**
 * Folders of tests that leave nothing behind in their process. Many of their files share one, which starts and loads
 * the code once: that took a third of their time.
 */
const FOLDERS = [
  'alerts',
  'app',
  'base',
  'cli',
  'client',
  'conditions',
  'config',
  'conformance',
  'dashboards',
  'deploy',
  'discovery',
  'docs',
  'domain',
  'lifecycle',
  'metrics',
  'packaging',
  'poller',
  'promql',
  'recent',
  'repository',
  'rules',
  'scan',
  'server',
  'simulator',
  'state',
  'statefile',
  'support',
  'tools',
  'wire',
] as const;

/** Files in these folders that want a process of their own. */
const APART = [
  // They measure the memory or the file descriptors of their process, or free its memory again and again, which takes
  // long where many files have been loaded.
  'test/metrics/exposition/let-go.test.ts',
  'test/promql/store/weak-table.test.ts',
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

/** A long file would only hold up the files that share its process, and its own start is nothing to it. */
const OWN_PROCESS = [...new Set<string>([...APART, ...WAITING, ...BUSY])];

/** Which test files run in a shared process; the others have one each. */
export const SHARED = {
  include: FOLDERS.map((folder) => `test/${folder}/**/*.test.ts`),
  exclude: OWN_PROCESS,
};

export const ALONE = {
  include: ['test/*.test.ts', `test/!(${FOLDERS.join('|')})/**/*.test.ts`, ...OWN_PROCESS],
  exclude: [],
};
