import { describe, expect, it } from 'vitest';
import type { ConnectionHealth, DrillInfo } from '../../../../src/server/http/server-deps.ts';
import { exporterSection } from '../../../../src/server/page/markup/exporter-section.ts';
import { serverDeps, startServer } from '../../../support/http-server.ts';
import { buildEnvironment, buildOperation, buildState, failingOperation, NOW } from '../../../support/states.ts';
import { textOf } from '../page-facts.ts';

const connection = (change: Partial<ConnectionHealth> = {}): ConnectionHealth => ({
  name: 'default',
  requestsPerMinute: 120,
  allowedPerMinute: 120,
  sentLastMinute: 87,
  skewMs: 0,
  ...change,
});

/** Reads of an environment as often as asked for, or so many times more seldom. */
function readEvery(factor: number, change: { readonly attempted?: boolean } = {}) {
  const environment = buildEnvironment('env_1');
  const { statsIntervalMs, listIntervalMs } = environment.poll;
  return buildState('env_1', {
    environment,
    operations: {
      stats: buildOperation({ scheduledIntervalMs: statsIntervalMs }),
      list: buildOperation({ scheduledIntervalMs: listIntervalMs * factor, ...change }),
    },
  });
}

it.each<[string, Partial<ConnectionHealth>, number, string, string]>([
  [
    'all is well',
    {},
    1,
    '1 connection: reads run at the configured intervals',
    'default 87 of 120 requests in the last minute.',
  ],
  [
    'reads are stretched',
    {},
    2.5,
    '1 connection: intervals of connection default are up to 2.5 times as long as configured, to fit its budget',
    'in the last minute. Intervals of connection default are',
  ],
  [
    'reads are stretched a little',
    {},
    1.1,
    '1 connection: intervals of connection default are up to 1.1 times as long as configured',
    'in the last minute.',
  ],
  [
    'the API answered 429',
    { allowedPerMinute: 60.4 },
    1,
    '1 connection: the API rate-limits connection default',
    '87 of 120 requests in the last minute, 60 allowed after a 429. The API rate-limits connection default.',
  ],
  [
    'the clock of the API is ahead',
    { skewMs: 602_000 },
    1,
    '1 connection: the API clock of connection default is 10m 2s ahead of ours',
    ', and ages are corrected by it.',
  ],
  [
    'the clock of the API is behind',
    { skewMs: -45_000 },
    1,
    '1 connection: the API clock of connection default is 45s behind ours',
    ', and ages are corrected by it.',
  ],
])('says of the exporter that %s', (_name, change, factor, summary, detail) => {
  const text = textOf(exporterSection([connection(change)], [readEvery(factor)], NOW)!.toString());
  expect(text).toContain(summary);
  expect(text).toContain(detail);
});

it('says nothing of reads that no key is there for, of other connections, and without a connection', () => {
  const text = textOf(exporterSection([connection()], [readEvery(9, { attempted: false })], NOW)!.toString());
  expect(text).toContain('reads run at the configured intervals');
  expect(textOf(exporterSection([connection({ name: 'other' })], [readEvery(9)], NOW)!.toString())).toContain(
    'configured intervals',
  );
  expect(exporterSection([], [], NOW)).toBeNull();
});

describe('reads that back off', () => {
  const failing = (inMs: number) =>
    failingOperation('network', { backoffUntil: NOW + inMs, nextAttemptAt: NOW + inMs });

  it.each<[string, Parameters<typeof buildState>[1], string | null]>([
    ['one that failed', { operations: { stats: buildOperation(), list: failing(184_000) } }, '3m 4s'],
    ['the sooner of two', { operations: { stats: failing(20_000), list: failing(184_000) } }, '20s'],
    ['one that is due now', { operations: { stats: failing(-5), list: buildOperation() } }, '1s'],
    [
      'one on a connection that is paused for longer',
      { operations: { stats: failing(20_000), list: buildOperation() }, pausedUntil: NOW + 90_000 },
      '1m 30s',
    ],
    [
      'one for which there is no key any more',
      { operations: { stats: buildOperation(), list: { ...failing(20_000), attempted: false } } },
      null,
    ],
    [
      'of another connection',
      {
        environment: buildEnvironment('env_1', { connection: 'other' }),
        operations: { stats: failing(20_000), list: failing(20_000) },
      },
      null,
    ],
  ])('say when they are tried again: %s', (_name, change, wait) => {
    const text = textOf(exporterSection([connection()], [readEvery(1), buildState('env_2', change)], NOW)!.toString());
    const words = 'reads of connection default that fail are tried again after growing waits, the next in';
    if (wait === null) expect(text).toContain('1 connection: reads run at the configured intervals');
    else expect(text).toContain(`1 connection: ${words} ${wait}`);
  });
});

it('announces a drill on the status page, and on no page of a real environment', async () => {
  const info: DrillInfo = {
    condition: 'no_workers',
    severity: 'critical',
    environmentId: 'env_drill_no_workers',
    environmentName: 'DRILL no_workers',
    startedAt: NOW,
    endsAt: NOW + 600_000,
  };
  const drill = { ...serverDeps([]).drill, info };
  await using server = await startServer(serverDeps([buildState('env_1')], { drill }));
  const read = async (path: string) => textOf(await (await fetch(`${server.url}${path}`)).text());
  expect(await read('/')).toContain(
    'A drill is running: no_workers. DRILL no_workers is made up, and so is its alert.',
  );
  expect(await read('/environments/env_1')).not.toContain('drill');
});
