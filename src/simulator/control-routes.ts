import type { FastifyInstance, FastifyReply } from 'fastify';
import { z } from 'zod';
import { ExporterError } from '../base/errors.ts';
import { anySeconds, faultSchema } from './faults.ts';
import { SCENARIOS, scriptNamed } from './scenarios.ts';
import type { Simulation } from './simulation.ts';
import type { TruthThresholds } from './truth.ts';
import { environmentJson, workJson } from './wire-format.ts';
import { SESSION_CONDUCTS } from './work.ts';

const PREFIX = '/_sim';
/** What happens meanwhile is played, event by event: a year takes minutes, and an endless time would never end. */
const MOST_SECONDS_AHEAD = 366 * 86_400;

/** The bodies of the control API: docs/simulator.md#control-api. */
const BODY = {
  scenario: z.strictObject({ scenario: z.string() }),
  faults: z.strictObject({ faults: z.array(faultSchema) }),
  clock: z.strictObject({
    advance: z.number().min(0).max(MOST_SECONDS_AHEAD).default(0),
    speed: z.number().min(0).max(100_000).optional(),
    skew: anySeconds.optional(),
  }),
  sessions: z.strictObject({ session_id: z.string(), status: z.enum(['terminated', 'archived']) }),
  items: z.strictObject({
    environment_id: z.string(),
    count: z.number().int().min(1).max(100_000).default(1),
    type: z.enum(['session', 'healthcheck']).default('session'),
    conduct: z.enum(SESSION_CONDUCTS).default('turns'),
    metadata: z.record(z.string(), z.string()).default({}),
    tool_call: z
      .strictObject({ name: z.string(), input: z.record(z.string(), z.unknown()) })
      .nullable()
      .default(null),
  }),
};

const TRUTH_QUERY = {
  stale_heartbeat: 'staleHeartbeatSeconds',
  starting: 'startingSeconds',
  sessions_after: 'sessionsAfterSeconds',
  redeliveries: 'redeliveries',
} as const satisfies Record<string, keyof TruthThresholds>;

/** The simulator's own API: sets scenario, faults and time, adds items, and tells the true state. */
export function addControlRoutes(app: FastifyInstance, simulation: Simulation): void {
  const { world, access, faults, sessions } = simulation;
  const get = (path: string, answer: (query: Readonly<Record<string, string>>) => unknown) =>
    app.get(`${PREFIX}/${path}`, async ({ query }) => answer(query as Record<string, string>));
  const post = <T>(path: string, schema: z.ZodType<T>, answer: (body: T) => unknown) =>
    app.post(`${PREFIX}/${path}`, async ({ body }, reply) => {
      const read = schema.safeParse(body);
      if (!read.success) {
        const said = read.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`);
        return refuse(reply, { code: 'invalid_body', message: said.join('; '), remedy: null });
      }
      try {
        simulation.catchUp();
        return answer(read.data);
      } catch (error) {
        if (!(error instanceof ExporterError)) throw error;
        return refuse(reply, error);
      }
    });
  const activeFaults = () => ({ faults: faults.active() });

  get('truth', (query) => {
    const given = Object.entries(TRUTH_QUERY).filter(([name]) => query[name] !== undefined);
    return simulation.truth(Object.fromEntries(given.map(([name, threshold]) => [threshold, Number(query[name])])));
  });
  get('environments', () => {
    simulation.catchUp();
    const keyed = world.environments.map((one) => ({
      ...environmentJson(one),
      environment_key: access.environmentKey(one.id),
    }));
    return { environments: keyed };
  });
  get('scenario', () => ({
    scenario: world.script.name,
    scenarios: SCENARIOS.map(({ name, happens, expect }) => ({ name, happens, expect })),
  }));
  post('scenario', BODY.scenario, ({ scenario }) => {
    simulation.setScript(scriptNamed(scenario));
    return { scenario, expect: world.script.expect };
  });
  get('faults', activeFaults);
  post('faults', BODY.faults, (body) => {
    faults.set(body.faults);
    return activeFaults();
  });
  app.delete(`${PREFIX}/faults`, async () => {
    faults.set([]);
    return activeFaults();
  });
  post('clock', BODY.clock, ({ advance, speed, skew }) => {
    const now = simulation.advance(advance, speed);
    if (skew !== undefined) world.stamps.skewMs = skew * 1000;
    return { now: new Date(now).toISOString(), speed: simulation.speed };
  });
  post('sessions', BODY.sessions, (body) => {
    sessions.end(body.session_id, body.status);
    return body;
  });
  post('items', BODY.items, ({ environment_id, count, tool_call, ...work }) => {
    const items = Array.from({ length: count }, () =>
      simulation.enqueue(environment_id, { ...work, toolCall: tool_call }),
    );
    const environment = world.environment(environment_id)!;
    const stamp = environment.queue.stamps.at(world.now);
    return { items: items.map((item) => workJson(item, environment, stamp)) };
  });
}

function refuse(
  reply: FastifyReply,
  { code, message, remedy }: Pick<ExporterError, 'code' | 'message' | 'remedy'>,
): unknown {
  return reply.code(400).send({ error: { code, message, remedy } });
}
