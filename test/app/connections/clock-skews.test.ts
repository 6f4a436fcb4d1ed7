import { describe, expect, it } from 'vitest';
import { ClockSkews } from '../../../src/app/connections/clock-skews.ts';
import { EMPTY_STATS, json, startServer } from '../../client/test-server.ts';
import { ManualClock } from '../../support/manual-clock.ts';
import { PROD, QUICK } from '../../support/simulated-api.ts';
import { RunningApp } from '../running-app.ts';

const START = Date.UTC(2026, 10, 24, 12);
const HOUR = 3_600_000;
const DAY = 24 * HOUR;

/** What is known after three answers of an API whose clock is an hour ahead. */
function afterAnswers(connection: string, skews = new ClockSkews(new ManualClock(START))): ClockSkews {
  const times = { date: START + HOUR, sentAt: START, headersAt: START + 100 };
  for (const requestId of ['req_1', 'req_2', 'req_3']) skews.sampled({ connection, requestId, ...times });
  return skews;
}

const known = (skews: ClockSkews, name: string) => [skews.measuredMs(name), skews.correctionMs(name)];
const others = (count: number) => Array.from({ length: count }, (_, n) => `other_${n}`);
const HERE = { name: 'one', baseUrl: 'https://api.example.com' };

describe('what is known of the clock of a connection', () => {
  it('stays at a reload that changes other things', () => {
    const skews = new ClockSkews(new ManualClock(START));
    skews.keep([HERE]);
    afterAnswers('one', skews);
    const before = known(skews, 'one');
    skews.keep([HERE, { ...HERE, name: 'other' }]);
    expect(known(skews, 'one')).toEqual(before);
    expect(Math.abs(skews.correctionMs('one') - HOUR)).toBeLessThan(600);
  });

  it.each([
    ['goes to another API', [{ ...HERE, baseUrl: 'https://elsewhere.example.com' }]],
    ['is gone', []],
  ])('is forgotten when it %s', (_, after) => {
    const skews = new ClockSkews(new ManualClock(START));
    skews.keep([HERE]);
    afterAnswers('one', skews);
    skews.keep(after);
    expect(known(skews, 'one')).toEqual([null, 0]);
  });

  it('is told to a person after a single answer, before anything is corrected by it', () => {
    const clock = new ManualClock(START);
    const skews = new ClockSkews(clock);
    expect(skews.likelyMs('one')).toBeNull();
    const sample = { connection: 'one', sentAt: START, headersAt: START + 100 };
    skews.sampled({ ...sample, date: START + HOUR, requestId: 'req_1' });
    expect(known(skews, 'one')).toEqual([null, 0]);
    expect(Math.abs(skews.likelyMs('one')! - HOUR)).toBeLessThan(600);
    skews.sampled({ ...sample, date: START, requestId: 'req_2' });
    expect(Math.abs(skews.likelyMs('one')!)).toBeLessThan(600);
  });

  // What a single answer says is the middle of what is possible: its whole second, less half of the time it took.
  it.each([
    ['ahead of ours by an hour', HOUR, HOUR],
    ['behind ours by a day', -DAY, -DAY],
    ['behind ours by more than a day, which one answer does not prove', -DAY - 1, 0],
  ])('begins history by an API clock that is %s', (_, skewMs, historyMs) => {
    const skews = new ClockSkews(new ManualClock(START));
    expect(skews.historyMs('one')).toBe(0);
    skews.sampled({
      connection: 'one',
      requestId: 'req_1',
      sentAt: START,
      headersAt: START,
      date: START + skewMs - 500,
    });
    expect(skews.likelyMs('one')).toBe(skewMs);
    expect(skews.historyMs('one')).toBe(historyMs);
  });

  it.each([
    ['an id for each', ['req_1', 'req_2', 'req_3'], 'known'],
    ['no ids', [null, null, null], 'known'],
    ['the same id, as of an answer that comes again', ['req_1', 'req_1', 'req_1'], 'unknown'],
    ['an id that comes again after 127 others', ['req_1', ...others(127), 'req_1', 'req_1'], 'unknown'],
  ])('is measured after answers with %s: %s', (_, requestIds, expected) => {
    const skews = new ClockSkews(new ManualClock(START));
    // All others were slow, so that they only have ids.
    for (const requestId of requestIds) {
      const headersAt = START + (requestId?.startsWith('other') ? 6000 : 100);
      skews.sampled({ connection: 'one', requestId, date: START + HOUR, sentAt: START, headersAt });
    }
    expect(skews.measuredMs('one') === null ? 'unknown' : 'known').toBe(expected);
    expect(known(skews, 'other connection')).toEqual([null, 0]);
  });

  it('is forgotten again after an answer that came when the connection was gone', () => {
    const skews = new ClockSkews(new ManualClock(START));
    skews.keep([]);
    afterAnswers('one', skews);
    skews.keep([]);
    expect(known(skews, 'one')).toEqual([null, 0]);
  });
});

/** An API whose clock is off by as much as a test says, one answer after the other. */
async function apiWithClock(running: RunningApp, offByMs: (count: number) => number, queuedAt: number | null = null) {
  const server = await startServer(({ url = '' }, response, count) => {
    const date = new Date(running.clock.now() + offByMs(count)).toUTCString();
    const oldest = queuedAt === null ? null : new Date(queuedAt).toISOString();
    const stats = { ...EMPTY_STATS, depth: 1, oldest_queued_at: oldest };
    json(response, 200, url.includes('/stats') ? stats : { data: [], next_page: null }, {
      date,
      'request-id': `req_${server.port}_${count}`,
    });
  });
  return Object.assign(server, { [Symbol.asyncDispose]: () => server.close() });
}

const configurationOf = (base_url: string) => ({
  api: { base_url, api_key: `sk-ant-api03-${'a'.repeat(40)}` },
  environments: [{ id: PROD, environment_key: `sk-ant-oat01-${'b'.repeat(40)}` }],
  poll: QUICK,
});

describe('a running exporter', () => {
  it('makes nothing older for a first answer that is dated a day ahead', async () => {
    await using running = new RunningApp();
    const queuedAt = running.clock.now() - 60_000;
    await using api = await apiWithClock(running, (count) => (count === 1 ? DAY : 0), queuedAt);
    running.configure(configurationOf(api.url));
    await running.serve();
    const ages = new Set<boolean>();
    await running.waitUntil(async () => {
      const age = await running.value('queue_oldest_age_seconds');
      if (age !== undefined) ages.add(age >= 60 && age < 120);
      return api.requests.length >= 6;
    });
    expect([...ages]).toEqual([true]);
    expect(Math.abs((await running.value('api_clock_skew_seconds')) ?? DAY)).toBeLessThan(1.1);
  });

  it('forgets the clock of an API that its connection goes to no more', async () => {
    await using running = new RunningApp();
    await using ahead = await apiWithClock(running, () => HOUR);
    await using right = await apiWithClock(running, () => 0);
    running.configure(configurationOf(ahead.url));
    await running.serve();
    await running.waitUntil(() => Math.abs(running.app.skews.correctionMs('default') - HOUR) < 1100);

    running.configure(configurationOf(right.url));
    expect((await running.reload()).status).toBe(200);
    expect(running.app.skews.correctionMs('default')).toBe(0);
    await running.waitUntil(async () => (await running.value('api_clock_skew_seconds')) !== undefined);
    expect(Math.abs((await running.value('api_clock_skew_seconds'))!)).toBeLessThan(1.1);
  });
});
