import type { FastifyInstance } from 'fastify';
import { ExporterError } from '../base/errors.ts';
import { rejectUnlessPermitted } from './access/reject-unless-permitted.ts';
import { jsonTime } from './api/json-values.ts';
import { answerJsonError } from './http/answer-error.ts';
import { answerJson } from './http/answer-json.ts';
import type { ServerDeps } from './http/server-deps.ts';

/** A drill that nobody ends is over after this time: docs/reference.md#http. */
const DEFAULT_MINUTES = 15;
const MOST_MINUTES = 240;

/** The statuses of errors that are not the fault of the request; all others get 400. */
const STATUSES: ReadonlyMap<string, number> = new Map([
  ['drill_running', 409],
  ['stopping', 503],
]);
/** After this long, another process may have taken over. */
const RESTART_SECONDS = 5;

/** `POST` and `DELETE /-/drill`: begins and ends the rehearsal of an alert. Same rights as for a reload. */
export function drillRoute<Format>(app: FastifyInstance, deps: ServerDeps<Format>): void {
  app.addHook('onRequest', async (request, reply) => {
    if (request.routeOptions.url === '/-/drill') return rejectUnlessPermitted(deps.config, request, reply);
  });

  app.post('/-/drill', async (request, reply) => {
    const asked = drillOf(parsed(request.body));
    if (asked === null) {
      return answerJsonError(reply, 400, {
        code: 'drill_invalid',
        message: 'The body does not say which drill to begin.',
        remedy: `Send {"scenario":"no-workers","minutes":${DEFAULT_MINUTES}}; minutes is from 1 to ${MOST_MINUTES}.`,
      });
    }
    try {
      const drill = await deps.drill.start(asked.scenario, asked.minutes);
      return answerJson(reply, {
        scenario: drill.scenario,
        environment_id: drill.environmentId,
        environment_name: drill.environmentName,
        happens: drill.happens,
        expect: drill.expect,
        started_at: jsonTime(drill.startedAt),
        ends_at: jsonTime(drill.endsAt),
      });
    } catch (error) {
      if (!(error instanceof ExporterError)) throw error;
      const { code, message } = error;
      if (code === 'stopping') reply.header('retry-after', RESTART_SECONDS);
      return answerJsonError(reply, STATUSES.get(code) ?? 400, { code, message, remedy: error.remedy ?? '' });
    }
  });

  app.delete('/-/drill', async (_request, reply) => {
    if (await deps.drill.end()) return answerJson(reply, { ended: true });
    return answerJsonError(reply, 404, {
      code: 'no_drill',
      message: 'No drill is running.',
      remedy: 'Begin one with POST /-/drill or the command drill.',
    });
  });
}

function drillOf(body: unknown): { scenario: string; minutes: number } | null {
  if (typeof body !== 'object' || body === null) return null;
  const { scenario, minutes = DEFAULT_MINUTES } = body as { scenario?: unknown; minutes?: unknown };
  if (typeof scenario !== 'string' || typeof minutes !== 'number') return null;
  return minutes >= 1 && minutes <= MOST_MINUTES ? { scenario, minutes } : null;
}

function parsed(body: unknown): unknown {
  try {
    return JSON.parse(String(body));
  } catch {
    return null;
  }
}
