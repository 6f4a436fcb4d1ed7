import fastify, { type FastifyInstance, type FastifyRequest } from 'fastify';
import { NO_SCHEMAS } from '../base/package-files.ts';
import { ENVIRONMENT_CONDITIONS } from '../diagnosis/conditions.ts';
import { guard, lifecycleRejection } from './access.ts';
import { Answers, answerClientError, answerError, answerJson, Refusal, watched } from './answers.ts';
import { environmentDetailJson, environmentsJson, scalingJson, untriedReads } from './environment-json.ts';
import { createHttpServer, Gate, socketOf } from './gate.ts';
import { pageRoutes } from './pages.ts';
import { runbookRoutes } from './runbooks.ts';
import type { ServerDeps } from './server-deps.ts';

/** No request has a useful body; at most this much is read and dropped. */
const BODY_LIMIT_BYTES = 16 * 1024;
/** Fastify knows no id of more than 100 characters unless told. A URL has no more than this: headers are limited to 16 KiB. */
const LONGEST_ID = 16 * 1024;
/** Reserved from a scrape's time for sending the answer. */
const ANSWER_TRAVEL_MS = 500;
/** For a scraper that states no timeout: Prometheus's default is 10 s. */
const USUAL_TIMEOUT_MS = 10_000;
/** After this long a process is ready, whatever was tried: a hanging API must not keep its metrics unreachable. */
const READY_AFTER_MS = 60_000;
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
export function createRoutes(deps: ServerDeps, isStopping: () => boolean): FastifyInstance {
  const { settings, logger, states, clock, shard } = deps;
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
  guard(app, settings, clock);
  app.addHook('onRequest', async (request, reply) => {
    const { url = '' } = request.routeOptions;
    if (['/-/reload', '/-/drill'].includes(url)) {
      const { remoteAddress } = socketOf(request.socket);
      const rejection = lifecycleRejection(settings().lifecycle, request.raw, remoteAddress);
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

  const context = () => {
    const { dashboardBaseUrl, itemIds } = settings();
    const { skewMs, pausedUntil } = deps;
    return { now: clock.now(), skewMs, pausedUntil, report: deps.diagnosis(), dashboardBaseUrl, itemIds };
  };
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
    return answerJson(reply, scalingJson(watched(request.params.id, states), context()));
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
function metricsRoute(app: FastifyInstance, { metrics, logger }: ServerDeps, answers: Answers): void {
  app.get('/metrics', async (request, reply) => {
    const format = metrics.negotiate(request.headers.accept);
    const type = metrics.contentType(format);
    // A scraper that hangs up in the middle of an answer is not an error of ours.
    reply.raw.once('close', () => {
      if (!reply.raw.writableFinished) logger.debug({ event: 'scrape.cut_off' }, 'a scrape was not read to its end');
    });
    const render = () => metrics.render(format);
    const vary = 'Accept, Accept-Encoding';
    return answers.send(request, reply.header('content-type', type), { key: `/metrics ${type}`, vary, render });
  });
}

/** `GET /probe?environment_id=ID`: one environment's series, read now if they are not current; and the targets for it. */
function probeRoutes(app: FastifyInstance, deps: ServerDeps, answers: Answers): void {
  const { probe, metrics, states, clock, shard } = deps;

  app.get<{ Querystring: { environment_id?: unknown } }>('/probe', async (request, reply) => {
    const id = request.query.environment_id;
    if (typeof id !== 'string' || id === '') throw new Refusal('environment_id_missing');
    watched(id, states);
    const begun = clock.monotonic();
    const read = await inTime(probe(id), request);
    if (read === 'over_budget') throw new Refusal('over_budget');
    // Only now: probes that wait for a hanging API must not take the place of /metrics.
    answers.admit(reply.raw);
    const format = metrics.negotiate(request.headers.accept);
    const durationSeconds = (clock.monotonic() - begun) / 1000;
    const text = metrics.renderProbe(id, { success: read === 'ok', durationSeconds }, format);
    // A reload may have removed it during the read.
    if (text === null) throw new Refusal('environment_unknown');
    return reply.header('content-type', metrics.contentType(format)).header('vary', 'Accept').send(Buffer.concat(text));
  });

  /** A read that takes longer than the scrape is not waited for. */
  async function inTime(read: ReturnType<typeof probe>, { headers }: FastifyRequest) {
    const late = Promise.withResolvers<'failed'>();
    const seconds = Number(headers['x-prometheus-scrape-timeout-seconds']);
    const timeout = seconds > 0 && seconds <= 3600 ? seconds * 1000 : USUAL_TIMEOUT_MS;
    const cancel = clock.setTimer(Math.max(timeout - ANSWER_TRAVEL_MS, timeout / 2), () => late.resolve('failed'));
    return Promise.race([read, late.promise]).finally(cancel);
  }

  app.get('/api/v1/sd', (request, reply) => {
    const groups = states.all().map(({ environment: { id, name, connection, labels } }) => ({
      // As the caller reaches this process.
      targets: [request.host],
      labels: {
        __scheme__: request.protocol,
        __metrics_path__: '/probe',
        __param_environment_id: id,
        // A different one for each, because the address is the same for all.
        instance: id,
        __meta_anthropic_work_environment_id: id,
        __meta_anthropic_work_environment_name: name,
        __meta_anthropic_work_connection: connection,
        __meta_anthropic_work_shard: shard,
        ...Object.fromEntries(
          Object.entries(labels).map(([key, value]) => [`__meta_anthropic_work_label_${key}`, value]),
        ),
      },
    }));
    // Prometheus accepts no charset here: a text would get one.
    return reply.header('content-type', 'application/json').send(Buffer.from(`${JSON.stringify(groups)}\n`));
  });
}

function processRoutes(app: FastifyInstance, deps: ServerDeps, isStopping: () => boolean): void {
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

/** Ready means that every environment was tried, not that the API answered: docs/reference.md#http. */
function readinessJson({ clock, startedAt, ...deps }: ServerDeps, isStopping: boolean) {
  const states = deps.states.all();
  const problems = deps.discoveryProblems();
  // Without any environment it is still unknown which there are.
  const unfound = states.length > 0 ? [] : problems.map(({ connection }) => connection);
  const discovering = [...deps.pendingDiscovery(), ...unfound].map((connection) => `discovery ${connection}`);
  // In either direction: setting the clock back during the start must not keep its metrics unreachable.
  const isOld = Math.abs(clock.now() - startedAt) >= READY_AFTER_MS;
  const waiting = isStopping ? ['shutdown'] : isOld ? [] : [...discovering, ...untriedReads(states)];
  const told = problems.map(({ text, remedy }) => `${text}. ${remedy}`);
  return { ready: waiting.length === 0, waiting_for: waiting, ...(told.length > 0 && { problems: told }) };
}

function drillRoutes(app: FastifyInstance, { drill }: ServerDeps): void {
  app.post<{ Querystring: Readonly<Record<string, unknown>> }>('/-/drill', (request, reply) => {
    const { condition, minutes = USUAL_DRILL_MINUTES } = request.query;
    const asked = ENVIRONMENT_CONDITIONS.find((name) => name === condition);
    if (asked === undefined || !(Number(minutes) >= 1 && Number(minutes) <= LONGEST_DRILL_MINUTES)) {
      throw new Refusal('drill_invalid', { remedy: DRILL_REMEDY });
    }
    const begun = drill.start(asked, Number(minutes));
    if (begun === null) throw new Refusal('drill_running');
    return answerJson(reply, begun);
  });

  app.get('/-/drill', (_request, reply) => {
    if (drill.info === null) throw new Refusal('no_drill');
    return answerJson(reply, drill.info);
  });

  app.delete('/-/drill', (_request, reply) => {
    if (!drill.end()) throw new Refusal('no_drill');
    return answerJson(reply, { ended: true });
  });
}
