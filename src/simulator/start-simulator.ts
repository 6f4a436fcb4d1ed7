import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import { z } from 'zod';
import { ExporterError, errorText } from '../base/errors.ts';
import type { Logger } from '../base/logger.ts';
import { NO_SCHEMAS } from '../base/no-schemas.ts';
import { type ApiRequest, answerRequest } from './answer-request.ts';
import { type ApiRoute, apiRoutes, environmentJson } from './api-routes.ts';
import { anySeconds, faultSchema, Rejection } from './faults.ts';
import { SCENARIOS, scriptNamed, simulatedEnvironments } from './scenarios.ts';
import type { Script } from './script.ts';
import { Simulation, type SimulationOptions } from './simulation.ts';
import type { TruthThresholds } from './truth.ts';
import { SESSION_CONDUCTS, workJson } from './work.ts';

export interface SimulatorOptions extends Pick<SimulationOptions, 'clock' | 'preset' | 'speed' | 'switches'> {
  /** The same seed gives the same keys, ids and events; 1 by default. */
  readonly seed?: number;
  /** A named scenario, or one of the caller's own; `steady` by default. */
  readonly scenario?: string | Script;
  /** How many environments, or which; three by default. A scenario of the caller's own has its own. */
  readonly environments?: number | readonly { readonly id: string; readonly name: string }[];
  readonly host?: string;
  /** 0 or omitted: any free port. */
  readonly port?: number;
  readonly logger: Logger;
}

/** A simulation that listens: `url` is its address without a trailing slash and without the provider's path prefix. */
export type Simulator = Simulation & { stop(): Promise<void> };

/**
 * Serves the Work API from a world in motion.
 *
 * @throws UnknownScenarioError for an unknown scenario, and whatever `listen` throws (`EADDRINUSE`, …)
 */
export async function startSimulator(options: SimulatorOptions): Promise<Simulator> {
  const { seed = 1, scenario = 'steady', environments: chosen = 3, host = '127.0.0.1', port = 0 } = options;
  const environments = typeof chosen === 'number' ? simulatedEnvironments(chosen) : chosen;
  const script = typeof scenario === 'string' ? scriptNamed(scenario, { seed, environments }) : scenario;
  const simulation = new Simulation({ ...options, seed, script });
  const app = createApp(simulation, options.logger);
  simulation.url = await app.listen({ host, port });
  return Object.assign(simulation, { stop: () => app.close() });
}

function createApp(simulation: Simulation, logger: Logger): FastifyInstance {
  // Open streams and hanging requests must not keep the server from closing.
  const app = Fastify({ forceCloseConnections: true, bodyLimit: 32 * 1024 * 1024, schemaController: NO_SCHEMAS });
  // A heartbeat has no body but may announce JSON.
  app.removeContentTypeParser('application/json');
  app.addContentTypeParser('*', { parseAs: 'string' }, (_request, body, done) => done(null, parseBody(String(body))));
  const refuse = (reply: FastifyReply, rejection: Rejection) => reply.code(rejection.status).send(rejection.json(null));
  app.setErrorHandler((error, request, reply) => {
    logger.error({ event: 'simulator.failed', path: request.url, error: errorText(error) }, 'Simulated request failed');
    return refuse(reply, new Rejection(500, 'Internal server error'));
  });
  app.setNotFoundHandler((_request, reply) => refuse(reply, new Rejection(404, 'Not found')));
  for (const route of apiRoutes(simulation)) {
    const { method, path: url } = route;
    app.route({ method, url, handler: (request, reply) => serve(simulation, route, request, reply) });
  }
  addControlRoutes(app, simulation);
  return app;
}

/** The JSON of a body; undefined when there is none or it is invalid, which the handler then rejects. */
function parseBody(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}

