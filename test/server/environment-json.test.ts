import { expect, it } from 'vitest';
import { NO_REPORT } from '../../src/diagnosis/report.ts';
import { environmentDetailJson, environmentJson } from '../../src/server/environment-json.ts';
import type { EnvironmentState } from '../../src/state/environment-state.ts';
import { environmentDetailSchema, environmentSchema } from '../support/environment-schema.ts';
import {
  buildEnvironment,
  buildItem,
  buildItems,
  buildOperation,
  buildState,
  buildStats,
  failingOperation,
  NOW,
  untriedOperation,
} from '../support/states.ts';

const moment = { now: NOW, skewMs: () => 0, pausedUntil: () => null, report: NO_REPORT, dashboardBaseUrl: null };

it('an environment without trouble, field by field', () => {
  const state = buildState('env_1', {
    environment: buildEnvironment('env_1', { name: 'prod', labels: { owner: 'agents' } }),
    items: buildItems([
      buildItem('work_a'),
      buildItem('work_b', { state: 'active', acknowledgedAt: NOW - 60_000, latestHeartbeatAt: NOW - 20_000 }),
      buildItem('work_c', { state: 'starting', acknowledgedAt: NOW - 306_000 }),
    ]),
  });
  const operation = {
    status: 'ok',
    interval_seconds: 15,
    last_attempt_at: '2026-11-24T11:59:55.000Z',
    last_success_at: '2026-11-24T11:59:55.000Z',
    next_attempt_at: '2026-11-24T12:00:10.000Z',
    consecutive_failures: 0,
    error: null,
  };
  expect(environmentJson(state, moment)).toEqual({
    id: 'env_1',
    name: 'prod',
    connection: 'default',
    source: 'config',
    labels: { owner: 'agents' },
    status: 'ok',
    queue: {
      observed_at: '2026-11-24T11:59:55.000Z',
      age_seconds: 5,
      stale: false,
      depth: 3,
      pending: 0,
      oldest_queued_at: '2026-11-24T11:59:47.600Z',
      oldest_age_seconds: 12.4,
      workers_polling: 2,
    },
    items: {
      observed_at: '2026-11-24T11:59:55.000Z',
      age_seconds: 5,
      stale: false,
      truncated: false,
      mode: 'whole',
      last_full_read_at: '2026-11-24T11:59:55.000Z',
      by_state: { queued: 1, starting: 1, active: 1, stopping: 0, other: 0 },
      stale_heartbeats: 1,
      live: 2,
    },
    operations: {
      stats: { ...operation, credential: 'api_key' },
      list: { ...operation, credential: 'environment_key' },
    },
    dashboard_url: null,
    conditions: [],
  });
});

it('never read, or read too long ago, is null and not 0', () => {
  const operations = { stats: untriedOperation(), list: untriedOperation({ attempted: false }) };
  const json = environmentJson(buildState('env_1', { operations, queue: null, items: null }), moment);
  expect(json).toMatchObject({ status: 'starting', queue: null, items: null });
  expect(json.operations.stats).toMatchObject({ status: 'pending', credential: null, last_attempt_at: null });
  expect(json.operations.list.status).toBe('not_attempted');

  expect(environmentJson(buildState(), { ...moment, now: NOW + 85_001 })).toMatchObject({
    queue: null,
    items: null,
  });
});

it('a failing operation says why and what to do, and its last values are marked', () => {
  const operations = { stats: failingOperation('unauthorized'), list: buildOperation() };
  const json = environmentJson(buildState('env_1', { operations }), moment);
  expect(json).toMatchObject({ status: 'degraded', queue: { depth: 3, stale: true }, items: { stale: false } });
  expect(json.operations.stats).toMatchObject({
    status: 'failing',
    consecutive_failures: 4,
    error: {
      reason: 'unauthorized',
      http_status: 401,
      request_id: 'req_1',
      remedy: expect.stringContaining('Environment keys'),
      since: '2026-11-24T11:59:00.000Z',
    },
  });
});

it('names the option of a refused key, and not its file: many may read the JSON', () => {
  const failing = failingOperation('unauthorized');
  const remedy = 'Replace the key from environment_key in file /run/secrets/prod.key, and wait.';
  const stats = { ...failing, failure: { ...failing.failure!, remedy } };
  const json = environmentJson(buildState('env_1', { operations: { stats, list: buildOperation() } }), moment);
  expect(json.operations.stats.error?.remedy).toBe('Replace the key from environment_key in its file, and wait.');
});

it.each([
  [{ depth: 0, pending: 0, oldestQueuedAt: null }, 0],
  [{ depth: 2, pending: 0, oldestQueuedAt: null }, null],
  [{ depth: 2, pending: 0, oldestQueuedAt: NOW + 1000 }, 0],
])('the oldest age of %o is %s', (stats, expected) => {
  const state = buildState('env_1', { queue: { observedAt: NOW, stats: buildStats(stats) } });
  expect(environmentJson(state, moment).queue?.oldest_age_seconds).toBe(expected);
});

it('the oldest age is corrected by the clock skew, its timestamp is not', () => {
  const { queue } = environmentJson(buildState(), { ...moment, skewMs: () => 2600 });
  expect(queue).toMatchObject({ oldest_age_seconds: 15, oldest_queued_at: '2026-11-24T11:59:47.600Z' });
});

it('ids of items stay inside when they are switched off', () => {
  const text = JSON.stringify(environmentDetailJson(buildState(), { ...moment, itemIds: false }));
  for (const id of ['work_a', 'work_b', 'work_c']) expect(text).not.toContain(id);
  expect(JSON.parse(text).worst_items).toHaveLength(3);
});

const KEY = `canary${'k'.repeat(40)}`;
it.each([
  [`sk-ant-oat01-${KEY}`, false],
  [`sesn_sk-ant-api03-${KEY}`, false],
  [Buffer.from(`sk-ant-oat01-${KEY}`).toString('base64'), false],
  ['sesn_011CZkZ9xP4qLmT7vR2wY8bN', true],
  ['work_01H8XGJWBWBAQ4Z5T6V7', true],
])('of an item with the id %s, the id is shown: %s', (id, isShown) => {
  const state = buildState('env_1', { items: buildItems([buildItem(id)]) });
  const [item] = environmentDetailJson(state, { ...moment, itemIds: true }).worst_items;
  expect(item?.id).toBe(isShown ? id : null);
});

const untried = { stats: untriedOperation(), list: untriedOperation() };
const refused = { stats: failingOperation('unauthorized'), list: failingOperation('timeout') };
it.each<[string, Partial<EnvironmentState>]>([
  ['read', { items: buildItems([buildItem('work_a', { metadata: { token: 'sk-ant-oat-metadata' } })]) }],
  ['not read yet', { operations: untried, queue: null, items: null }],
  ['refused', { operations: refused }],
  ['refused from the start', { operations: refused, queue: null, items: null }],
  ['without a key', { operations: { stats: untriedOperation({ attempted: false }), list: buildOperation() } }],
])(
  'an environment that is %s has the shape of the contract, and nothing of an item but what that names',
  (_, change) => {
    const state = buildState('env_1', change);
    const text = JSON.stringify(environmentDetailJson(state, { ...moment, itemIds: true }));
    environmentDetailSchema.parse(JSON.parse(text));
    environmentSchema.parse(JSON.parse(JSON.stringify(environmentJson(state, moment))));
    expect(text).not.toContain('sk-ant-');
  },
);
