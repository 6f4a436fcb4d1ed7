import type { FastifyInstance } from 'fastify';
import { ENVIRONMENT_CONDITIONS } from '../diagnosis/conditions.ts';
import { rejectUnlessPermitted } from './access/reject-unless-permitted.ts';
import { jsonTime } from './api/json-values.ts';
import { answerJsonError } from './http/answer-error.ts';
import { answerJson } from './http/answer-json.ts';
import type { DrillInfo, ServerDeps } from './http/server-deps.ts';

const DEFAULT_MINUTES = 10;
const MOST_MINUTES = 240;

/** `POST`, `GET` and `DELETE /-/drill`: the rehearsal of an alert. Same rights as for a reload. */
export function drillRoute<Format>(app: FastifyInstance, { config, drill }: ServerDeps<Format>): void {
  app.addHook('onRequest', async (request, reply) => {
    if (request.routeOptions.url === '/-/drill') return rejectUnlessPermitted(config, request, reply);
  });

  app.post<{ Querystring: Readonly<Record<string, unknown>> }>('/-/drill', (request, reply) => {
    const { condition, minutes = DEFAULT_MINUTES } = request.query;
    const asked = ENVIRONMENT_CONDITIONS.find((name) => name === condition);
    if (asked === undefined || !(Number(minutes) >= 1 && Number(minutes) <= MOST_MINUTES)) {
      return answerJsonError(reply, 400, {
        code: 'drill_invalid',
        message: 'The address does not say which drill to begin.',
        remedy: `POST /-/drill?condition=no_workers&minutes=${DEFAULT_MINUTES}. There is no body and no scenario any more; minutes is from 1 to ${MOST_MINUTES}, and condition one of ${ENVIRONMENT_CONDITIONS.join(', ')}.`,
      });
    }
    const begun = drill.start(asked, Number(minutes));
    if (begun !== null) return answerJson(reply, drillJson(begun));
    return answerJsonError(reply, 409, {
      code: 'drill_running',
      message: `A drill runs already: ${drill.info?.condition}.`,
      remedy: 'End it first: DELETE /-/drill.',
    });
  });

  app.get('/-/drill', (_request, reply) => {
    return drill.info === null ? answerJsonError(reply, 404, NO_DRILL) : answerJson(reply, drillJson(drill.info));
  });

  app.delete('/-/drill', (_request, reply) => {
    return drill.end() ? answerJson(reply, { ended: true }) : answerJsonError(reply, 404, NO_DRILL);
  });
}

const NO_DRILL = {
  code: 'no_drill',
  message: 'No drill is running.',
  remedy: 'Begin one with POST /-/drill or the command drill.',
} as const;

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
