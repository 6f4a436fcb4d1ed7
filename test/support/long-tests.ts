import { relative, sep } from 'node:path';
import { ROOT } from './processes.ts';

/** Files that mostly wait for real time, the longest first. */
export const WAITING = [
  'test/e2e/alerting/alerting.test.ts',
  'test/deploy/compose.test.ts',
  'test/dashboards/live.test.ts',
  'test/e2e/drill-page.test.ts',
  'test/e2e/soak/soak.test.ts',
  'test/e2e/exporter.test.ts',
  'test/e2e/victoria-metrics.test.ts',
] as const;

/** Files that keep a core busy for long, the longest first. */
export const BUSY = [
  'test/rules/situations.test.ts',
  'test/e2e/faults/fault-matrix.test.ts',
  'test/deploy/api-server.test.ts',
  'test/rules/rule-cases.test.ts',
  'test/rules/rule-mutants.test.ts',
  'test/alerts/runbook-commands.test.ts',
  'test/packaging/image.test.ts',
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
