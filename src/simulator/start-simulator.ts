import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { EpochMs } from '../base/clock.ts';
import { ExporterError, errorText } from '../base/errors.ts';
import type { Logger } from '../base/logger.ts';
import { NO_SCHEMAS } from '../base/package-files.ts';
import { answerRequest } from './answer-request.ts';
import { anySeconds, faultSchema, Rejection } from './faults.ts';
import { environmentJson, NOT_JSON } from './operations.ts';
import { SCENARIOS, type Script, scriptNamed, simulatedEnvironments } from './scenarios.ts';
import { Simulation, type SimulationOptions } from './simulation.ts';
import { isHeld, SESSION_CONDUCTS, type WorkRecord, workJson } from './work.ts';
import type { SimEnvironment } from './work-queue.ts';

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
export type Simulator = Simulation & { truth(thresholds?: Partial<TruthThresholds>): Truth; stop(): Promise<void> };

/** Serves the Work API from a world in motion. @throws whatever `listen` throws (`EADDRINUSE`, …) */
export async function startSimulator(options: SimulatorOptions): Promise<Simulator> {
  const { seed = 1, scenario = 'steady', environments: chosen = 3, host = '127.0.0.1', port = 0 } = options;
  const environments = typeof chosen === 'number' ? simulatedEnvironments(chosen) : chosen;
  const script = typeof scenario === 'string' ? scriptNamed(scenario, { seed, environments }) : scenario;
  const simulation = new Simulation({ ...options, seed, script });
  const app = createApp(simulation, options.logger);
  simulation.url = await app.listen({ host, port });
  const truth = (thresholds = {}) => truthOf(simulation, thresholds);
  return Object.assign(simulation, { truth, stop: () => app.close() });
}

function createApp(simulation: Simulation, logger: Logger): FastifyInstance {
  // Open streams and hanging requests must not keep the server from closing.
  const app = Fastify({ forceCloseConnections: true, bodyLimit: 32 * 1024 * 1024, schemaController: NO_SCHEMAS });
  // A heartbeat has no body but may announce JSON.
  app.removeContentTypeParser('application/json');
  app.addContentTypeParser('*', { parseAs: 'string' }, (_request, body, done) => done(null, parseBody(String(body))));
  app.setErrorHandler((error, request, reply) => {
    if (error instanceof ExporterError) {
      const { code, message, remedy } = error;
      return reply.code(400).send({ error: { code, message, remedy } });
    }
    logger.error({ event: 'simulator.failed', path: request.url, error: errorText(error) }, 'Simulated request failed');
    return reply.code(500).send(new Rejection(500, 'Internal server error').json(null));
  });
  addControlRoutes(app, simulation);
  app.setNotFoundHandler((request, reply) => serve(simulation, request, reply));
  return app;
}

/** The JSON of a body; undefined when there is none, and a mark for one that is invalid, which the operation then rejects. */
function parseBody(body: string): unknown {
  if (body === '') return undefined;
  try {
    return JSON.parse(body);
  } catch {
    return NOT_JSON;
  }
}

/** Serves one request of the API over HTTP. */
async function serve(simulation: Simulation, request: FastifyRequest, reply: FastifyReply): Promise<unknown> {
  const { raw } = reply;
  const { method, url, headers, body } = request;
  const answer = await answerRequest(simulation, { method, url, headers, body, gone: () => raw.destroyed });
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
    const unlisten = answer.listen((event) => raw.write(`event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`));
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
  sessions: z.strictObject({ session_id: z.string(), status: z.enum(['terminated']) }),
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

const seconds = z.coerce.number().exactOptional();
const TRUTH_QUERY = z.object({
  stale_heartbeat: seconds,
  starting: seconds,
  sessions_after: seconds,
  redeliveries: seconds,
});

/** @throws ExporterError */
function readAs<T>(schema: z.ZodType<T>, given: unknown): T {
  const { success, data, error } = schema.safeParse(given);
  if (success) return data;
  const said = error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
  throw new ExporterError('invalid_body', said.join('; '));
}

/** The simulator's own API: sets scenario, faults and time, adds items, and tells the true state. */
function addControlRoutes(app: FastifyInstance, simulation: Simulation): void {
  const { faults, stamps } = simulation;
  const get = (path: string, answer: (query: Readonly<Record<string, string>>) => unknown) =>
    app.get(`${PREFIX}/${path}`, async ({ query }) => {
      simulation.catchUp();
      return answer(query as Record<string, string>);
    });
  const post = <T>(path: string, schema: z.ZodType<T>, answer: (body: T) => unknown) =>
    app.post(`${PREFIX}/${path}`, async ({ body }) => {
      const asked = readAs(schema, body);
      simulation.catchUp();
      return answer(asked);
    });
  const setFaults = ({ faults: wanted }: z.infer<typeof BODY.faults>) => {
    faults.set(wanted);
    return { faults: faults.active() };
  };

  get('truth', (query) => truthOf(simulation, readAs(TRUTH_QUERY, query)));
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
    simulation.sessions.find(body.session_id).terminate();
    return body;
  });
  post('items', BODY.items, ({ environment_id: environmentId, count, tool_call: toolCall, ...work }) => {
    const ids = Array.from({ length: count }, () => simulation.enqueue(environmentId, { ...work, toolCall }));
    const { queue } = simulation.environment(environmentId)!;
    const now = stamps.at(simulation.now);
    return { items: ids.map((id) => workJson(queue.find(id), queue, { environmentId, now })) };
  });
}

