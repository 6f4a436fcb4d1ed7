import { describe, it, type TestContext } from 'vitest';
import { call, type TestSimulator, testSimulator } from '../simulator/support/simulators.ts';
import { TestProcess } from '../support/processes.ts';
import { waitUntil } from '../support/wait-until.ts';
import { LANGUAGES, type Language, programOf } from './sdk-program.ts';

/** A session may be idle for so long: short, so that only what holds a worker keeps it. */
const IDLE_SECONDS = '0.3';

/** Starts a worker for the first environment as an operator does: a process with the environment key. It offers a tool `echo`. */
function startWorker(language: Language, { url, prod }: TestSimulator): TestProcess {
  const [command, ...args] = programOf(language, 'worker');
  return new TestProcess(command, [...args, url, prod.id, IDLE_SECONDS], {
    env: { ANTHROPIC_ENVIRONMENT_KEY: prod.environmentKey },
  });
}

/**
 * A worker sends its heartbeats every half lease, and gives a lease up for lost that it could not extend in time: on a machine
 * that is busy for a while, no sooner than this. The simulator's lease lasts twenty times as long, on a slow clock.
 */
const QUICK = { speed: 0.05, switches: { leaseTtlSeconds: 5, stoppingTtlSeconds: 5 } };
const ECHO = { name: 'echo', input: { text: 'hello' } };
/** Far more than it ever takes, on a machine that is busy with other tests. */
const TIMEOUT_MS = 480_000;

describe.concurrent.each(LANGUAGES)('the official worker in %s', { timeout: TIMEOUT_MS }, (language) => {
  async function begin({ onTestFinished }: TestContext, options = {}) {
    const simulator = await testSimulator(options, onTestFinished);
    const truth = () => simulator.truth({ sessions_after: 0 }).environments[simulator.prod.id]!;
    // Those about a session are not counted with an environment.
    const answers = (endpoint: string): Readonly<Record<string, number>> =>
      truth().requests[endpoint] ?? simulator.truth().requests[endpoint] ?? {};
    const start = (): TestProcess => {
      const worker = startWorker(language, simulator);
      onTestFinished(() => worker[Symbol.asyncDispose]());
      return worker;
    };
    const reach = (condition: () => boolean, worker: TestProcess) =>
      waitUntil(condition, {
        timeoutMs: TIMEOUT_MS / 2,
        details: () => `${JSON.stringify(truth())}\n${worker.stdout}\n${worker.stderr}`,
      });
    return { simulator, truth, answers, start, reach };
  }

  it('claims an item, calls its tool, and stops it once the turn is over', async (context) => {
    const { expect } = context;
    const { simulator, truth, answers, start, reach } = await begin(context);
    const id = simulator.enqueue(simulator.prod.id, { toolCall: ECHO });
    await reach(() => truth().items.stopped === 1, start());
    expect(await eventTypes(simulator, id)).toEqual([
      'agent.tool_use',
      'session.status_idle',
      'user.tool_result',
      'session.status_idle',
    ]);
    expect(truth().totals).toEqual({ created: 1, acknowledged: 1, stopped: 1, requeued: 0, lapsed: 0 });
    expect(Object.keys(answers('heartbeat'))).toEqual(['200']);
  });

  it('notices a graceful stop at its next heartbeat', async (context) => {
    const { expect } = context;
    const { simulator, truth, start, reach } = await begin(context, QUICK);
    const id = simulator.enqueue(simulator.prod.id, { conduct: 'awaits-approval' });
    const worker = start();
    await reach(() => truth().items.active === 1, worker);
    const path = `/v1/environments/${simulator.prod.id}/work/${id}/stop`;
    const stopping = await call(simulator, simulator.prod.environmentKey, path, { method: 'POST', body: {} });
    expect(stopping.body.state).toBe('stopping');
    await reach(() => truth().items.stopped === 1, worker);
    expect(truth().stop.count).toBe(1);
    expect(truth().totals.lapsed).toBe(0);
  });

  it('that died leaves an unanswered call, which the next one answers after the lapse: it is not made again', async (context) => {
    const { expect } = context;
    const { simulator, truth, answers, start, reach } = await begin(context);
    const id = simulator.enqueue(simulator.prod.id, { toolCall: ECHO });
    simulator.setFaults([{ kind: 'status', status: 503, endpoints: ['session_send'] }]);
    const first = start();
    await reach(() => (answers('session_send')['503'] ?? 0) > 0 && truth().items.active === 1, first);
    first.kill('SIGKILL');
    await first.exit;
    simulator.setFaults([]);
    simulator.advance(240);
    expect(truth().totals.lapsed).toBe(0);
    simulator.advance(120);
    expect(truth().totals.lapsed).toBe(1);
    await reach(() => truth().items.stopped === 1, start());
    expect(truth().totals).toEqual({ created: 1, acknowledged: 2, stopped: 1, requeued: 0, lapsed: 1 });
    expect((await eventTypes(simulator, id)).filter((type) => type === 'agent.tool_use')).toHaveLength(1);
  });

  it('leaves an item whose lease somebody else took', async (context) => {
    const { expect } = context;
    const { simulator, truth, answers, start, reach } = await begin(context, QUICK);
    const id = simulator.enqueue(simulator.prod.id, { conduct: 'awaits-approval' });
    const worker = start();
    await reach(() => truth().items.active === 1, worker);
    const path = `/v1/environments/${simulator.prod.id}/work/${id}/heartbeat`;
    // Without an expectation a heartbeat always extends: the worker's next one does not match any more.
    await call(simulator, simulator.prod.environmentKey, path, { method: 'POST' });
    await reach(() => answers('heartbeat')['412'] === 1, worker);
    await reach(() => (answers('poll')['200'] ?? 0) >= 2, worker);
    expect(answers('stop')).toEqual({});
  });

  it.for([
    ['a result that was refused', 'wedges', 403],
    ['an approval that nobody gives', 'awaits-approval', undefined],
  ] as const)('is held by %s, and sends heartbeats on', async ([_what, conduct, refused], context) => {
    const { expect } = context;
    const { simulator, truth, answers, start, reach } = await begin(context, QUICK);
    simulator.enqueue(simulator.prod.id, { toolCall: ECHO, conduct });
    const worker = start();
    await reach(() => truth().sessions.waiting.requires_action === 1, worker);
    if (refused !== undefined) await reach(() => (answers('session_send')[refused] ?? 0) > 0, worker);
    const beats = answers('heartbeat')['200'] ?? 0;
    // Longer than the session may be idle and than a lease lasts.
    await reach(() => (answers('heartbeat')['200'] ?? 0) >= beats + 3, worker);
    expect(truth()).toMatchObject({
      items: { active: 1, stopped: 0 },
      totals: { lapsed: 0 },
      stale_heartbeat_items: { active: 0 },
      sessions: { items: { idle: 1 }, waiting: { requires_action: 1 } },
    });
    expect(answers('session_send')[200]).toBeUndefined();
  });

  it('ends by itself when its key is revoked', async (context) => {
    const { expect } = context;
    const { simulator, start } = await begin(context);
    simulator.setFaults([{ kind: 'revoked' }]);
    const { code } = await start().exit;
    expect(code).toBe(1);
  });
});

async function eventTypes(simulator: TestSimulator, session: string): Promise<readonly unknown[]> {
  const { body } = await call(simulator, simulator.apiKey, `/v1/sessions/${session}/events`);
  return (body.data as { type: string }[]).map(({ type }) => type);
}
