import { expect, it } from 'vitest';
import { OPTIONS } from '../../src/config/options.ts';
import type { Tree } from '../../src/config/problem.ts';
import { settingsOf } from '../../src/config/settings.ts';
import { NO_WEB_SECURITY } from '../../src/domain/server-settings.ts';
import { PRESETS } from '../../src/wire/presets.ts';
import { configOf, MINIMAL } from './support.ts';

const INFINITE = Number.POSITIVE_INFINITY;

it('a file of nothing but what is required fills every default of the contract', async () => {
  const config = await configOf(MINIMAL);
  expect(config.connections).toMatchObject([
    {
      name: 'default',
      provider: 'anthropic',
      baseUrl: 'https://api.anthropic.com',
      requestsPerMinute: 240,
      maxConcurrentRequests: 32,
      timeoutMs: 10_000,
      maxResponseBytes: 4_194_304,
      workspaceId: null,
      ca: null,
    },
  ]);
  expect(config.environments[0]!.environment).toEqual({
    id: 'env_1',
    name: 'env_1',
    connection: 'default',
    workspaceId: null,
    source: 'config',
    labels: {},
    poll: {
      statsIntervalMs: 15_000,
      listIntervalMs: 30_000,
      maxStatsIntervalMs: 60_000,
      maxListIntervalMs: 300_000,
      fullListIntervalMs: 300_000,
      maxListPages: 1000,
      staleAfterMs: 90_000,
      singleReads: 'auto',
    },
    sessions: { enabled: true, afterMs: 600_000, intervalMs: 120_000, maxItems: 50 },
    thresholds: {
      queueAgeSeconds: { warning: 300, critical: 900 },
      queueDepth: { warning: 100, critical: INFINITE },
      staleHeartbeatSeconds: 120,
      staleHeartbeatItems: { warning: 1, critical: INFINITE },
      stateAgeSeconds: { starting: 180, active: 86_400, stopping: 240 },
      coldStartSeconds: 150,
      sessionWaitSeconds: 1800,
      redeliveries: 3,
      minWorkers: 0,
    },
    slo: { queueWaitTargetSeconds: 300, objectiveRatio: 0.99 },
    scaling: { itemsPerWorker: 1, minWorkers: 0, maxWorkers: INFINITE },
    metadata: { keys: [], maxValues: 20 },
    exemplars: false,
  });
  expect(config.server).toEqual({
    host: '0.0.0.0',
    port: 9877,
    hosts: [],
    web: NO_WEB_SECURITY,
    lifecycle: 'loopback',
    dashboardBaseUrl: null,
    itemIds: true,
  });
  expect(config.log).toEqual({ level: 'info', format: 'json', formatGiven: false });
  expect(config.stateFile).toBeNull();
  expect(config.discovery).toMatchObject({
    enabled: false,
    intervalMs: 300_000,
    include: ['*'],
    maxEnvironments: 500,
  });
  expect(config.origin).toBe('file /etc/exporter/config.yaml');
});

/** A value that is not the default, by the word for the type. */
const OTHERS: Readonly<Record<string, unknown>> = {
  duration: '7m',
  'whole number': 2,
  number: 0.98,
  boolean: true,
  'list of text': ['x'],
  'one of `auto`, `off`': 'off',
};

const SETTINGS = OPTIONS.flatMap(({ path, option }) => {
  const [, own] = /^environments\[\]\.((?:\w+\.)+\w+|exemplars)$/.exec(path) ?? [];
  return own === undefined ? [] : [{ own, kind: option.kind!.replace(/ or .*/, '') }];
});

it.each(SETTINGS)('a setting does something: $own', ({ own, kind }) => {
  expect(OTHERS).toHaveProperty([kind]);
  const layer = own.split('.').reduceRight<unknown>((below, step) => ({ [step]: below }), OTHERS[kind]) as Tree;
  const hint = 'name it in src/domain/environment.ts and in src/config/settings.ts';
  expect(settingsOf([layer], PRESETS.anthropic), hint).not.toEqual(settingsOf([], PRESETS.anthropic));
});
