import { expect, it, onTestFinished } from 'vitest';
import { NO_REPORT } from '../../src/diagnosis/report.ts';
import { environmentJson } from '../../src/server/environment-json.ts';
import { noticesOf } from '../../src/server/pages.ts';
import { PROVIDERS, type ProviderName } from '../../src/wire/presets.ts';
import { createTestClient } from '../client/test-client.ts';
import { json, startServer } from '../client/test-server.ts';
import { samplesOf } from '../support/expositions.ts';
import { buildState, NOW } from '../support/states.ts';

const READ = { now: NOW, skewMs: () => 0, pausedUntil: () => null, report: NO_REPORT, dashboardBaseUrl: null };

/** What a reader of each output learns of the age of the queue when `work/stats` answers with `body`. */
async function told(body: object, provider: ProviderName = 'anthropic') {
  const server = await startServer((_, response) => json(response, 200, body));
  onTestFinished(() => server.close());
  const { api, unknown } = createTestClient(server.url, { connection: { provider, workspaceId: 'wrkspc_1' } });
  const { value: stats } = await api.stats('env_1');
  const state = buildState('env_1', { queue: { observedAt: NOW, stats } });
  const only = async (name: string) =>
    (await samplesOf(`anthropic_work_queue_${name}`, [state])).map(({ value }) => value);
  const { queue, status } = environmentJson(state, READ);
  return {
    age: await only('oldest_age_seconds'),
    stamp: await only('oldest_timestamp_seconds'),
    unknown: await only('age_unknown'),
    drift: unknown.length > 0,
    json: queue?.oldest_age_seconds,
    status,
    page: noticesOf(environmentJson(state, READ)).map(({ text }) => text),
  };
}

const stampOf = (at: number) => new Date(at).toISOString();
const MINUTE_AGO = stampOf(NOW - 60_000);
const SENTENCE = '1 item waits, and the API does not say since when: no alert on the age of the queue can fire';
const UNKNOWN = { age: [], unknown: [1], json: null, status: 'degraded', page: [SENTENCE] };
const UNREADABLE = { ...UNKNOWN, stamp: [], drift: true };
const known = (age: number, stamp: readonly number[]) => {
  return { age: [age], stamp, json: age, unknown: [0], drift: false, status: 'ok', page: [] };
};
const waits = (oldest_queued_at?: unknown) => ({ depth: 1, pending: 0, oldest_queued_at });
const empty = (oldest_queued_at?: unknown) => ({ depth: 0, pending: 0, oldest_queued_at });

it.each<[what: string, body: object, expected: object]>([
  ['a good stamp', waits(MINUTE_AGO), known(60, [NOW / 1000 - 60])],
  ['no stamp', waits(), UNREADABLE],
  ['a stamp by another name', { depth: 1, pending: 0, oldest_enqueued_at: MINUTE_AGO }, UNREADABLE],
  ['a claimed item and null', { depth: 0, pending: 1, oldest_queued_at: null }, UNREADABLE],
  ...['yesterday', '', NOW / 1000, { at: MINUTE_AGO }, MINUTE_AGO.slice(0, -1), '0001-01-01T00:00:00Z'].map(
    (stamp): [string, object, object] => [`the stamp ${JSON.stringify(stamp)}`, waits(stamp), UNREADABLE],
  ),
  ['1970', waits('1970-01-01T00:00:00Z'), UNREADABLE],
  ['the year 9999', waits('9999-12-31T23:59:59Z'), UNREADABLE],
  ['a month ahead', waits(stampOf(NOW + 30 * 86_400_000)), UNKNOWN],
  ['further ahead than clocks disagree', waits(stampOf(NOW + 60_001)), UNKNOWN],
  ['as far ahead as clocks disagree', waits(stampOf(NOW + 60_000)), { ...known(0, []), stamp: expect.anything() }],
  ['an empty queue and null', empty(null), known(0, [])],
  ['an empty queue and no stamp', empty(), known(0, [])],
  ['an empty queue and a stamp', empty(MINUTE_AGO), known(0, [])],
  ['an empty queue and no date', empty('yesterday'), { ...known(0, []), drift: true }],
])('%s is an age, or is said to be none', async (_, body, expected) => {
  expect(await told({ type: 'work_queue_stats', workers_polling: 2, ...body })).toMatchObject(expected);
});

it.each(PROVIDERS)('%s: an unknown age is none', async (provider) => {
  expect(await told(waits(null), provider)).toEqual(UNREADABLE);
});

it('the sentence counts all that waits', async () => {
  const { page } = await told({ depth: 3, pending: 2, oldest_queued_at: null });
  expect(page).toEqual([expect.stringMatching(/^5 items wait, and/)]);
});
