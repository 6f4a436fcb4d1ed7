import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../../src/base/clock.ts';
import type { LogEvent } from '../../../src/base/logger.ts';
import { type Fault, FaultBox } from '../../../src/simulator/faults.ts';
import type { SimulatorOptions } from '../../../src/simulator/start-simulator.ts';
import { ManualClock } from '../../support/manual-clock.ts';
import { silentLogger } from '../../support/silent.ts';
import { waitUntil } from '../../support/wait-until.ts';
import { errorSchema, listSchema } from '../support/schemas.ts';
import { call, testSimulator } from '../support/simulators.ts';

/** A simulator with these faults, and what is asked of it. */
async function faulty(faults: readonly Fault[], options: Partial<SimulatorOptions> = {}) {
  const simulator = await testSimulator(options);
  simulator.setFaults(faults);
  const { id, environmentKey } = simulator.prod;
  const work = `/v1/environments/${id}/work`;
  return {
    simulator,
    stats: () => call(simulator, simulator.apiKey, `${work}/stats`),
    list: async (query = '') =>
      listSchema.parse((await call(simulator, environmentKey, `${work}?limit=1${query}`)).body),
    environments: (query = '') => call(simulator, simulator.apiKey, `/v1/environments${query}`),
    counted: () => simulator.truth().environments[id]!.requests.stats,
  };
}

describe('which requests a fault hits', () => {
  it.each([
    ['all when nothing is said', {}, 1000, 1000],
    ['none of other endpoints', { endpoints: ['stats'] }, 0, 0],
    ['none of other environments', { environments: ['env_b'] }, 0, 0],
    ['so many as its count', { count: 3 }, 3, 3],
    ['none with probability 0', { probability: 0 }, 0, 0],
    ['its share, when it has a probability', { probability: 0.25 }, 200, 300],
  ] as const)('%s', (_, limits, least, most) => {
    const box = new FaultBox(seededRandom(1), () => []);
    box.set([{ kind: 'reset', ...limits } as Fault]);
    const request = { endpoint: 'list', environmentId: 'env_a', key: 'api_key' } as const;
    const hits = Array.from({ length: 1000 }, () => box.hit(request).length).reduce((sum, n) => sum + n, 0);
    expect(hits).toBeGreaterThanOrEqual(least);
    expect(hits).toBeLessThanOrEqual(most);
  });

  it('the scenario keeps its faults when others are set and cleared', () => {
    const box = new FaultBox(seededRandom(1), () => [{ kind: 'revoked' }]);
    box.set([{ kind: 'hang' }]);
    expect(box.active().map(({ kind }) => kind)).toEqual(['revoked', 'hang']);
    box.set([]);
    expect(box.active().map(({ kind }) => kind)).toEqual(['revoked']);
  });
});

