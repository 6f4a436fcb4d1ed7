import { expect, it } from 'vitest';
import { spreadFirstReads } from '../../../src/poller/schedule/first-reads.ts';
import { newPollJob } from '../../support/new-poll-job.ts';

const NOW = 5000;

function dueAfterMs(environments: number, operation: 'stats' | 'list'): number[] {
  const jobs = Array.from({ length: environments }, (_, n) =>
    (['stats', 'list'] as const).map((each) => newPollJob(`env_${n}`, each, { dueAt: NOW })),
  ).flat();
  spreadFirstReads(jobs);
  return jobs.filter((job) => job.operation === operation).map(({ dueAt }) => dueAt - NOW);
}

it('a hundred new environments are due at once', () => {
  expect(new Set(dueAfterMs(100, 'stats'))).toEqual(new Set([0]));
});

it.each([
  ['stats', 15_000],
  ['list', 30_000],
] as const)('the others are spread over one interval, in their order: %s', (operation, intervalMs) => {
  const due = dueAfterMs(400, operation);
  expect(new Set(due.slice(0, 100))).toEqual(new Set([0]));
  const rest = due.slice(100);
  expect(rest).toEqual(rest.toSorted((one, other) => one - other));
  expect(new Set(rest).size).toBe(300);
  expect(rest.at(-1)).toBeGreaterThan(0.7 * intervalMs);
  expect(rest.at(-1)).toBeLessThan(intervalMs);
});
