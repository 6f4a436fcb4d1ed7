import type { FastifyReply, FastifyRequest } from 'fastify';
import { sleep } from '../../base/clock.ts';
import { ANTHROPIC_VERSION, MANAGED_AGENTS_BETA } from '../../wire/presets.ts';
import { randomId } from '../queue/identity.ts';
import { Rejection } from '../queue/rejection.ts';
import type { SimEnvironment } from '../queue/sim-environment.ts';
import type { Endpoint, Fault } from '../scenarios/fault.ts';
import { CUT } from '../world/request-log.ts';
import type { Simulation } from '../world/simulation.ts';
import {
  cursorOf,
  cutConnection,
  errorJson,
  faultyBody,
  GARBAGE,
  openStream,
  rejectionOfFault,
  sendTruncated,
} from './answer.ts';
import type { ApiCall, ApiHandler } from './api-call.ts';

/** Handles one request: faults, headers, credentials, the operation, the answer, and its line in the request log. */
export async function handleApiRequest(
  simulation: Simulation,
  { request, reply, endpoint, handler }: ApiRequest,
): Promise<unknown> {
  const params = request.params as Record<string, string>;
  const environment = simulation.world.environment(params.environment ?? '');
  const faults = simulation.faults.hit(endpoint, environment?.id ?? null);
  const log = (status: number) => simulation.requests.count(environment?.id ?? null, endpoint, status);

  for (const fault of faults) if (fault.kind === 'latency') await sleep(simulation.real, fault.seconds * 1000);
  if (faults.some(({ kind }) => kind === 'hang' || kind === 'reset')) {
    log(CUT);
    if (faults.some(({ kind }) => kind === 'reset')) cutConnection(reply);
    else reply.hijack();
    return reply;
  }

  const requestId = randomId('req', simulation.random);
  setHeaders(simulation, { reply, requestId, faults });
  try {
    for (const fault of faults) {
      const failure = rejectionOfFault(fault);
      if (failure === null) continue;
      reply.headers(failure.headers);
      throw failure.rejection;
    }
    const call = authorizedCall(simulation, { request, reply, endpoint, environment });
    const body = await simulation.past.answer({ ...call, url: request.url, faults }, () => handler(call));
    if (reply.sent) {
      log(reply.raw.statusCode);
      return reply;
    }
    return send(reply, { body, faults, cursor: cursorOf(request), log });
  } catch (error) {
    if (!(error instanceof Rejection)) throw error;
    log(error.status);
    if (error.anonymous) reply.removeHeader('request-id');
    return reply.code(error.status).send(errorJson(error, error.anonymous ? null : requestId));
  }
}

export interface ApiRequest {
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
  readonly endpoint: Endpoint;
  readonly handler: ApiHandler;
}

function setHeaders(
  simulation: Simulation,
  { reply, requestId, faults }: { reply: FastifyReply; requestId: string; faults: readonly Fault[] },
): void {
  const skew = faults.reduce((sum, fault) => sum + (fault.kind === 'date_skew' ? fault.seconds * 1000 : 0), 0);
  const date = simulation.world.stamps.at(simulation.catchUp()) + skew;
  reply.header('date', new Date(date).toUTCString());
  reply.header('request-id', requestId);
  if (simulation.preset.versionHeaders) reply.header('anthropic-organization-id', 'org_sim');
  if (simulation.preset.workspaceRequired) reply.header('x-amzn-requestid', `amzn-${requestId}`);
}

function authorizedCall(
  simulation: Simulation,
  { request, reply, endpoint, environment }: Omit<ApiRequest, 'handler'> & { environment: SimEnvironment | null },
): ApiCall {
  const { headers } = request;
  const { preset, switches, access } = simulation;
  const params = request.params as Record<string, string>;
  const environmentId = params.environment ?? null;
  const xApiKey = headers['x-api-key'];
  const caller = access.identify({
    authorization: headers.authorization,
    xApiKey: typeof xApiKey === 'string' ? xApiKey : undefined,
  });
  access.check(caller, endpoint, environmentId);
  if (preset.versionHeaders && headers['anthropic-version'] === undefined) {
    throw new Rejection(400, `anthropic-version: header is required (for example ${ANTHROPIC_VERSION})`);
  }
  if (switches.requireBeta && !String(headers['anthropic-beta'] ?? '').includes(MANAGED_AGENTS_BETA)) {
    throw new Rejection(400, `anthropic-beta: this endpoint requires ${MANAGED_AGENTS_BETA}`);
  }
  if (preset.workspaceRequired && headers['anthropic-workspace-id'] === undefined) {
    throw new Rejection(400, 'anthropic-workspace-id: header is required');
  }
  if (environmentId !== null && environment === null) {
    throw new Rejection(404, `Environment ${environmentId} not found`, {
      details: { error_code: 'environment_not_found' },
    });
  }
  return {
    endpoint,
    caller,
    params,
    query: request.query as Record<string, unknown>,
    headers,
    body: request.body,
    environment,
    now: simulation.world.now,
    gone: () => reply.raw.destroyed,
    stream: (closed) => openStream(reply, closed),
  };
}

function send(
  reply: FastifyReply,
  options: { body: unknown; faults: readonly Fault[]; cursor: string | null; log: (status: number) => void },
): FastifyReply {
  const { body, faults, cursor, log } = options;
  if (body === undefined) {
    log(204);
    return reply.code(204).send();
  }
  const bytes = faults.reduce((most, fault) => (fault.kind === 'oversized' ? Math.max(most, fault.bytes) : most), 0);
  const text = JSON.stringify(faultyBody(body, faults, cursor)).padEnd(bytes, ' ');
  if (faults.some(({ kind }) => kind === 'truncate')) {
    log(CUT);
    sendTruncated(reply, text);
    return reply;
  }
  const page = faults.find((fault) => fault.kind === 'garbage');
  const status = page?.status ?? 200;
  log(status);
  for (const fault of faults) if (fault.kind === 'cached') reply.header('age', String(fault.ageSeconds));
  if (faults.some(({ kind }) => kind === 'interim')) reply.raw.writeContinue();
  if (page !== undefined) return reply.code(status).type('text/html').send(GARBAGE);
  return reply.type('application/json').send(text);
}
