import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { answerError, environmentUnknown } from '../http/answer-error.ts';
import { byteLength } from '../http/send-blocks.ts';
import type { ServerDeps } from '../http/server-deps.ts';
import { type AnswersInFlight, TOO_MANY_ANSWERS } from '../load/answers-in-flight.ts';

/** Reserved from a scrape's time for sending the answer. */
const ANSWER_TRAVEL_MS = 500;
/** For a scraper that states no timeout: Prometheus's default is 10 s. */
const USUAL_TIMEOUT_MS = 10_000;
/** An environment's id is shorter. */
const LONGEST_ID = 256;

/** `GET /probe?environment_id=ID`: one environment's series, read now if they are not current. */
export function probeRoute<Format>(app: FastifyInstance, deps: ServerDeps<Format>, inFlight: AnswersInFlight): void {
  const { probe, metrics, states, clock } = deps;
  const unknown = (id: string) => environmentUnknown(id, { states, list: '/api/v1/sd' });

  app.get<{ Querystring: { environment_id?: unknown } }>('/probe', async (request, reply) => {
    const id = request.query.environment_id;
    if (typeof id !== 'string' || id === '' || id.length > LONGEST_ID) return answerError(request, reply, WITHOUT_ID);
    if (states.get(id) === undefined) return answerError(request, reply, { status: 404, ...unknown(id) });
    const begun = clock.monotonic();
    const success = await inTime(request, probe.read(id));
    if (success === 'over_budget') return overBudget(request, reply);
    // Only now: probes that wait for a hanging API must not take the place of /metrics.
    if (!inFlight.admit(reply.raw)) return answerError(request, reply.header('retry-after', 1), TOO_MANY_ANSWERS);
    const format = metrics.negotiate(request.headers.accept);
    const durationSeconds = (clock.monotonic() - begun) / 1000;
    const blocks = probe.render(id, { success: success === 'ok', durationSeconds }, format);
    // A reload may have removed it during the read.
    if (blocks === null) return answerError(request, reply, { status: 404, ...unknown(id) });
    reply.header('content-type', metrics.contentType(format)).header('vary', 'Accept');
    return reply.header('content-length', byteLength(blocks)).send(Buffer.concat(blocks));
  });

  /** A read that takes longer than the scrape is not waited for. */
  async function inTime(request: FastifyRequest, read: ReturnType<typeof probe.read>) {
    const late = Promise.withResolvers<'failed'>();
    const cancel = clock.setTimer(waitMs(request), () => late.resolve('failed'));
    try {
      return await Promise.race([read, late.promise]);
    } finally {
      cancel();
    }
  }
}

function waitMs({ headers }: FastifyRequest): number {
  const seconds = Number(headers['x-prometheus-scrape-timeout-seconds']);
  const timeout = seconds > 0 && seconds <= 3600 ? seconds * 1000 : USUAL_TIMEOUT_MS;
  return Math.max(timeout - ANSWER_TRAVEL_MS, timeout / 2);
}

const WITHOUT_ID = {
  status: 400,
  code: 'environment_id_missing',
  message: 'The request does not say which environment to probe.',
  remedy: 'Ask for /probe?environment_id=ID, once and not empty; GET /api/v1/sd lists what can be probed.',
} as const;

function overBudget(request: FastifyRequest, reply: FastifyReply): FastifyReply {
  return answerError(request, reply.header('retry-after', 1), {
    status: 503,
    code: 'over_budget',
    message: 'The request budget of the connection has nothing left for this probe.',
    remedy: 'Probe less often, or raise requests_per_minute where the API allows it.',
  });
}
