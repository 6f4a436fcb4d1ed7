import { sleep } from '../base/clock.ts';
import { ANTHROPIC_VERSION, MANAGED_AGENTS_BETA, type ProviderPreset } from '../wire/presets.ts';
import type { Headers } from './access.ts';
import { type ApiCall, type ApiRoute, EventStream } from './api-routes.ts';
import { changedBody, type Fault, Rejection, refusalOf } from './faults.ts';
import { randomId } from './identity.ts';
import type { Simulation } from './simulation.ts';
import { CUT } from './truth.ts';

/** One request, however it arrives. */
export interface ApiRequest extends Omit<ApiCall, 'simulation' | 'caller'> {
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
  const { endpoint, door } = route;
  const { access, preset, requests } = simulation;
  const asked = request.params.environment ?? null;
  simulation.catchUp();
  const environment = simulation.environment(asked ?? '');
  const caller = access.holderOf(request.headers);
  const key = caller instanceof Rejection ? null : caller.kind;
  const faults = simulation.faults.hit({ endpoint, environmentId: environment?.id ?? null, key });
  const log = (status: number) => requests.count(environment?.id ?? null, endpoint, status);

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
    access.check(caller, door, asked);
    requireHeaders(preset, request.headers);
    if (asked !== null && environment === null) {
      const details = { error_code: 'environment_not_found' };
      throw new Rejection(404, `Environment ${asked} not found`, { details });
    }
    const page = pageOf(request);
    // Only routes whose path names an environment look at theirs.
    const call = { ...request, query: { ...request.query, page: page.real }, simulation, caller };
    const answer = () => route.answer(call, environment!);
    const body = await (READS.has(endpoint)
      ? simulation.faults.answer(request.url, faults, simulation.now, answer)
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
  const date = simulation.stamps.at(simulation.catchUp()) + skew;
  return {
    date: new Date(date).toUTCString(),
    'request-id': requestId,
    ...(simulation.preset.versionHeaders && { 'anthropic-organization-id': 'org_sim' }),
    ...(simulation.preset.workspaceRequired && { 'x-amzn-requestid': `amzn-${requestId}` }),
  };
}

/** @throws Rejection 400 */
function requireHeaders({ versionHeaders, workspaceRequired }: ProviderPreset, headers: Headers): void {
  const beta = String(headers['anthropic-beta']);
  const wanted = [
    [versionHeaders, 'anthropic-version', headers['anthropic-version'], ` (for example ${ANTHROPIC_VERSION})`],
    [versionHeaders, 'anthropic-beta', beta.includes(MANAGED_AGENTS_BETA) || undefined, ` (${MANAGED_AGENTS_BETA})`],
    [workspaceRequired, 'anthropic-workspace-id', headers['anthropic-workspace-id'], ''],
  ] as const;
  for (const [isRequired, name, given, hint] of wanted) {
    if (isRequired && given === undefined) throw new Rejection(400, `${name}: header is required${hint}`);
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
function madeOf(body: unknown, faults: readonly Fault[], cursor: string, headers: AnswerHeaders) {
  const bytes = faults.reduce((most, fault) => (fault.kind === 'oversized' ? Math.max(most, fault.bytes) : most), 0);
  const text = JSON.stringify(changedBody(body, faults, cursor)).padEnd(bytes, ' ');
  const cached = faults.find((fault) => fault.kind === 'cached');
  const whole = {
    kind: 'whole' as const,
    status: 200,
    headers: { ...headers, ...(cached && { age: String(cached.ageSeconds) }), ...JSON_TYPE },
    body: text,
    interim: faults.some(({ kind }) => kind === 'interim'),
  };
  if (faults.some(({ kind }) => kind === 'truncate')) return { ...whole, kind: 'half' as const };
  const page = faults.find((fault) => fault.kind === 'garbage');
  if (page === undefined) return whole;
  const html = { ...whole.headers, 'content-type': 'text/html' };
  return { ...whole, status: page.status ?? 200, headers: html, body: GARBAGE };
}
