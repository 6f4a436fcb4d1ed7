import { relative, sep } from 'node:path';
import { BaseSequencer, type TestSpecification } from 'vitest/node';
import { ROOT } from './processes.ts';

/** Files that mostly wait for real time, the longest first: together they need half a core. */
export const WAITING: readonly string[] = [
  'test/alerts/chain.test.ts',
  'test/e2e/exporter.test.ts',
  'test/e2e/soak.test.ts',
  'test/alerts/runbook-commands.test.ts',
  'test/e2e/shards.test.ts',
  'test/deploy/compose.test.ts',
  'test/cli/process.test.ts',
  'test/docs/runnable.test.ts',
  'test/server/other-programs.test.ts',
];

/** Files that keep a core busy for long, the longest first. */
const BUSY: readonly string[] = [
  'test/deploy/api-server.test.ts',
  'test/e2e/page/page-looks.test.ts',
  'test/deploy/image.test.ts',
  'test/e2e/faults/fault-matrix.test.ts',
  'test/deploy/chart.test.ts',
  'test/e2e/session-truth.test.ts',
  'test/e2e/counting/situations.test.ts',
  'test/poller/fleet-fairness.test.ts',
  'test/dashboards/world.test.ts',
];

/** They measure the memory or the descriptors of their process. */
const MEASURING = ['test/server/floods.test.ts'];

/** A long file would only hold up the files that share its process, and its own start is nothing to it. */
const OWN_PROCESS = [...MEASURING, ...WAITING, ...BUSY].filter((path) => !path.startsWith('test/deploy/'));

/** What `npm run test:deploy` runs: it needs programs that Go builds, or root. */
const DEPLOY_FILES = 'test/deploy/**/*.test.ts';

export const DEPLOY = {
  // The last ones once more: with the SDKs for Go and Python, and with the newest Prometheus.
  include: [
    DEPLOY_FILES,
    'test/conformance/official-workers.test.ts',
    'test/conformance/sdk-operations.test.ts',
    'test/alerts/rules.test.ts',
  ],
  env: { PROMETHEUS: '3', SDKS: 'go,python' },
};

/** Most files leave nothing behind in their process. Many share one, which starts and loads the code once. */
export const SHARED = {
  include: ['test/*/**/*.test.ts'],
  exclude: [DEPLOY_FILES, 'test/e2e/**', ...OWN_PROCESS],
};

/** The others have a process each. */
export const ALONE = { include: ['test/*.test.ts', 'test/e2e/**/*.test.ts', ...OWN_PROCESS] };

export function pathInCheckout(path: string): string {
  return relative(ROOT, path).split(sep).join('/');
}

/**
 * A file that waits and a file that computes, in turn, then all others: the workers of CI then share its two cores well,
 * and no long file begins when all others have ended. Files that share a process come last, as they are the shortest.
 */
export class TestOrder extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId, project }: TestSpecification) => {
      const path = pathInCheckout(moduleId);
      const [waiting, busy] = [WAITING.indexOf(path), BUSY.indexOf(path)];
      if (waiting >= 0) return 2 * waiting;
      if (busy >= 0) return 2 * busy + 1;
      return project.config.isolate ? 1000 : 2000;
    };
    return (await super.sort(files)).toSorted((a, b) => rank(a) - rank(b));
  }
}