/** Serves one request of the API over HTTP. */
async function serve(
  simulation: Simulation,
  route: ApiRoute,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<unknown> {
  const { raw } = reply;
  const { url, params, query, headers, body } = request;
  const asked = { url, params, query, headers, body, gone: () => raw.destroyed } as ApiRequest;
  const answer = await answerRequest(simulation, route, asked);
  if (answer.kind === 'whole') {
    if (answer.interim) raw.writeContinue();
    return reply.code(answer.status).headers(answer.headers).send(answer.body);
  }
  reply.hijack();
  if (answer.kind === 'reset') raw.destroy();
  else if (answer.kind === 'half') {
    const bytes = Buffer.from(answer.body);
    raw.writeHead(answer.status, { ...answer.headers, 'content-length': bytes.length });
    raw.write(bytes.subarray(0, Math.floor(bytes.length / 2)), () => raw.destroy());
  } else if (answer.kind === 'stream') {
    raw.writeHead(200, { ...answer.headers, 'content-type': 'text/event-stream', 'cache-control': 'no-cache' });
    raw.flushHeaders();
    // Each frame has an `event:` line: clients skip frames without one.
    const unlisten = answer.stream.listen((event) => {
      raw.write(`event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`);
    });
    // The request closes once its body is read; only the answer shows that the client has gone.
    raw.on('close', unlisten);
  }
  return reply;
}

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
function addControlRoutes(app: FastifyInstance, simulation: Simulation): void {
  const { faults, stamps } = simulation;
  const get = (path: string, answer: (query: Readonly<Record<string, string>>) => unknown) =>
    app.get(`${PREFIX}/${path}`, async ({ query }) => {
      simulation.catchUp();
      return answer(query as Record<string, string>);
    });
  const post = <T>(path: string, schema: z.ZodType<T>, answer: (body: T) => unknown) =>
    app.post(`${PREFIX}/${path}`, async ({ body }, reply) => {
      const read = schema.safeParse(body);
      if (!read.success) {
        const said = read.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`);
        return reply.code(400).send({ error: { code: 'invalid_body', message: said.join('; '), remedy: null } });
      }
      try {
        simulation.catchUp();
        return answer(read.data);
      } catch (error) {
        if (!(error instanceof ExporterError)) throw error;
        const { code, message, remedy } = error;
        return reply.code(400).send({ error: { code, message, remedy } });
      }
    });
  const setFaults = ({ faults: wanted }: z.infer<typeof BODY.faults>) => {
    faults.set(wanted);
    return { faults: faults.active() };
  };

  get('truth', (query) => {
    const given = Object.entries(TRUTH_QUERY).filter(([name]) => query[name] !== undefined);
    return simulation.truth(Object.fromEntries(given.map(([name, threshold]) => [threshold, Number(query[name])])));
  });
  get('environments', () => ({
    environments: simulation.all.map((one) => ({ ...environmentJson(one), environment_key: one.environmentKey })),
  }));
  get('scenario', () => ({
    scenario: simulation.scenario.name,
    scenarios: SCENARIOS.map(({ name, happens, expect }) => ({ name, happens, expect })),
  }));
  post('scenario', BODY.scenario, ({ scenario }) => {
    simulation.setScenario(scenario);
    return { scenario, expect: simulation.scenario.expect };
  });
  get('faults', () => ({ faults: faults.active() }));
  post('faults', BODY.faults, setFaults);
  app.delete(`${PREFIX}/faults`, async () => setFaults({ faults: [] }));
  post('clock', BODY.clock, ({ advance, speed, skew }) => {
    simulation.advance(advance, speed);
    if (skew !== undefined) stamps.skewMs = skew * 1000;
    return { now: new Date(simulation.now).toISOString(), speed: simulation.speed };
  });
  post('sessions', BODY.sessions, (body) => {
    simulation.endSession(body.session_id, body.status);
    return body;
  });
  post('items', BODY.items, ({ environment_id: environmentId, count, tool_call: toolCall, ...work }) => {
    const ids = Array.from({ length: count }, () => simulation.enqueue(environmentId, { ...work, toolCall }));
    const { queue } = simulation.environment(environmentId)!;
    const now = stamps.at(simulation.now);
    return { items: ids.map((id) => workJson(queue.find(id), queue, { environmentId, now })) };
  });
}
