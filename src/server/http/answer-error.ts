import type { FastifyReply, FastifyRequest } from 'fastify';

/** An error in the form in which every JSON route answers it. */
export interface ErrorAnswer {
  readonly code: string;
  readonly message: string;
  readonly remedy: string | null;
}

/** Answers with the error shape of docs/reference.md#http. */
export function answerJsonError(reply: FastifyReply, status: number, error: ErrorAnswer): FastifyReply {
  return reply.code(status).type('application/json; charset=utf-8').send(jsonText({ error }));
}

/** Answers in JSON where programs ask, in plain text where people do. */
export function answerError(request: FastifyRequest, reply: FastifyReply, options: ErrorAnswer & { status: number }) {
  const { status, ...error } = options;
  if (speaksJson(request.url)) return answerJsonError(reply, status, error);
  const text = error.remedy === null ? error.message : `${error.message}\n${error.remedy}`;
  return reply.code(status).type('text/plain; charset=utf-8').send(`${text}\n`);
}

/** JSON with a newline at its end, so that a terminal's prompt stays on its own line. */
export function jsonText(value: unknown): string {
  return `${JSON.stringify(value)}\n`;
}

function speaksJson(url: string): boolean {
  return url.startsWith('/api/') || url.startsWith('/-/reload') || url.startsWith('/-/drill');
}
