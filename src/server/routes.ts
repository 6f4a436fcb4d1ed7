import fastify, { type FastifyError, type FastifyInstance } from 'fastify';
import { errorText } from '../base/errors.ts';
import { NO_SCHEMAS } from '../base/no-schemas.ts';
import { ENVIRONMENT_CONDITIONS } from '../diagnosis/conditions.ts';
import { authorityOf, isAllowedHost, lifecycleRejection, requesterOf, requestFault } from './access.ts';
import { Answers } from './answers.ts';
import { guard } from './auth.ts';
import { environmentDetailJson, environmentsJson, type JsonContext, jsonTime } from './environment-json.ts';
import { environmentRoute } from './environment-page.ts';
import { answerClientError, answerError, answerFrameworkError, answerJson, answerUnknown, ERRORS } from './errors.ts';
import { createHttpServer, Gate } from './gate.ts';
import { readiness } from './health.ts';
import { probeRoutes } from './probe.ts';
import { runbookRoutes } from './runbooks.ts';
import { scalingJson } from './scaling.ts';
import type { DrillInfo, ServerDeps } from './server-deps.ts';
import { statusRoute } from './status-page.ts';

/** No request has a useful body; at most this much is read and dropped. */
const BODY_LIMIT_BYTES = 16 * 1024;
/** Fastify knows no id of more than 100 characters unless told. A URL has no more than this: headers are limited to 16 KiB. */
const LONGEST_ID = 16 * 1024;
const USUAL_DRILL_MINUTES = 10;
const LONGEST_DRILL_MINUTES = 240;
const DRILL_REMEDY = `POST /-/drill?condition=no_workers&minutes=${USUAL_DRILL_MINUTES}. There is no body and no scenario any more; minutes is from 1 to ${LONGEST_DRILL_MINUTES}, and condition one of ${ENVIRONMENT_CONDITIONS.join(', ')}.`;

/** On every answer, errors included. */
const SECURITY_HEADERS = {
  'cache-control': 'no-store',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
};

/** All routes, on an application that does not listen: connections are given to its server. */
export function createRoutes<Format>(deps: ServerDeps<Format>, isStopping: () => boolean): FastifyInstance {
  const { config, logger } = deps;
  const answers = new Answers(deps.clock);
  const app = fastify({
    logger: false,
    bodyLimit: BODY_LIMIT_BYTES,
    // People and link checkers add a slash.
    routerOptions: { ignoreTrailingSlash: true, maxParamLength: LONGEST_ID },
    serverFactory: (handler) => createHttpServer(handler),
    // While draining, all routes still answer, with 503 for `/-/ready`: connected clients still get correct answers.
    return503OnClosing: false,
    schemaController: NO_SCHEMAS,
    frameworkErrors: (error, request, reply) =>
      answerFrameworkError(logger, error, request, reply.headers(SECURITY_HEADERS)),
    clientErrorHandler: answerClientError,
  });
  // curl -d and browsers send types that would otherwise be rejected with 415.
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'string' }, (_request, body, done) => done(null, body));

  app.addHook('onRequest', async (request, reply) => {
    reply.headers(SECURITY_HEADERS);
    const fault = requestFault(request.raw);
    // Nobody knows where the next request begins.
    if (fault !== null) return answerError(request, reply.header('connection', 'close'), fault);
    if (!isAllowedHost(authorityOf(request.raw), config)) return answerError(request, reply, 'other_host');
  });
  guard(app, config, deps.clock);
  app.addHook('onRequest', async (request, reply) => {
    const { url = '' } = request.routeOptions;
    // Health checks always get an answer, and so do the routes that can fix things. A probe takes its place later.
    const isBounded = !url.startsWith('/-/') && url !== '/probe';
    if (isBounded && !answers.admit(reply.raw)) {
      return answerError(request, reply.header('retry-after', 1), 'too_many_requests_in_flight');
    }
  });
  app.addHook('onSend', async ({ raw }, reply) => {
    const gate: unknown = raw.socket;
    if (gate instanceof Gate && gate.isLast) reply.header('connection', 'close');
  });
  app.setErrorHandler((error: FastifyError, request, reply) => answerFrameworkError(logger, error, request, reply));
  app.setNotFoundHandler((request, reply) => {
    return answerError(request, reply, app.supportedMethods.includes(request.method) ? 'not_found' : 'unknown_method');
  });

  const methods = methodsOfRoutes(app);
  metricsRoute(app, deps, answers);
  processRoutes(app, deps, isStopping);
  jsonRoutes(app, deps, answers);
  probeRoutes(app, deps, answers);
  statusRoute(app, deps, answers, () => jsonContext(deps));
  environmentRoute(app, deps, () => jsonContext(deps));
  runbookRoutes(app, deps);
  rejectOtherMethods(app, methods);
  return app;
}

