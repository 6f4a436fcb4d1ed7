import Fastify, { type FastifyInstance } from 'fastify';
import type { Clock } from '../base/clock.ts';
import { errorText } from '../base/errors.ts';
import type { Logger } from '../base/logger.ts';
import { NO_SCHEMAS } from '../base/no-schemas.ts';
import type { ProviderName } from '../wire/presets.ts';
import { addApiRoutes } from './api/api-routes.ts';
import { addControlRoutes } from './api/control-routes.ts';
import type { NewWork } from './queue/new-work.ts';
import type { Switches } from './queue/switches.ts';
import type { Fault } from './scenarios/fault.ts';
import type { Scenario } from './scenarios/scenario.ts';
import { defaultEnvironments, type EnvironmentChoice } from './world/environments.ts';
import { Simulation } from './world/simulation.ts';
import type { Truth, TruthThresholds } from './world/truth.ts';

export interface SimulatorOptions {
  readonly clock: Clock;
  /** The same seed gives the same keys, ids and events; 1 by default. */
  readonly seed?: number;
  /** A named scenario, or one of the caller's own; `steady` by default. */
  readonly scenario?: string | Scenario;
  readonly preset?: ProviderName;
  /** Simulated seconds per real second; 1 by default, because a reader compares timestamps with real time. */
  readonly speed?: number;
  /** How many environments, or which; three by default. */
  readonly environments?: EnvironmentChoice;
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
  readonly scenario: Pick<Scenario, 'name' | 'happens' | 'expect' | 'alone'>;
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
  const simulation = new Simulation({
    clock: options.clock,
    seed: options.seed ?? 1,
    scenario: options.scenario ?? 'steady',
    preset: options.preset ?? 'anthropic',
    speed: options.speed ?? 1,
    environments: defaultEnvironments(options.environments ?? 3),
    switches: options.switches ?? {},
  });
  const app = createApp(simulation, options.logger);
  const host = options.host ?? '127.0.0.1';
  simulation.url = await app.listen({ host, port: options.port ?? 0 });

  return {
    url: simulation.url,
    apiKey: simulation.apiKey,
    get environments() {
      return simulation.world
        .live()
        .map(({ id, name }) => ({ id, name, environmentKey: simulation.environmentKey(id) }));
    },
    get scenario() {
      return simulation.world.scenario;
    },
    truth: (thresholds) => simulation.truth(thresholds),
    setScenario: (name) => simulation.setScenario(name),
    setFaults: (faults) => simulation.setFaults(faults),
    advance: (seconds) => {
      simulation.clock.advance(seconds);
      simulation.catchUp();
    },
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
  addApiRoutes(app, simulation);
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
