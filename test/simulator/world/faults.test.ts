import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../../src/base/random.ts';
import type { Fault } from '../../../src/simulator/faults.ts';
import { FaultBox } from '../../../src/simulator/faults.ts';
import { ManualClock } from '../../support/manual-clock.ts';
import { waitUntil } from '../../support/wait-until.ts';
import { environmentsSchema, errorSchema, listSchema } from '../support/schemas.ts';
import { call, type TestSimulator, testSimulator } from '../support/simulators.ts';

const stats = (simulator: TestSimulator) =>
  call(simulator, simulator.apiKey, `/v1/environments/${simulator.prod.id}/work/stats`);
const list = (simulator: TestSimulator, query = '') =>
  call(simulator, simulator.prod.environmentKey, `/v1/environments/${simulator.prod.id}/work${query}`);
const counted = (simulator: TestSimulator) => simulator.truth().environments[simulator.prod.id]!.requests;

describe('which requests a fault hits', () => {
  const hits = (fault: Fault, tries = 1000) => {
    const box = new FaultBox(seededRandom(1), () => []);
    box.set([fault]);
    const request = { endpoint: 'list', environmentId: 'env_a', key: 'api_key' } as const;
    return Array.from({ length: tries }, () => box.hit(request).length).reduce((sum, n) => sum + n, 0);
  };

  it.each([
    ['all when nothing is said', { kind: 'reset' }, 1000],
    ['none of other endpoints', { kind: 'reset', endpoints: ['stats'] }, 0],
    ['none of other environments', { kind: 'reset', environments: ['env_b'] }, 0],
    ['so many as its count', { kind: 'reset', count: 3 }, 3],
    ['none with probability 0', { kind: 'reset', probability: 0 }, 0],
  ] as const)('%s', (_, fault, expected) => {
    expect(hits(fault as Fault)).toBe(expected);
  });

  it('its share, when it has a probability', () => {
    const share = hits({ kind: 'reset', probability: 0.25 }, 4000) / 4000;
    expect(share).toBeGreaterThan(0.2);
    expect(share).toBeLessThan(0.3);
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
  it('a fault of latency delays the answer', async () => {
    const clock = new ManualClock();
    const simulator = await testSimulator({ clock });
    simulator.setFaults([{ kind: 'latency', seconds: 3 }]);
    let answered = false;
    const answer = stats(simulator).finally(() => {
      answered = true;
    });
    await waitUntil(() => clock.timers === 1);
    await clock.advance(2999);
    expect(answered).toBe(false);
    await clock.advance(1);
    expect((await answer).status).toBe(200);
  });

  it('hang: nothing, until it gives up; and the simulator still stops', async () => {
    const simulator = await testSimulator();
    simulator.setFaults([{ kind: 'hang' }]);
    const abort = new AbortController();
    const answer = fetch(`${simulator.url}/v1/environments`, { signal: abort.signal });
    await waitUntil(() => simulator.truth().requests.environments?.['0'] === 1);
    abort.abort();
    await expect(answer).rejects.toThrow('aborted');
  });

  it('a fault that resets cuts the connection', async () => {
    const simulator = await testSimulator();
    simulator.setFaults([{ kind: 'reset' }]);
    await expect(stats(simulator)).rejects.toThrow('fetch failed');
    expect(counted(simulator).stats).toEqual({ 0: 1 });
  });

  it('a fault that truncates sends half a body', async () => {
    const simulator = await testSimulator();
    simulator.setFaults([{ kind: 'truncate' }]);
    await expect(stats(simulator)).rejects.toThrow('terminated');
  });

  it.each([
    [undefined, 200],
    [403, 403],
    [503, 503],
  ])('garbage with status %s: %d with something that is not JSON', async (status, seen) => {
    const simulator = await testSimulator();
    simulator.setFaults([{ kind: 'garbage', ...(status === undefined ? {} : { status }) }]);
    await expect(stats(simulator)).rejects.toThrow(SyntaxError);
    expect(counted(simulator).stats).toEqual({ [seen]: 1 });
  });

  it('429 with retry-after and an error code', async () => {
    const simulator = await testSimulator();
    simulator.setFaults([{ kind: 'status', status: 429, retryAfterSeconds: 7, errorCode: 'ramp_limit_exceeded' }]);
    const { status, headers, body } = await stats(simulator);
    expect(status).toBe(429);
    expect(headers.get('retry-after')).toBe('7');
    expect(errorSchema.parse(body).error).toMatchObject({
      type: 'rate_limit_error',
      details: { error_code: 'ramp_limit_exceeded' },
    });
  });

  it.each([
    [503, 'api_error'],
    [504, 'timeout_error'],
    [529, 'overloaded_error'],
    [418, 'invalid_request_error'],
    [599, 'api_error'],
  ])('%i with x-should-retry', async (code, type) => {
    const simulator = await testSimulator();
    simulator.setFaults([{ kind: 'status', status: code, shouldRetry: false }]);
    const { status, headers, body } = await stats(simulator);
    expect(status).toBe(code);
    expect(headers.get('x-should-retry')).toBe('false');
    expect(errorSchema.parse(body).error.type).toBe(type);
  });

  it('an empty page in the middle of the list, and one of environments', async () => {
    const simulator = await testSimulator();
    const made = [simulator.enqueue(simulator.prod.id), simulator.enqueue(simulator.prod.id)];
    const first = listSchema.parse((await list(simulator, '?limit=1')).body);
    simulator.setFaults([{ kind: 'empty_page', count: 2 }]);
    const empty = listSchema.parse((await list(simulator, `?limit=1&page=${first.next_page}`)).body);
    expect(empty.data).toEqual([]);
    const environments = await call(simulator, simulator.apiKey, '/v1/environments');
    expect(environmentsSchema.parse(environments.body)).toMatchObject({ data: [], next_page: 'page_start~' });
    const next = listSchema.parse((await list(simulator, `?limit=1&page=${empty.next_page}`)).body);
    expect(next.data.map((work) => work.id)).toEqual([made[0]]);
  });

  it('a page whose next one is itself', async () => {
    const simulator = await testSimulator();
    for (let i = 0; i < 3; i++) simulator.enqueue(simulator.prod.id);
    simulator.setFaults([{ kind: 'repeat_cursor' }]);
    const first = listSchema.parse((await list(simulator, '?limit=1')).body);
    const second = listSchema.parse((await list(simulator, `?limit=1&page=${first.next_page}`)).body);
    expect(second.next_page).toBe(first.next_page);
  });
});