/** `GET /metrics`: what the states say now. A scrape never touches the network. */
function metricsRoute<Format>(app: FastifyInstance, { metrics, logger }: ServerDeps<Format>, answers: Answers): void {
  app.get('/metrics', async (request, reply) => {
    const format = metrics.negotiate(request.headers.accept);
    const type = metrics.contentType(format);
    // A scraper that hangs up in the middle of an answer is not an error of ours.
    reply.raw.once('close', () => {
      if (!reply.raw.writableFinished) logger.debug({ event: 'scrape.cut_off' }, 'a scrape was not read to its end');
    });
    const render = async () => Buffer.concat(await metrics.render(format));
    const vary = 'Accept, Accept-Encoding';
    try {
      return await answers.send(request, reply.header('content-type', type), { key: `/metrics ${type}`, vary, render });
    } catch (error) {
      logger.error({ event: 'metrics.failed', error: errorText(error) }, 'the metrics could not be rendered');
      return answerError(request, reply, 'internal_error', { message: 'The metrics could not be rendered.' });
    }
  });
}

/** What one asks of the process, and what changes it. Health is open to everyone, because kubelets have no login. */
function processRoutes<Format>(app: FastifyInstance, deps: ServerDeps<Format>, isStopping: () => boolean): void {
  const { config, clock, states, startedAt, drill } = deps;

  app.get('/-/healthy', (_request, reply) => reply.type('text/plain; charset=utf-8').send('healthy\n'));

  app.get('/-/ready', (_request, reply) => {
    const answer = readiness({
      states: states.all(),
      now: clock.now(),
      startedAt,
      pendingDiscovery: deps.pendingDiscovery(),
      discoveryProblems: deps.discoveryProblems(),
      stopping: isStopping(),
    });
    return answerJson(reply.code(answer.ready ? 200 : 503), answer);
  });

  app.addHook('onRequest', async (request, reply) => {
    if (!['/-/reload', '/-/drill'].includes(request.routeOptions.url ?? '')) return;
    const rejection = lifecycleRejection(config.lifecycle, requesterOf(request));
    if (rejection !== null) return answerError(request, reply, rejection);
  });

  app.post('/-/reload', async (_request, reply) => {
    const result = await deps.reload();
    if (!result.ok) {
      const [status, message, remedy] = ERRORS.config_rejected;
      const error = { code: 'config_rejected', message, remedy };
      return answerJson(reply.code(status), { error, problems: result.problems });
    }
    const { added, removed, changed, unchanged, atNextStart } = result;
    const waiting = atNextStart.length === 0 ? {} : { at_next_start: atNextStart };
    return answerJson(reply, { added, removed, changed, unchanged, ...waiting });
  });

  app.post<{ Querystring: Readonly<Record<string, unknown>> }>('/-/drill', (request, reply) => {
    const { condition, minutes = USUAL_DRILL_MINUTES } = request.query;
    const asked = ENVIRONMENT_CONDITIONS.find((name) => name === condition);
    if (asked === undefined || !(Number(minutes) >= 1 && Number(minutes) <= LONGEST_DRILL_MINUTES)) {
      return answerError(request, reply, 'drill_invalid', { remedy: DRILL_REMEDY });
    }
    const begun = drill.start(asked, Number(minutes));
    return begun === null ? answerError(request, reply, 'drill_running') : answerJson(reply, drillJson(begun));
  });

  app.get('/-/drill', (request, reply) => {
    return drill.info === null ? answerError(request, reply, 'no_drill') : answerJson(reply, drillJson(drill.info));
  });

  app.delete('/-/drill', (request, reply) => {
    return drill.end() ? answerJson(reply, { ended: true }) : answerError(request, reply, 'no_drill');
  });
}

