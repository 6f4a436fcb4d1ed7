import { sleep } from '../base/clock.ts';
import { ANTHROPIC_VERSION, MANAGED_AGENTS_BETA } from '../wire/presets.ts';
import { cursorOf, errorJson, faultyBody, GARBAGE, rejectionOfFault } from './answer.ts';
import type { ApiCall, ApiHandler, EventStream } from './api-call.ts';
import type { Endpoint, Fault } from './faults.ts';
import { randomId } from './identity.ts';
import { Rejection } from './rejection.ts';
import type { Simulation } from './simulation.ts';
import { CUT } from './truth.ts';
import type { SimEnvironment } from './world.ts';

/** One request, however it arrives. */
export interface ApiRequest {
  readonly url: string;
  readonly params: Readonly<Record<string, string>>;
  readonly query: Readonly<Record<string, unknown>>;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: unknown;
  readonly gone: () => boolean;
  /** Answers with a stream of events under these headers; `closed` is called when the client goes away. */
  readonly stream: (headers: AnswerHeaders, closed: () => void) => EventStream;
}

export type AnswerHeaders = Readonly<Record<string, string>>;

export type ApiAnswer =
  | {
      readonly kind: 'whole';
      readonly status: number;
      readonly headers: AnswerHeaders;
      /** Absent: there is none. */
      readonly body?: string;
      /** `100 Continue` goes before it. */
      readonly interim: boolean;
    }
  /** The connection is closed in the middle of this body. */
  | { readonly kind: 'half'; readonly body: string }
  /** The connection is closed. */
  | { readonly kind: 'reset' }
  /** Nothing ever comes. */
  | { readonly kind: 'hang' }
  /** It is under way already. */
  | { readonly kind: 'stream' };

/** What one endpoint does. */
export interface ApiRoute {
  readonly endpoint: Endpoint;
  readonly handler: ApiHandler;
}

/** Answers one request: faults, headers, credentials, the operation, the answer, and its line in the request log. */
export async function answerRequest(
  simulation: Simulation,
  { endpoint, handler }: ApiRoute,
  request: ApiRequest,
): Promise<ApiAnswer> {
  simulation.catchUp();
  const environment = simulation.world.environment(request.params.environment ?? '');
  const key = simulation.access.kindOf(request.headers);
  const faults = simulation.faults.hit({ endpoint, environmentId: environment?.id ?? null, key });
  const log = (status: number) => simulation.requests.count(environment?.id ?? null, endpoint, status);

  for (const fault of faults) if (fault.kind === 'latency') await sleep(simulation.real, fault.seconds * 1000);
  for (const kind of ['reset', 'hang'] as const) {
    if (!faults.some((fault) => fault.kind === kind)) continue;
    log(CUT);
    return { kind };
  }

  const requestId = randomId('req', simulation.random);
  const headers = headersOf(simulation, requestId, faults);
  try {
    for (const fault of faults) {
      const failure = rejectionOfFault(fault);
      if (failure === null) continue;
      Object.assign(headers, failure.headers);
      throw failure.rejection;
    }
    let isStream = false;
    const stream = (closed: () => void) => {
      isStream = true;
      return request.stream(headers, closed);
    };
    const call = authorizedCall(simulation, { request, endpoint, environment, stream });
    const body = await simulation.answer({ endpoint, url: request.url, faults }, () => handler(call));
    if (!isStream) return wholeAnswer({ body, headers, faults, cursor: cursorOf(request.query), log });
    log(200);
    return { kind: 'stream' };
  } catch (error) {
    if (!(error instanceof Rejection)) throw error;
    log(error.status);
    if (error.anonymous) delete headers['request-id'];
    const text = JSON.stringify(errorJson(error, error.anonymous ? null : requestId));
    return { kind: 'whole', status: error.status, headers: { ...headers, ...JSON_TYPE }, body: text, interim: false };
  }
}

const JSON_TYPE = { 'content-type': 'application/json; charset=utf-8' };

function headersOf(simulation: Simulation, requestId: string, faults: readonly Fault[]): Record<string, string> {
  const skew = faults.reduce((sum, fault) => sum + (fault.kind === 'date_skew' ? fault.seconds * 1000 : 0), 0);
  const date = simulation.world.stamps.at(simulation.catchUp()) + skew;
  const headers: Record<string, string> = { date: new Date(date).toUTCString(), 'request-id': requestId };
  if (simulation.preset.versionHeaders) headers['anthropic-organization-id'] = 'org_sim';
  if (simulation.preset.workspaceRequired) headers['x-amzn-requestid'] = `amzn-${requestId}`;
  return headers;
}

function authorizedCall(
  simulation: Simulation,
  of: Pick<ApiCall, 'endpoint' | 'stream'> & {
    readonly request: ApiRequest;
    readonly environment: SimEnvironment | null;
  },
): ApiCall {
  const { request, endpoint, environment, stream } = of;
  const { headers, params } = request;
  const { preset, access } = simulation;
  const { switches } = simulation.world;
  const environmentId = params.environment ?? null;
  const caller = access.identify(headers);
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
  const { query, body, gone } = request;
  return { endpoint, caller, params, query, headers, body, environment, now: simulation.world.now, gone, stream };
}

function wholeAnswer(options: {
  readonly body: unknown;
  readonly headers: AnswerHeaders;
  readonly faults: readonly Fault[];
  readonly cursor: string | null;
  readonly log: (status: number) => void;
}): ApiAnswer {
  const { body, headers, faults, cursor, log } = options;
  const interim = faults.some(({ kind }) => kind === 'interim');
  if (body === undefined) {
    log(204);
    return { kind: 'whole', status: 204, headers, interim };
  }
  const bytes = faults.reduce((most, fault) => (fault.kind === 'oversized' ? Math.max(most, fault.bytes) : most), 0);
  const text = JSON.stringify(faultyBody(body, faults, cursor)).padEnd(bytes, ' ');
  if (faults.some(({ kind }) => kind === 'truncate')) {
    log(CUT);
    return { kind: 'half', body: text };
  }
  const page = faults.find((fault) => fault.kind === 'garbage');
  const status = page?.status ?? 200;
  log(status);
  const ages = faults.flatMap((fault) => (fault.kind === 'cached' ? [String(fault.ageSeconds)] : []));
  const all = { ...headers, ...(ages.length > 0 ? { age: ages.at(-1)! } : {}) };
  if (page === undefined) return { kind: 'whole', status, headers: { ...all, ...JSON_TYPE }, body: text, interim };
  return { kind: 'whole', status, headers: { ...all, 'content-type': 'text/html' }, body: GARBAGE, interim };
}
