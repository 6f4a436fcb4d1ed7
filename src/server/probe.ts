import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Answers } from './answers.ts';
import { Refusal, watched } from './errors.ts';
import type { ServerDeps } from './server-deps.ts';

/** Reserved from a scrape's time for sending the answer. */
const ANSWER_TRAVEL_MS = 500;
/** For a scraper that states no timeout: Prometheus's default is 10 s. */
const USUAL_TIMEOUT_MS = 10_000;

/** `GET /probe?environment_id=ID`: one environment's series, read now if they are not current; and the targets for it. */
export function probeRoutes<Format>(app: FastifyInstance, deps: ServerDeps<Format>, answers: Answers): void {
  const { probe, metrics, states, clock, shard } = deps;

  app.get<{ Querystring: { environment_id?: unknown } }>('/probe', async (request, reply) => {
    const id = request.query.environment_id;
    if (typeof id !== 'string' || id === '') throw new Refusal('environment_id_missing');
    watched(id, states);
    const begun = clock.monotonic();
    const read = await inTime(probe.read(id), request);
    if (read === 'over_budget') throw new Refusal('over_budget');
    // Only now: probes that wait for a hanging API must not take the place of /metrics.
    answers.admit(reply.raw);
    const format = metrics.negotiate(request.headers.accept);
    const durationSeconds = (clock.monotonic() - begun) / 1000;
    const text = probe.render(id, { success: read === 'ok', durationSeconds }, format);
    // A reload may have removed it during the read.
    if (text === null) throw new Refusal('environment_unknown');
    return reply.header('content-type', metrics.contentType(format)).header('vary', 'Accept').send(Buffer.concat(text));
  });

  /** A read that takes longer than the scrape is not waited for. */
  async function inTime(read: ReturnType<typeof probe.read>, { headers }: FastifyRequest) {
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
