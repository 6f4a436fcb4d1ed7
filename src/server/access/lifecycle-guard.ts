import type { FastifyReply, FastifyRequest } from 'fastify';
import { answerJsonError } from '../http/answer-error.ts';
import type { ServerSettings } from '../http/server-deps.ts';
import { callerOf } from './caller-of.ts';
import { lifecycleRejection } from './lifecycle-rights.ts';

/** Answers a request whose sender may not change the process with 403; undefined, and no answer, where it may. */
export function rejectForeign(
  { lifecycle }: Pick<ServerSettings, 'lifecycle'>,
  request: FastifyRequest,
  reply: FastifyReply,
): FastifyReply | undefined {
  const rejection = lifecycleRejection(lifecycle, callerOf(request));
  if (rejection === null) return undefined;
  const { status, ...error } = rejection;
  return answerJsonError(reply, status, error);
}