/** `environments` by id: those that are self-hosted and not archived; `requests`: those that belong to no environment. */
export type Truth = ReturnType<typeof truthOf>;
export type EnvironmentTruth = ReturnType<typeof environmentTruth>;

/** The exporter's own: after how long a starting item is stale and a run is long, and how many acknowledgements too many there are. */
const USUAL = { starting: 180, sessions_after: 600, redeliveries: 3 };
/** Seconds, as the control API names them. `stale_heartbeat`: that of the provider by default. */
export type TruthThresholds = typeof USUAL & { readonly stale_heartbeat: number };

/** The true state of everything. */
export function truthOf(world: Simulation, changed: Partial<TruthThresholds>) {
  world.catchUp();
  const thresholds = { ...USUAL, stale_heartbeat: world.switches.staleHeartbeatSeconds, ...changed };
  return {
    scenario: world.scenario.name,
    now: world.stamps.text(world.stamps.at(world.now)),
    environments: Object.fromEntries<EnvironmentTruth>(
      world.environments.map((one) => [one.id, environmentTruth(world, one, thresholds)]),
    ),
    requests: world.requests.of(null),
  };
}

/** Counted from the items of an environment and their sessions. */
function environmentTruth(world: Simulation, environment: SimEnvironment, limits: TruthThresholds) {
  const { id, name, queue } = environment;
  const now = world.stamps.at(world.now);
  const stats = queue.stats(world.now);
  const items = { queued: 0, starting: 0, active: 0, stopping: 0, stopped: 0 };
  const stale = { starting: 0, active: 0, stopping: 0 };
  for (const { state } of queue.all()) items[state]++;
  const live = queue.live();
  for (const work of live) {
    const { state } = work;
    if (state === 'queued' || state === 'stopped') continue;
    const lastSign = work.latestHeartbeatAt ?? work.acknowledgedAt ?? now;
    const limit = state === 'starting' ? limits.starting : limits.stale_heartbeat;
    if (now - lastSign > limit * 1000) stale[state]++;
  }
  const { wait, run, stop, ...totals } = structuredClone(queue.totals);
  return {
    name,
    ...stats,
    items,
    /** Running items whose last sign of life is too old. */
    stale_heartbeat_items: stale,
    totals: { ...totals },
    ...{ wait, run, stop },
    sessions: sessionTruth(world, environment, live, limits),
    requests: world.requests.of(id),
  };
}

function sessionTruth(
  { sessions, stamps, now: moment }: Simulation,
  environment: SimEnvironment,
  live: readonly WorkRecord[],
  { sessions_after: after, redeliveries }: TruthThresholds,
) {
  const now = stamps.at(moment);
  const items = { running: 0, idle: 0, terminated: 0 };
  const long = live.filter(
    (work) => work.type === 'session' && isHeld(work) && now - work.acknowledgedAt! > after * 1000,
  );
  const waits = long.flatMap((work) => {
    const { status, lastIdle } = sessions.of(work, environment);
    items[status]++;
    return status === 'idle' ? [lastIdle ?? { at: now, reason: 'other' }] : [];
  });
  const byReason = [...Map.groupBy(waits, ({ reason }) => reason)];
  const oldest = (all: readonly { readonly at: EpochMs }[]) => stamps.text(Math.min(...all.map(({ at }) => at)));
  return {
    /** Items of long runs, by the status of their session. */
    items,
    /** The idle ones, by the stop reason of the last idle event, and since when the first of them has been. */
    waiting: Object.fromEntries(byReason.map(([reason, { length }]) => [reason, length])),
    oldest_wait: Object.fromEntries(byReason.map(([reason, all]) => [reason, oldest(all)])),
    /** The most acknowledgements of a live item since its last stop, and how many items have had too many. */
    deliveries_max: live.reduce((most, { acknowledgements }) => Math.max(most, acknowledgements), 0),
    redelivered: live.filter(({ acknowledgements }) => acknowledgements - 1 >= redeliveries).length,
  };
}
