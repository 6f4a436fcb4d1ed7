import { sleep } from '../base/clock.ts';
import { ANTHROPIC_VERSION, MANAGED_AGENTS_BETA, type ProviderPreset } from '../wire/presets.ts';
import type { Headers } from './access.ts';
import { type ApiCall, type ApiRoute, EventStream } from './api-routes.ts';
import { changedBody, type Fault, refusalOf } from './faults.ts';
import { randomId } from './identity.ts';
import { Rejection } from './rejection.ts';
import type { Simulation } from './simulation.ts';
import { CUT } from './truth.ts';

/** One request, however it arrives. */
export interface ApiRequest extends Pick<ApiCall, 'params' | 'query' | 'headers' | 'body' | 'gone'> {
  readonly url: string;
}

type AnswerHeaders = Readonly<Record<string, string>>;

export type ApiAnswer =
  | {
      /** `half`: the connection is closed in the middle of the body. */
      readonly kind: 'whole' | 'half';
      readonly status: number;
      readonly headers: AnswerHeaders;
      readonly body: string;
      /** `100 Continue` goes before it. */
      readonly interim: boolean;
    }
  /** The connection is closed, or nothing ever comes. */
  | { readonly kind: 'reset' | 'hang' }
  | { readonly kind: 'stream'; readonly headers: AnswerHeaders; readonly stream: EventStream };

const JSON_TYPE = { 'content-type': 'application/json; charset=utf-8' };
const GARBAGE = '<html><body><h1>502 Bad Gateway</h1></body></html>';
/** The endpoints that change nothing. */
const READS: ReadonlySet<string> = new Set(['environments', 'environment', 'list', 'stats', 'retrieve', 'session']);

/** Answers one request: faults, headers, credentials, the operation, the answer, and its line in the request log. */
export async function answerRequest(simulation: Simulation, route: ApiRoute, request: ApiRequest): Promise<ApiAnswer> {
  const { endpoint } = route;
  simulation.catchUp();
  const environment = simulation.world.environment(request.params.environment ?? '');
  const caller = simulation.access.holderOf(request.headers);
  const key = caller instanceof Rejection ? null : caller.kind;
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
    const refusal = refusalOf(faults);
    if (refusal !== null) throw refusal;
    if (caller instanceof Rejection) throw caller;
    simulation.access.check(caller, route.door, request.params.environment ?? null);
    requireHeaders(simulation.preset, request.headers);
    if (request.params.environment !== undefined && environment === null) {
      const details = { error_code: 'environment_not_found' };
      throw new Rejection(404, `Environment ${request.params.environment} not found`, { details });
    }
    const page = pageOf(request);
    // Only routes whose path names an environment look at theirs.
    const call = { ...request, query: { ...request.query, page: page.real }, simulation, caller };
    const answer = () => route.answer(call, environment!);
    const body = await (READS.has(endpoint)
      ? simulation.faults.answer(request.url, faults, simulation, answer)
      : answer());
    if (body instanceof EventStream) {
      log(200);
      return { kind: 'stream', headers, stream: body };
    }
    const made = madeOf(body, faults, page.named, headers);
    log(made.kind === 'half' ? CUT : made.status);
    return made;
  } catch (error) {
    if (!(error instanceof Rejection)) throw error;
    log(error.status);
    const { 'request-id': _, ...anonymous } = headers;
    const named = error.options.anonymous ? anonymous : headers;
    const body = JSON.stringify(error.json(requestId));
    const all = { ...named, ...error.options.headers, ...JSON_TYPE };
    return { kind: 'whole', status: error.status, headers: all, body, interim: false };
  }
}

function headersOf(simulation: Simulation, requestId: string, faults: readonly Fault[]): AnswerHeaders {
  const skew = faults.reduce((sum, fault) => sum + (fault.kind === 'date_skew' ? fault.seconds * 1000 : 0), 0);
  const date = simulation.world.stamps.at(simulation.catchUp()) + skew;
  return {
    date: new Date(date).toUTCString(),
    'request-id': requestId,
    ...(simulation.preset.versionHeaders && { 'anthropic-organization-id': 'org_sim' }),
    ...(simulation.preset.workspaceRequired && { 'x-amzn-requestid': `amzn-${requestId}` }),
  };
}

/** @throws Rejection 400 */
function requireHeaders(preset: ProviderPreset, headers: Headers): void {
  const missing = (name: string, hint: string) => new Rejection(400, `${name}: header is required${hint}`);
  if (preset.versionHeaders && headers['anthropic-version'] === undefined) {
    throw missing('anthropic-version', ` (for example ${ANTHROPIC_VERSION})`);
  }
  if (preset.versionHeaders && !String(headers['anthropic-beta']).includes(MANAGED_AGENTS_BETA)) {
    throw missing('anthropic-beta', ` (${MANAGED_AGENTS_BETA})`);
  }
  if (preset.workspaceRequired && headers['anthropic-workspace-id'] === undefined) {
    throw missing('anthropic-workspace-id', '');
  }
}

const START_CURSOR = 'page_start';

/** The cursor of a request, and the real one that the cursor of an empty page stands for: faults.ts adds tildes. */
function pageOf({ query: { page } }: ApiRequest): { readonly named: string; readonly real: string | undefined } {
  const named = typeof page === 'string' ? page : START_CURSOR;
  const real = named.replace(/~+$/, '');
  return { named, real: real === START_CURSOR ? undefined : real };
}

/** A good answer as faults change it. */
function madeOf(
  body: unknown,
  faults: readonly Fault[],
  cursor: string,
  headers: AnswerHeaders,
): ApiAnswer & { status: number } {
  const interim = faults.some(({ kind }) => kind === 'interim');
  const bytes = faults.reduce((most, fault) => (fault.kind === 'oversized' ? Math.max(most, fault.bytes) : most), 0);
  const text = JSON.stringify(changedBody(body, faults, cursor)).padEnd(bytes, ' ');
  const age = faults.find((fault) => fault.kind === 'cached')?.ageSeconds;
  const all = { ...headers, ...(age !== undefined && { age: String(age) }), ...JSON_TYPE };
  if (faults.some(({ kind }) => kind === 'truncate'))
    return { kind: 'half', status: 200, headers: all, body: text, interim };
  const page = faults.find((fault) => fault.kind === 'garbage');
  if (page === undefined) return { kind: 'whole', status: 200, headers: all, body: text, interim };
  const html = { ...all, 'content-type': 'text/html' };
  return { kind: 'whole', status: page.status ?? 200, headers: html, body: GARBAGE, interim };
}
