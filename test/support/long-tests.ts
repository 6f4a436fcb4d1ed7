import { relative, sep } from 'node:path';
import { ROOT } from './processes.ts';

/** Files that mostly wait for real time, the longest first: together they need half a core. */
export const WAITING = [
  'test/alerts/chain.test.ts',
  'test/dashboards/live.test.ts',
  'test/e2e/exporter.test.ts',
  'test/e2e/soak/soak.test.ts',
  'test/e2e/kill.test.ts',
  'test/alerts/runbook-commands.test.ts',
  'test/deploy/victoria-metrics.test.ts',
  'test/e2e/shards.test.ts',
  'test/deploy/compose.test.ts',
  'test/deploy/autoscaling-live.test.ts',
] as const;

/** Files that keep a core busy for long, the longest first. */
export const BUSY = [
  'test/deploy/api-server.test.ts',
  'test/e2e/page/page-looks.test.ts',
  'test/deploy/image.test.ts',
  'test/e2e/faults/fault-matrix.test.ts',
  'test/deploy/chart.test.ts',
  'test/e2e/session-truth.test.ts',
  'test/e2e/counting/situations.test.ts',
  'test/scan/scan-simulation.test.ts',
  'test/deploy/manifests.test.ts',
  'test/poller/fleet-fairness.test.ts',
  'test/dashboards/prometheus.test.ts',
  'test/deploy/victoria-boards.test.ts',
] as const;

/** Whether the test file with this path waits for real time. */
export function isWaiting(path: string): boolean {
  return (WAITING as readonly string[]).includes(pathInCheckout(path));
}

export function pathInCheckout(path: string): string {
  return relative(ROOT, path).split(sep).join('/');
}

/** The long files first, waiting and busy ones in turn; the others keep their order. */
export function inOrder<T>(files: readonly T[], pathOf: (file: T) => string): T[] {
  const pairs = Array.from({ length: Math.max(WAITING.length, BUSY.length) }, (_, number) => [
    WAITING[number],
    BUSY[number],
  ]);
  const first: readonly string[] = pairs.flat().filter((path) => path !== undefined);
  const isLong = (file: T) => first.includes(pathOf(file));
  const long = files.filter(isLong).toSorted((a, b) => first.indexOf(pathOf(a)) - first.indexOf(pathOf(b)));
  return [...long, ...files.filter((file) => !isLong(file))];
}
