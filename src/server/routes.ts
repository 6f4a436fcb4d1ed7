import fastify, { type FastifyInstance } from 'fastify';
import { errorText } from '../base/errors.ts';
import { NO_SCHEMAS } from '../base/no-schemas.ts';
import { ENVIRONMENT_CONDITIONS } from '../diagnosis/conditions.ts';
import { guard, lifecycleRejection } from './access.ts';
import { Answers } from './answers.ts';
import { environmentDetailJson, environmentsJson, jsonTime, readinessJson, scalingJson } from './environment-json.ts';
import { answerClientError, answerError, answerJson, Refusal, watched } from './errors.ts';
import { createHttpServer, Gate, socketOf } from './gate.ts';
import { pageRoutes } from './pages.ts';
import { probeRoutes } from './probe.ts';
import { runbookRoutes } from './runbooks.ts';
import type { DrillInfo, ServerDeps } from './server-deps.ts';

/** No request has a useful body; at most this much is read and dropped. */
const BODY_LIMIT_BYTES = 16 * 1024;
/** Fastify knows no id of more than 100 characters unless told. A URL has no more than this: headers are limited to 16 KiB. */
const LONGEST_ID = 16 * 1024;
const USUAL_DRILL_MINUTES = 10;
const LONGEST_DRILL_MINUTES = 240;
const DRILL_REMEDY = `POST /-/drill?condition=no_workers&minutes=${USUAL_DRILL_MINUTES}; minutes is from 1 to ${LONGEST_DRILL_MINUTES}, and condition one of ${ENVIRONMENT_CONDITIONS.join(', ')}.`;

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
  const { config, logger, states, clock, shard } = deps;
  const answers = new Answers(clock);
  const app = fastify({
    logger: false,
    bodyLimit: BODY_LIMIT_BYTES,
    // People and link checkers add a slash.
    routerOptions: { ignoreTrailingSlash: true, maxParamLength: LONGEST_ID },
    serverFactory: (handler) => createHttpServer(handler),
    // While draining, all routes still answer, with 503 for `/-/ready`: connected clients still get correct answers.
    return503OnClosing: false,
    schemaController: NO_SCHEMAS,
    frameworkErrors: (error, request, reply) => answerError(logger, error, request, reply.headers(SECURITY_HEADERS)),
    clientErrorHandler: answerClientError,
  });
  // curl -d and browsers send types that would otherwise be rejected with 415.
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'string' }, (_request, body, done) => done(null, body));

  app.addHook('onRequest', async (_request, reply) => void reply.headers(SECURITY_HEADERS));
  guard(app, config, clock);
  app.addHook('onRequest', async (request, reply) => {
    const { url = '' } = request.routeOptions;
    if (['/-/reload', '/-/drill'].includes(url)) {
      const { remoteAddress } = socketOf(request.socket);
      const rejection = lifecycleRejection(config.lifecycle, request.raw, remoteAddress);
      if (rejection !== null) throw new Refusal(rejection);
    }
    // Health checks always get an answer, and so do the routes that can fix things. A probe takes its place later.
    if (!url.startsWith('/-/') && url !== '/probe') answers.admit(reply.raw);
  });
  app.addHook('onSend', async ({ raw }, reply) => {
    const gate: unknown = raw.socket;
    if (gate instanceof Gate && gate.isLast) reply.header('connection', 'close');
  });
  app.setErrorHandler((error: Error, request, reply) => answerError(logger, error, request, reply));
  app.setNotFoundHandler((request) => {
    const [url = ''] = request.url.split('?');
    const allowed = (['GET', 'HEAD', 'POST', 'DELETE'] as const).filter((method) => app.hasRoute({ method, url }));
    if (allowed.length === 0) throw new Refusal('not_found');
    throw new Refusal('method_not_allowed', { headers: { allow: allowed.join(', ') } });
  });

  const context = () => ({
    ...{ now: clock.now(), skewMs: (connection: string) => deps.skewMs(connection), report: deps.diagnosis() },
    ...{ dashboardBaseUrl: config.dashboardBaseUrl, itemIds: config.itemIds },
  });
  metricsRoute(app, deps, answers);
  processRoutes(app, deps, isStopping);
  drillRoutes(app, deps);
  app.get('/api/v1/environments', async (request, reply) => {
    const render = () => `${JSON.stringify(environmentsJson(states.all(), { ...context(), shard }))}\n`;
    reply.type('application/json; charset=utf-8');
    return answers.send(request, reply, { key: '/api/v1/environments', render });
  });
  app.get<ById>('/api/v1/environments/:id', (request, reply) => {
    return answerJson(reply, environmentDetailJson(watched(request.params.id, states), context()));
  });
  app.get<ById>('/api/v1/environments/:id/scaling', (request, reply) => {
    const { body, unknown } = scalingJson(watched(request.params.id, states), clock.now());
    if (body !== null) return answerJson(reply, body);
    const { retryAfterSeconds, ...words } = unknown;
    throw new Refusal('scaling_unknown', { ...words, headers: { 'retry-after': retryAfterSeconds } });
  });
  probeRoutes(app, deps, answers);
  pageRoutes(app, deps, answers, context);
  runbookRoutes(app, deps);
  return app;
}

interface ById {
  readonly Params: { readonly id: string };
}

/** A scrape never touches the network. */
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
      throw new Refusal('internal_error', { message: 'The metrics could not be rendered.' });
    }
  });
}

function processRoutes<Format>(app: FastifyInstance, deps: ServerDeps<Format>, isStopping: () => boolean): void {
  app.get('/-/healthy', (_request, reply) => reply.type('text/plain; charset=utf-8').send('healthy\n'));

  app.get('/-/ready', (_request, reply) => {
    const answer = readinessJson(deps, isStopping());
    return answerJson(reply.code(answer.ready ? 200 : 503), answer);
  });

  app.post('/-/reload', async (_request, reply) => {
    const result = await deps.reload();
    if (!result.ok) throw new Refusal('config_rejected', { problems: result.problems });
    const { added, removed, changed, unchanged, atNextStart } = result;
    const waiting = atNextStart.length === 0 ? {} : { at_next_start: atNextStart };
    return answerJson(reply, { added, removed, changed, unchanged, ...waiting });
  });
}

function drillRoutes<Format>(app: FastifyInstance, { drill }: ServerDeps<Format>): void {
  app.post<{ Querystring: Readonly<Record<string, unknown>> }>('/-/drill', (request, reply) => {
    const { condition, minutes = USUAL_DRILL_MINUTES } = request.query;
    const asked = ENVIRONMENT_CONDITIONS.find((name) => name === condition);
    if (asked === undefined || !(Number(minutes) >= 1 && Number(minutes) <= LONGEST_DRILL_MINUTES)) {
      throw new Refusal('drill_invalid', { remedy: DRILL_REMEDY });
    }
    const begun = drill.start(asked, Number(minutes));
    if (begun === null) throw new Refusal('drill_running');
    return answerJson(reply, drillJson(begun));
  });

  app.get('/-/drill', (_request, reply) => {
    if (drill.info === null) throw new Refusal('no_drill');
    return answerJson(reply, drillJson(drill.info));
  });

  app.delete('/-/drill', (_request, reply) => {
    if (!drill.end()) throw new Refusal('no_drill');
    return answerJson(reply, { ended: true });
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
