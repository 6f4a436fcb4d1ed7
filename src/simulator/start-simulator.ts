import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import type { Clock } from '../base/clock.ts';
import { errorText } from '../base/errors.ts';
import type { Logger } from '../base/logger.ts';
import { NO_SCHEMAS } from '../base/no-schemas.ts';
import type { ProviderName } from '../wire/presets.ts';
import { type ApiRequest, answerRequest } from './answer-request.ts';
import { type ApiRoute, apiRoutes } from './api-routes.ts';
import { addControlRoutes } from './control-routes.ts';
import type { Fault } from './faults.ts';
import { scriptNamed, simulatedEnvironments } from './scenarios.ts';
import type { Script } from './script.ts';
import { Simulation } from './simulation.ts';
import type { Switches } from './switches.ts';
import type { Truth, TruthThresholds } from './truth.ts';
import type { NewWork } from './work.ts';

export interface SimulatorOptions {
  readonly clock: Clock;
  /** The same seed gives the same keys, ids and events; 1 by default. */
  readonly seed?: number;
  /** A named scenario, or one of the caller's own; `steady` by default. */
  readonly scenario?: string | Script;
  readonly preset?: ProviderName;
  /** Simulated seconds per real second; 1 by default, because a reader compares timestamps with real time. */
  readonly speed?: number;
  /** How many environments, or which; three by default. A scenario of the caller's own has its own. */
  readonly environments?: number | readonly { readonly id: string; readonly name: string }[];
  readonly switches?: Partial<Switches>;
  readonly host?: string;
  /** 0 or omitted: any free port. */
  readonly port?: number;
  readonly logger: Logger;
}

export interface SimulatorEnvironment {
  readonly id: string;
  readonly name: string;
  readonly environmentKey: string;
}

export interface Simulator {
  /** Base URL without a trailing slash and without the provider's path prefix. */
  readonly url: string;
  readonly apiKey: string;
  /** Self-hosted environments that are not archived at the moment. */
  readonly environments: readonly SimulatorEnvironment[];
  readonly scenario: Script;
  truth(thresholds?: Partial<TruthThresholds>): Truth;
  /** @throws UnknownScenarioError */
  setScenario(name: string): void;
  /** Replaces all earlier faults; the scenario's own stay. */
  setFaults(faults: readonly Fault[]): void;
  /** Lets simulated time jump ahead. */
  advance(seconds: number): void;
  /** Adds an item to an environment's queue and returns its id. @throws Rejection 404, or 400 for an archived one */
  enqueue(environmentId: string, work?: NewWork): string;
  /** Terminates or archives a session, as if its user had done so. @throws Rejection 404 */
  endSession(sessionId: string, how: 'terminated' | 'archived'): void;
  stop(): Promise<void>;
}

/**
 * Serves the Work API from a world in motion.
 *
 * @throws UnknownScenarioError for an unknown scenario, and whatever `listen` throws (`EADDRINUSE`, …)
 */
export async function startSimulator(options: SimulatorOptions): Promise<Simulator> {
  const { clock, seed = 1, scenario = 'steady', environments: chosen = 3 } = options;
  const environments = typeof chosen === 'number' ? simulatedEnvironments(chosen) : chosen;
  const script = typeof scenario === 'string' ? scriptNamed(scenario, { seed, environments }) : scenario;
  const { preset = script.file.provider, speed = 1, switches = {} } = options;
  const simulation = new Simulation({ clock, seed, script, preset, speed, switches });
  const app = createApp(simulation, options.logger);
  const host = options.host ?? '127.0.0.1';
  simulation.url = await app.listen({ host, port: options.port ?? 0 });

  return {
    url: simulation.url,
    apiKey: simulation.access.apiKey,
    get environments() {
      const { world, access } = simulation;
      return world.live().map(({ id, name }) => ({ id, name, environmentKey: access.environmentKey(id) }));
    },
    get scenario() {
      return simulation.world.script;
    },
    truth: (thresholds) => simulation.truth(thresholds),
    setScenario: (name) => simulation.setScript(scriptNamed(name, { seed })),
    setFaults: (faults) => simulation.faults.set(faults),
    advance: (seconds) => void simulation.advance(seconds),
    enqueue: (environmentId, work) => simulation.enqueue(environmentId, work).id,
    endSession: (sessionId, how) => {
      simulation.catchUp();
      simulation.sessions.end(sessionId, how);
    },
    stop: () => app.close(),
  };
}

function createApp(simulation: Simulation, logger: Logger): FastifyInstance {
  // Open streams and hanging requests must not keep the server from closing.
  const app = Fastify({ forceCloseConnections: true, bodyLimit: 32 * 1024 * 1024, schemaController: NO_SCHEMAS });
  // A heartbeat has no body but may announce JSON.
  app.removeContentTypeParser('application/json');
  app.addContentTypeParser('*', { parseAs: 'string' }, (_request, body, done) => done(null, parseBody(String(body))));
  app.setErrorHandler((error, request, reply) => {
    logger.error({ event: 'simulator.failed', path: request.url, error: errorText(error) }, 'Simulated request failed');
    return reply.code(500).send(envelope('api_error', 'Internal server error'));
  });
  app.setNotFoundHandler((_request, reply) => reply.code(404).send(envelope('not_found_error', 'Not found')));
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

function envelope(type: string, message: string): Readonly<Record<string, unknown>> {
  return { type: 'error', error: { type, message }, request_id: null };
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
