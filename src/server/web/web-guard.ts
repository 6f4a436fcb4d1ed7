import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { answerError } from '../http/answer-error.ts';
import type { ServerDeps } from '../http/server-deps.ts';
import { certificateFault, presentedCertificate } from './client-certificate.ts';
import { basicCredentials, Logins } from './logins.ts';
import { RateLimit } from './rate-limit.ts';

/** Open whatever is configured: kubelets have no login and no certificate. */
const OPEN = new Set(['/-/healthy', '/-/ready']);

/** Applies the web configuration file to every route but health: rate limit, client certificate, login, headers. */
export function webGuard<Format>(app: FastifyInstance, { config, clock }: ServerDeps<Format>): void {
  const limit = new RateLimit(clock);
  const logins = new Logins();

  app.addHook('onSend', async (_request, reply) => {
    for (const [name, value] of Object.entries(config.web.headers)) {
      if (value === '') reply.removeHeader(name);
      else reply.header(name, value);
    }
  });

  app.addHook('onRequest', async (request, reply) => {
    if (OPEN.has(request.routeOptions.url ?? '')) return;
    const wait = limit.take(config.web.rateLimit);
    if (wait !== null) return tooMany(request, reply, wait);
    const { tls, users } = config.web;
    const fault = tls === null ? null : certificateFault(presentedCertificate(request.socket), tls);
    if (fault !== null) return badCertificate(request, reply, fault);
    if (users.length > 0) return await login(request, reply);
  });

  async function login(request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply | undefined> {
    const credentials = basicCredentials(request.headers.authorization);
    const verdict = credentials === null ? 'wrong' : await logins.check(config.web.users, credentials);
    if (verdict === 'ok') return undefined;
    if (verdict === 'busy') {
      return answerError(request, reply.header('retry-after', 1), {
        status: 503,
        code: 'too_many_logins',
        message: 'Too many logins are being checked.',
        remedy: 'Ask again in a second.',
      });
    }
    return answerError(request, reply.header('www-authenticate', 'Basic realm="exporter", charset="UTF-8"'), {
      status: 401,
      code: 'login_required',
      message: credentials === null ? 'A login is required.' : 'The login is wrong.',
      remedy: 'Send a user and password of basic_auth_users.',
    });
  }
}

function tooMany(request: FastifyRequest, reply: FastifyReply, wait: number): FastifyReply {
  return answerError(request, reply.header('retry-after', wait), {
    status: 429,
    code: 'rate_limited',
    message: 'More requests than rate_limit allows.',
    remedy: `Ask again in ${wait} s, or raise rate_limit.burst.`,
  });
}

function badCertificate(request: FastifyRequest, reply: FastifyReply, message: string): FastifyReply {
  return answerError(request, reply.header('connection', 'close'), {
    status: 403,
    code: 'client_certificate',
    message,
    remedy: 'Connect with a certificate that client_ca_file and client_allowed_sans accept.',
  });
}
