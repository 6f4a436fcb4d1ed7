import { describe, expect, it } from 'vitest';
import type { SessionConduct } from '../../../src/simulator/work.ts';
import { ManualClock } from '../../support/manual-clock.ts';
import { call, type TestSimulator, testSimulator } from '../support/simulators.ts';

const AT = Date.parse('2026-11-25T10:00:00Z');

/** One item of that conduct, acknowledged and beating, as a worker without a real session would hold it. */
async function held(conduct: SessionConduct = 'turns'): Promise<{ simulator: TestSimulator; id: string }> {
  const simulator = await testSimulator({ clock: new ManualClock(AT) });
  const id = simulator.enqueue(simulator.prod.id, { conduct });
  simulator.advance(1);
  await work(simulator, 'poll', 'GET');
  await work(simulator, `${id}/ack`);
  await work(simulator, `${id}/heartbeat`);
  return { simulator, id };
}

function work(simulator: TestSimulator, path: string, method = 'POST') {
  const { id, environmentKey } = simulator.prod;
  return call(simulator, environmentKey, `/v1/environments/${id}/work/${path}`, { method });
}

const session = async (simulator: TestSimulator, id: string, key = simulator.apiKey) =>
  call(simulator, key, `/v1/sessions/${id}`);

async function events(simulator: TestSimulator, id: string, query = '') {
  const answer = await call(simulator, simulator.apiKey, `/v1/sessions/${id}/events${query}`);
  return answer.body as {
    data: { id: string; type: string; processed_at: string; stop_reason?: unknown }[];
    next_page: string | null;
  };
}

const send = (simulator: TestSimulator, id: string, event: object) =>
  call(simulator, simulator.apiKey, `/v1/sessions/${id}/events`, { method: 'POST', body: { events: [event] } });
const MESSAGE = { type: 'user.message', content: [] };

const LAST_IDLE = '?types=session.status_idle&order=desc&limit=1';

const AFTER_A_MINUTE: readonly [SessionConduct, string, string | undefined][] = [
  ['turns', 'running', undefined],
  ['wedges', 'idle', 'requires_action'],
  ['awaits-approval', 'idle', 'requires_action'],
  ['terminates', 'terminated', undefined],
  ['kills-worker', 'running', undefined],
];

describe('the status of a session', () => {
  it.each(AFTER_A_MINUTE)('%s: %s after a minute', async (conduct, status, reason) => {
    const { simulator, id } = await held(conduct);
    expect((await session(simulator, id)).body.status).toBe('running');
    simulator.advance(60);
    expect((await session(simulator, id)).body.status).toBe(status);
    const [idle] = (await events(simulator, id, LAST_IDLE)).data;
    expect((idle?.stop_reason as { type: string } | undefined)?.type).toBe(reason);
  });

  it('says since when it is idle, and how long it was active', async () => {
    const { simulator, id } = await held('wedges');
    simulator.advance(200);
    const { stats, updated_at } = (await session(simulator, id)).body;
    expect(stats).toEqual({ active_seconds: 5, duration_seconds: 201 });
    const [idle] = (await events(simulator, id, LAST_IDLE)).data;
    expect(idle!.processed_at).toBe('2026-11-25T10:00:06.000000Z');
    expect(updated_at).toBe(idle!.processed_at);
  });

  it('is idle after its turn, with the reason, and runs again when a message wakes it', async () => {
    const { simulator, id } = await held();
    await work(simulator, `${id}/stop`);
    await work(simulator, `${id}/heartbeat`);
    await call(simulator, simulator.apiKey, `/v1/environments/${simulator.prod.id}/work/${id}/stop`, {
      method: 'POST',
      body: { force: true },
    });
    expect((await session(simulator, id)).body.status).toBe('idle');
    expect((await events(simulator, id, LAST_IDLE)).data).toMatchObject([{ stop_reason: { type: 'end_turn' } }]);
    await send(simulator, id, MESSAGE);
    expect((await session(simulator, id)).body.status).toBe('running');
  });

  it('is unblocked by an interrupt, and by a denial of the call that waits', async () => {
    for (const answer of ['user.interrupt', 'user.tool_confirmation']) {
      const { simulator, id } = await held('awaits-approval');
      simulator.advance(60);
      const [call0] = (await events(simulator, id, '?types[]=agent.tool_use')).data;
      await send(simulator, id, { type: answer, tool_use_id: call0!.id, result: 'deny' });
      expect((await events(simulator, id, LAST_IDLE)).data).toMatchObject([{ stop_reason: { type: 'end_turn' } }]);
    }
  });

  it('refuses the result of a session that wedges, and stays as it is', async () => {
    const { simulator, id } = await held('wedges');
    simulator.advance(60);
    const [tool] = (await events(simulator, id, '?types=agent.tool_use')).data;
    const answer = await send(simulator, id, { type: 'user.tool_result', tool_use_id: tool!.id, content: [] });
    expect(answer.status).toBe(403);
    expect((await session(simulator, id)).body.status).toBe('idle');
  });

  it('makes an unanswered call once, however often the item is claimed again', async () => {
    const { simulator, id } = await held('wedges');
    simulator.advance(60);
    expect((await events(simulator, id)).data).toHaveLength(2);
    for (let claim = 0; claim < 3; claim++) {
      simulator.advance(301);
      await work(simulator, 'poll', 'GET');
      expect((await work(simulator, `${id}/ack`)).status).toBe(200);
      simulator.advance(60);
      expect((await events(simulator, id)).data.map(({ type }) => type)).toEqual([
        'agent.tool_use',
        'session.status_idle',
      ]);
    }
    expect(simulator.truth().environments[simulator.prod.id]!.sessions.deliveries_max).toBe(4);
  });
});

describe('the events of a session', () => {
  it.each([
    ['', ['agent.tool_use', 'session.status_idle', 'user.message']],
    ['?types[]=user.message&types[]=agent.tool_use', ['agent.tool_use', 'user.message']],
    ['?types=user.message&types=agent.tool_use', ['agent.tool_use', 'user.message']],
    ['?types=agent.tool_use,user.message', []],
    ['?order=desc&limit=1', ['user.message']],
  ])('asked with %s', async (query, types) => {
    const { simulator, id } = await held('wedges');
    simulator.advance(60);
    await send(simulator, id, MESSAGE);
    expect((await events(simulator, id, query)).data.map(({ type }) => type)).toEqual(types);
  });

  it('pages on from the event that was shown last, also when new ones come in front of it', async () => {
    const { simulator, id } = await held('wedges');
    simulator.advance(60);
    const first = await events(simulator, id, '?order=desc&limit=1');
    await send(simulator, id, MESSAGE);
    const second = await events(simulator, id, `?order=desc&limit=1&page=${first.next_page}`);
    expect([...first.data, ...second.data].map(({ type }) => type)).toEqual(['session.status_idle', 'agent.tool_use']);
    expect(second.next_page).toBeNull();
  });

  it.each(['?order=sideways', '?page=page_evt_none', '?limit=0'])('refuses %s with 400', async (query) => {
    const { simulator, id } = await held();
    expect((await call(simulator, simulator.apiKey, `/v1/sessions/${id}/events${query}`)).status).toBe(400);
  });

  it('a monitor that reads them does not make a run begin', async () => {
    const { simulator, id } = await held();
    expect((await events(simulator, id)).data).toEqual([]);
    expect((await session(simulator, id)).body.status).toBe('running');
  });
});
