import { expect, it } from 'vitest';
import type { FailureReason } from '../../../src/domain/failure.ts';
import { adoptPollJob } from '../../../src/poller/schedule/poll-job.ts';
import { newPollJob } from '../../support/new-poll-job.ts';

/** When the configuration is read again. */
const NOW = 100_000;
const SOON = NOW + 20_000;
/** After a backoff. */
const LATE = NOW + 300_000;

it.each<[what: string, dueAt: number, failing: FailureReason | null, configuredMs: number, expected: number]>([
  ['keeps its time', SOON, null, 30_000, SOON],
  ['keeps its time with a longer interval', SOON, null, 60_000, SOON],
  ['is due by a shorter interval, from now on', SOON, null, 10_000, NOW + 10_000],
  ['keeps its time if it is sooner than by the shorter interval', SOON, null, 25_000, SOON],
  ['keeps its backoff', LATE, 'timeout', 30_000, LATE],
  ['keeps its backoff with a longer interval', LATE, 'timeout', 60_000, LATE],
  ['is due at once after what a person had to fix', LATE, 'unauthorized', 30_000, NOW],
])('after a reload, a job %s', (_, dueAt, failing, configuredMs, expected) => {
  const known = newPollJob('env_1', 'list', { dueAt, failing });
  const job = newPollJob('env_1', 'list', { dueAt: NOW, configuredMs, intervalMs: configuredMs });
  expect(adoptPollJob(known, job)).toBe(known);
  expect(known).toMatchObject({ dueAt: expected, configuredMs, intervalMs: configuredMs, order: job.order });
});

it('after a reload, a scaled interval stays as long as the configured one does', () => {
  const known = newPollJob('env_1', 'list', { intervalMs: 90_000, dueAt: SOON });
  const job = newPollJob('env_1', 'list', { dueAt: NOW });
  expect(adoptPollJob(known, job)).toMatchObject({ intervalMs: 90_000, dueAt: SOON });
});