describe('what a client sees of a fault', () => {
  it('latency delays the answer', async () => {
    const clock = new ManualClock();
    const { stats } = await faulty([{ kind: 'latency', seconds: 3 }], { clock });
    let answered = false;
    const answer = stats().finally(() => {
      answered = true;
    });
    await waitUntil(() => clock.timers === 1);
    await clock.advance(2999);
    expect(answered).toBe(false);
    await clock.advance(1);
    expect((await answer).status).toBe(200);
  });

  it('hang: nothing, until it gives up; and the simulator still stops', async () => {
    const { simulator } = await faulty([{ kind: 'hang' }]);
    const abort = new AbortController();
    const answer = fetch(`${simulator.url}/v1/environments`, { signal: abort.signal });
    await waitUntil(() => simulator.truth().requests.environments?.['0'] === 1);
    abort.abort();
    await expect(answer).rejects.toThrow('aborted');
  });

  it.each([
    [{ kind: 'reset' }, 'fetch failed', 0],
    [{ kind: 'truncate' }, 'terminated', 0],
    [{ kind: 'garbage' }, 'not valid JSON', 200],
    [{ kind: 'garbage', status: 403 }, 'not valid JSON', 403],
  ] as const)('%o: no answer that can be read', async (fault, error, status) => {
    const { stats, counted } = await faulty([fault]);
    await expect(stats()).rejects.toThrow(error);
    expect(counted()).toEqual({ [status]: 1 });
  });

  it.each([
    [429, 'rate_limit_error'],
    [503, 'api_error'],
    [504, 'timeout_error'],
    [529, 'overloaded_error'],
    [418, 'invalid_request_error'],
    [599, 'api_error'],
  ])('%i with its headers and an error code', async (status, type) => {
    const { stats } = await faulty([
      { kind: 'status', status, shouldRetry: false, retryAfterSeconds: 7, errorCode: 'ramp_limit_exceeded' },
    ]);
    const answer = await stats();
    expect(answer.status).toBe(status);
    expect(answer.headers.get('x-should-retry')).toBe('false');
    expect(answer.headers.get('retry-after')).toBe('7');
    const details = { error_code: 'ramp_limit_exceeded' };
    expect(errorSchema.parse(answer.body).error).toMatchObject({ type, details });
  });

  it('an empty page in the middle of the list, and one of environments', async () => {
    const { simulator, list, environments } = await faulty([]);
    const made = [simulator.enqueue(simulator.prod.id), simulator.enqueue(simulator.prod.id)];
    const first = await list();
    simulator.setFaults([{ kind: 'empty_page', count: 2 }]);
    const empty = await list(`&page=${first.next_page}`);
    expect(empty.data).toEqual([]);
    expect((await environments()).body).toMatchObject({ data: [], next_page: 'page_start~' });
    expect((await list(`&page=${empty.next_page}`)).data.map((work) => work.id)).toEqual([made[0]]);
  });

  it('a page whose next one is itself', async () => {
    const { simulator, list } = await faulty([{ kind: 'repeat_cursor' }]);
    for (let i = 0; i < 3; i++) simulator.enqueue(simulator.prod.id);
    const first = await list();
    expect((await list(`&page=${first.next_page}`)).next_page).toBe(first.next_page);
  });

  it('pages that say that more follow without a cursor, of work and of environments', async () => {
    const { list, environments } = await faulty([{ kind: 'more_without_cursor' }]);
    const contradiction = { next_page: null, has_more: true, last_id: null };
    expect(await list()).toMatchObject(contradiction);
    expect((await environments()).body).toMatchObject(contradiction);
  });

  it('stats without the oldest, from a cache and with white space after them', async () => {
    const { simulator, stats } = await faulty([{ kind: 'no_oldest' }]);
    simulator.enqueue(simulator.prod.id);
    expect((await stats()).body).toMatchObject({ depth: 1, oldest_queued_at: null });
    simulator.setFaults([
      { kind: 'cached', ageSeconds: 3600 },
      { kind: 'oversized', bytes: 100_000 },
    ]);
    const { headers } = await stats();
    expect(headers.get('age')).toBe('3600');
    expect(headers.get('content-length')).toBe('100000');
  });

  it('an answer that is old without saying so, for as long as the fault says; acts are none', async () => {
    const { simulator, stats } = await faulty([{ kind: 'outdated', seconds: 60 }]);
    const depth = async () => (await stats()).body.depth;
    expect(await depth()).toBe(0);
    simulator.enqueue(simulator.prod.id);
    expect(await depth()).toBe(0);
    simulator.advance(61);
    expect(await depth()).toBe(1);
    const { id, environmentKey } = simulator.prod;
    expect((await call(simulator, environmentKey, `/v1/environments/${id}/work/poll`)).body).not.toBeNull();
    simulator.setFaults([]);
    expect(await depth()).toBe(0);
  });
});

it('a page of environments is cut to the largest where the list of work is, too', async () => {
  const { environments } = await faulty([], { switches: { maxEnvironmentsPageSize: 2, overLimit: 'cap' } });
  const { body } = await environments('?limit=1000');
  expect(body).toMatchObject({ data: [expect.anything(), expect.anything()], next_page: expect.any(String) });
});

it('a request that the simulator has no answer to gets 500, and the log says why', async () => {
  const lines: LogEvent[] = [];
  const logger = { ...silentLogger, error: (line: LogEvent) => void lines.push(line) };
  // No answer can have this status.
  const { environments } = await faulty([{ kind: 'status', status: 1000 }], { logger });
  const { status, body } = await environments();
  expect({ status, type: body.type }).toEqual({ status: 500, type: 'error' });
  expect(lines).toMatchObject([{ event: 'simulator.failed', path: '/v1/environments' }]);
});
