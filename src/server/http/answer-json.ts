import type { FastifyReply } from 'fastify';

export const JSON_TYPE = 'application/json; charset=utf-8';

/** JSON with a newline at its end, so that a terminal's prompt stays on its own line. */
export function jsonText(value: unknown): string {
  return `${JSON.stringify(value)}\n`;
}

/** Answers with the status that the reply has: 200 unless another was set. */
export function answerJson(reply: FastifyReply, body: unknown): FastifyReply {
  return reply.type(JSON_TYPE).send(jsonText(body));
}
