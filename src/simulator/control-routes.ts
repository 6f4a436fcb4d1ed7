import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { ExporterError } from '../base/errors.ts';
import { anySeconds, faultSchema } from './faults.ts';
import { SCENARIOS, scriptNamed } from './scenarios.ts';
import type { Simulation } from './simulation.ts';
import type { TruthThresholds } from './truth.ts';
import { environmentJson, workJson } from './wire-format.ts';

import { SESSION_CONDUCTS } from './work.ts';

const CONTROL_PREFIX = '/_sim';
/** What happens meanwhile is played, event by event: a year takes minutes, and an endless time would never end. */
const MOST_SECONDS_AHEAD = 366 * 86_400;

/** The bodies of the control API. */
const controlSchema = {
  scenario: z.strictObject({ scenario: z.string() }),
  /** Replaces all earlier faults. */
  faults: z.strictObject({ faults: z.array(faultSchema) }),
  /** Seconds to jump ahead, simulated seconds per real second, seconds by which the API's clock is ahead. */
  clock: z.strictObject({
    advance: z.number().min(0).max(MOST_SECONDS_AHEAD).optional(),
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

/** The simulator's own API: sets scenario, faults and time, adds items, and tells the true state. */
export function addControlRoutes(app: FastifyInstance, simulation: Simulation): void {
  truthRoute(app, simulation);
  environmentsRoute(app, simulation);
  scenarioRoutes(app, simulation);
  faultRoutes(app, simulation);
  clockRoute(app, simulation);
  sessionRoute(app, simulation);
  itemRoute(app, simulation);
}

function truthRoute(app: FastifyInstance, simulation: Simulation): void {
  app.get(`${CONTROL_PREFIX}/truth`, async (request) => {
    const query = request.query as Record<string, string>;
    const given = Object.entries(TRUTH_QUERY).filter(([name]) => query[name] !== undefined);
    return simulation.truth(Object.fromEntries(given.map(([name, threshold]) => [threshold, Number(query[name])])));
  });
}

const TRUTH_QUERY = {
  stale_heartbeat: 'staleHeartbeatSeconds',
  starting: 'startingSeconds',
  sessions_after: 'sessionsAfterSeconds',
  redeliveries: 'redeliveries',
} as const satisfies Record<string, keyof TruthThresholds>;

function environmentsRoute(app: FastifyInstance, simulation: Simulation): void {
  app.get(`${CONTROL_PREFIX}/environments`, async () => {
    simulation.catchUp();
    const environments = simulation.world.environments.map((environment) => ({
      ...environmentJson(environment),
      environment_key: simulation.environmentKey(environment.id),
    }));
    return { environments };
  });
}

function scenarioRoutes(app: FastifyInstance, simulation: Simulation): void {
  app.get(`${CONTROL_PREFIX}/scenario`, async () => ({
    scenario: simulation.world.script.name,
    scenarios: SCENARIOS.map(({ name, happens, expect }) => ({ name, happens, expect })),
  }));
  const set = parsed(controlSchema.scenario, ({ scenario }) => {
    simulation.setScript(scriptNamed(scenario));
    return { scenario, expect: simulation.world.script.expect };
  });
  app.post(`${CONTROL_PREFIX}/scenario`, set);
}

function faultRoutes(app: FastifyInstance, simulation: Simulation): void {
  const active = () => ({ faults: simulation.faults.active() });
  app.get(`${CONTROL_PREFIX}/faults`, async () => active());
  app.delete(`${CONTROL_PREFIX}/faults`, async () => {
    simulation.setFaults([]);
    return active();
  });
  const set = parsed(controlSchema.faults, ({ faults }) => {
    simulation.setFaults(faults);
    return active();
  });
  app.post(`${CONTROL_PREFIX}/faults`, set);
}

function clockRoute(app: FastifyInstance, simulation: Simulation): void {
  const set = parsed(controlSchema.clock, ({ advance, speed, skew }) => {
    simulation.catchUp();
    if (speed !== undefined) simulation.clock.setSpeed(speed);
    if (advance !== undefined) simulation.clock.advance(advance);
    if (skew !== undefined) simulation.world.stamps.skewMs = skew * 1000;
    const now = simulation.catchUp();
    return { now: new Date(now).toISOString(), speed: simulation.clock.speed };
  });
  app.post(`${CONTROL_PREFIX}/clock`, set);
}

function sessionRoute(app: FastifyInstance, simulation: Simulation): void {
  const end = parsed(controlSchema.sessions, ({ session_id, status }) => {
    simulation.catchUp();
    simulation.sessions.end(session_id, status);
    return { session_id, status };
  });
  app.post(`${CONTROL_PREFIX}/sessions`, end);
}

function itemRoute(app: FastifyInstance, simulation: Simulation): void {
  const add = parsed(controlSchema.items, ({ environment_id, count, type, metadata, tool_call, conduct }) => {
    const work = { type, metadata, toolCall: tool_call, conduct };
    const items = Array.from({ length: count }, () => simulation.enqueue(environment_id, work));
    const environment = simulation.world.environment(environment_id)!;
    const stamp = environment.queue.stamps.at(simulation.world.now);
    return { items: items.map((item) => workJson(item, environment, stamp)) };
  });
  app.post(`${CONTROL_PREFIX}/items`, add);
}

/** A handler that gets a validated body; an invalid body, or an error of ours, is a 400 that says what is wrong. */
function parsed<T>(schema: z.ZodType<T>, handle: (body: T) => unknown) {
  return async (request: FastifyRequest, reply: FastifyReply) => {
    const body = schema.safeParse(request.body);
    if (!body.success) {
      const message = body.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`).join('; ');
      return reply.code(400).send({ error: { code: 'invalid_body', message, remedy: null } });
    }
    try {
      return handle(body.data);
    } catch (error) {
      if (!(error instanceof ExporterError)) throw error;
      const { code, message, remedy } = error;
      return reply.code(400).send({ error: { code, message, remedy } });
    }
  };
}