function drillJson(drill: DrillInfo) {
  return {
    condition: drill.condition,
    severity: drill.severity,
    environment_id: drill.environmentId,
    environment_name: drill.environmentName,
    started_at: jsonTime(drill.startedAt),
    ends_at: jsonTime(drill.endsAt),
  };
}

/** The state, for programs. */
function jsonRoutes<Format>(app: FastifyInstance, deps: ServerDeps<Format>, answers: Answers): void {
  const { states, shard } = deps;

  app.get('/api/v1/environments', async (request, reply) => {
    const render = () => `${JSON.stringify(environmentsJson(states.all(), { ...jsonContext(deps), shard }))}\n`;
    reply.type('application/json; charset=utf-8');
    return answers.send(request, reply, { key: '/api/v1/environments', render });
  });

  app.get<{ Params: { id: string } }>('/api/v1/environments/:id', (request, reply) => {
    const { id } = request.params;
    const state = states.get(id);
    if (state === undefined) return answerUnknown(request, reply, id, states);
    return answerJson(reply, environmentDetailJson(state, jsonContext(deps)));
  });

  app.get<{ Params: { id: string } }>('/api/v1/environments/:id/scaling', (request, reply) => {
    const { id } = request.params;
    const state = states.get(id);
    if (state === undefined) return answerUnknown(request, reply, id, states);
    const { body, unknown } = scalingJson(state, deps.clock.now());
    if (body !== null) return answerJson(reply, body);
    const { retryAfterSeconds, ...words } = unknown;
    return answerError(request, reply.header('retry-after', retryAfterSeconds), 'scaling_unknown', words);
  });
}

function jsonContext<Format>(deps: ServerDeps<Format>): Required<JsonContext> & { readonly itemIds: boolean } {
  const { dashboardBaseUrl, itemIds } = deps.config;
  const skewMs = (connection: string) => deps.skewMs(connection);
  return { now: deps.clock.now(), skewMs, report: deps.diagnosis(), dashboardBaseUrl, itemIds };
}

type Methods = ReadonlyMap<string, ReadonlySet<string>>;

/** The methods of each route that is added from now on, by its path. */
function methodsOfRoutes(app: FastifyInstance): Methods {
  const methods = new Map<string, Set<string>>();
  app.addHook('onRoute', ({ url, method }) => {
    methods.set(url, new Set([...(methods.get(url) ?? []), ...[method].flat()]));
  });
  return methods;
}

/** Answers 405, with the allowed methods, for every method that a path does not have. */
function rejectOtherMethods(app: FastifyInstance, routes: Methods): void {
  for (const [url, allowed] of [...routes]) {
    const allow = ['GET', 'HEAD', 'POST', 'DELETE'].filter((method) => allowed.has(method)).join(', ');
    app.route({
      method: app.supportedMethods.filter((method) => !allowed.has(method)),
      url,
      exposeHeadRoute: false,
      handler: (request, reply) =>
        answerError(request, reply.header('allow', allow), 'method_not_allowed', {
          message: `${request.method} is not possible here.`,
          remedy: `Use ${allow}.`,
        }),
    });
  }
}
