import type { FastifyReply, FastifyRequest } from 'fastify';
import { answerJson } from './answer-json.ts';

/** An error in the form in which every JSON route answers it. */
export interface ErrorAnswer {
  readonly code: string;
  readonly message: string;
  readonly remedy: string | null;
}

/** Answers with the error shape of docs/reference.md#errors. */
export function answerJsonError(reply: FastifyReply, status: number, error: ErrorAnswer): FastifyReply {
  return answerJson(reply.code(status), { error });
}

/** Answers in JSON where programs ask, in plain text where people do. */
export function answerError(request: FastifyRequest, reply: FastifyReply, options: ErrorAnswer & { status: number }) {
  const { status, ...error } = options;
  if (speaksJson(request.url)) return answerJsonError(reply, status, error);
  const text = error.remedy === null ? error.message : `${error.message}\n${error.remedy}`;
  return reply.code(status).type('text/plain; charset=utf-8').send(`${text}\n`);
}

/**
 * The answer, with status 404, to a request for an environment that is not watched; `remedy` says what lists the
 * others.
 */
export function environmentUnknown(remedy: string): ErrorAnswer {
  const message = 'This process watches no environment with that id.';
  return { code: 'environment_unknown', message, remedy };
}

function speaksJson(url: string): boolean {
  return url.startsWith('/api/') || url.startsWith('/-/reload') || url.startsWith('/-/drill');
}
