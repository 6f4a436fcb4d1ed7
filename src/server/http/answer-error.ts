import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Environment } from '../../domain/environment.ts';
import { answerJson } from './answer-json.ts';

/** An error in the form in which every JSON route answers it. */
export interface ErrorAnswer {
  readonly code: string;
  readonly message: string;
  readonly remedy: string;
}

/** Answers with the error shape of docs/reference.md#errors. */
export function answerJsonError(reply: FastifyReply, status: number, error: ErrorAnswer): FastifyReply {
  return answerJson(reply.code(status), { error });
}

/** Answers in JSON where programs ask, in plain text where people do. */
export function answerError(request: FastifyRequest, reply: FastifyReply, options: ErrorAnswer & { status: number }) {
  const { status, ...error } = options;
  if (speaksJson(request.url)) return answerJsonError(reply, status, error);
  return reply.code(status).type('text/plain; charset=utf-8').send(`${error.message}\n${error.remedy}\n`);
}

/** More of one name are not listed. */
const MOST_IDS = 3;

/**
 * The answer, with status 404, to a request for an environment that is not watched; `list` is what lists the others.
 * People ask by the name.
 */
export function environmentUnknown(asked: string, { states, list }: { states: Named; list: string }): ErrorAnswer {
  const message = 'This process watches no environment with that id.';
  const ids = states.all().flatMap(({ environment: { id, name } }) => (name === asked ? id : []));
  const byName = `That is a name; the id is ${ids.slice(0, MOST_IDS).join(' or ')}.`;
  const remedy =
    ids.length > 0 ? byName : `GET ${list} lists those it watches; with shards, another process may have it.`;
  return { code: 'environment_unknown', message, remedy };
}

/** What is watched, with names. */
interface Named {
  all(): readonly { readonly environment: Pick<Environment, 'id' | 'name'> }[];
}

function speaksJson(url: string): boolean {
  return url.startsWith('/api/') || url.startsWith('/-/reload') || url.startsWith('/-/drill');
}
