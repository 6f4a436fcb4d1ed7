import { describe, expect, it, onTestFinished } from 'vitest';
import { NO_REPORT } from '../../src/diagnosis/report.ts';
import { environmentJson } from '../../src/server/environment-json.ts';
import { environmentView } from '../../src/server/view.ts';
import { PROVIDERS, type ProviderName } from '../../src/wire/presets.ts';
import { createTestClient } from '../client/test-client.ts';
import { json, startServer } from '../client/test-server.ts';
import { samplesOf } from '../support/expositions.ts';
import { buildState, NOW } from '../support/states.ts';

const MINUTE_AGO = new Date(NOW - 60_000).toISOString();
const READ = { now: NOW, skewMs: () => 0, report: NO_REPORT, dashboardBaseUrl: null };
const ONE_WAITS = '1 item waits, and the API does not say since when: no alert on the age of the queue can fire';

/** What a reader of each output learns of the age of the queue when `work/stats` answers with `body`. */
async function told(body: object, provider: ProviderName = 'anthropic') {
  const server = await startServer((_, response) => json(response, 200, body));
  onTestFinished(() => server.close());
  const { api, unknown } = createTestClient(server.url, { connection: { provider, workspaceId: 'wrkspc_1' } });
  const { value: stats } = await api.stats('env_1');
  const state = buildState('env_1', { queue: { observedAt: NOW, stats } });
  const only = async (name: string) => (await samplesOf(name, [state])).map(({ value }) => value);
  const { queue, status } = environmentJson(state, READ);
  return {
    age: await only('anthropic_work_queue_oldest_age_seconds'),
    stamp: await only('anthropic_work_queue_oldest_timestamp_seconds'),
    unknown: await only('anthropic_work_queue_age_unknown'),
    drift: unknown.length > 0,
    json: queue?.oldest_age_seconds,
    status,
    page: environmentView(state, READ).notices.map(({ text }) => text),
  };
}

const UNKNOWN = { age: [], unknown: [1], json: null, status: 'degraded', page: [ONE_WAITS] };
const KNOWN = { unknown: [0], drift: false, status: 'ok', page: [] };

describe.each(PROVIDERS)('%s: work waits and the API does not say since when', (provider) => {
  it.each([
    ['null', { depth: 1, pending: 0, oldest_queued_at: null }],
    ['missing', { depth: 1, pending: 0 }],
    ['renamed', { depth: 1, pending: 0, oldest_enqueued_at: MINUTE_AGO }],
    ['claimed, and null', { depth: 0, pending: 1, oldest_queued_at: null }],
    ['no date', { depth: 1, pending: 0, oldest_queued_at: 'yesterday' }],
    ['empty', { depth: 1, pending: 0, oldest_queued_at: '' }],
    ['a number', { depth: 1, pending: 0, oldest_queued_at: NOW / 1000 }],
    ['a map', { depth: 1, pending: 0, oldest_queued_at: { at: MINUTE_AGO } }],
    ['without a time zone', { depth: 1, pending: 0, oldest_queued_at: MINUTE_AGO.slice(0, -1) }],
    ['year 0', { depth: 1, pending: 0, oldest_queued_at: '0001-01-01T00:00:00Z' }],
    ['1970', { depth: 1, pending: 0, oldest_queued_at: '1970-01-01T00:00:00Z' }],
    ['year 9999', { depth: 1, pending: 0, oldest_queued_at: '9999-12-31T23:59:59Z' }],
  ])('%s', async (_, body) => {
    expect(await told({ type: 'work_queue_stats', workers_polling: 2, ...body }, provider)).toEqual({
      ...UNKNOWN,
      stamp: [],
      drift: true,
    });
  });
});

it('a stamp that is further ahead than clocks disagree is no age of 0', async () => {
  const ahead = (ms: number) => told({ depth: 1, pending: 0, oldest_queued_at: new Date(NOW + ms).toISOString() });
  expect(await ahead(60_001)).toMatchObject(UNKNOWN);
  expect(await ahead(30 * 86_400_000)).toMatchObject(UNKNOWN);
  expect(await ahead(60_000)).toMatchObject({ ...KNOWN, age: [0], json: 0 });
});

it('where nothing waits the age is 0, whatever stands in the stamp', async () => {
  const empty = { depth: 0, pending: 0, workers_polling: 1 };
  const zero = { ...KNOWN, age: [0], stamp: [], json: 0 };
  expect(await told({ ...empty, oldest_queued_at: null })).toEqual(zero);
  expect(await told(empty)).toEqual(zero);
  expect(await told({ ...empty, oldest_queued_at: MINUTE_AGO })).toEqual(zero);
  expect(await told({ ...empty, oldest_queued_at: 'yesterday' })).toEqual({ ...zero, drift: true });
});

it('a good stamp is an age', async () => {
  expect(await told({ depth: 2, pending: 1, oldest_queued_at: MINUTE_AGO, workers_polling: 1 })).toEqual({
    ...KNOWN,
    age: [60],
    stamp: [NOW / 1000 - 60],
    json: 60,
  });
});

it('the sentence counts all that waits', async () => {
  const { page } = await told({ depth: 3, pending: 2, oldest_queued_at: null });
  expect(page).toEqual([expect.stringMatching(/^5 items wait, and/)]);
});
