import { parse } from 'node:querystring';
import { sleep } from '../base/clock.ts';
import { ANTHROPIC_VERSION, MANAGED_AGENTS_BETA, type ProviderPreset } from '../wire/presets.ts';
import type { Headers } from './access.ts';
import { CUT, changedBody, type Fault, ofKind, Rejection, refusalOf } from './faults.ts';
import { type ApiCall, type Listen, operationAt } from './operations.ts';
import type { Simulation } from './simulation.ts';
import { randomId } from './work.ts';

/** One request, however it arrives. */
export interface ApiRequest extends Pick<ApiCall, 'headers' | 'body' | 'gone'> {
  readonly method: string;
  /** The path and the query. */
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
  | { readonly kind: 'stream'; readonly headers: AnswerHeaders; readonly listen: Listen };

const JSON_TYPE = { 'content-type': 'application/json; charset=utf-8' };
const GARBAGE = '<html><body><h1>502 Bad Gateway</h1></body></html>';
/** The endpoints that change nothing. */
const READS: ReadonlySet<string> = new Set(['environments', 'environment', 'list', 'stats', 'retrieve', 'session']);

/** Answers one request: faults, headers, credentials, the operation, the answer, and its line in the request log. */
export async function answerRequest(simulation: Simulation, request: ApiRequest): Promise<ApiAnswer> {
  const { access, switches, requests } = simulation;
  const [path = '', search] = request.url.split(/\?(.*)/s);
  const found = operationAt(switches, request.method, path);
  if (found instanceof Rejection) return refused(found, null, {});
  const { endpoint, params } = found;
  const { environment: asked, id = '' } = params;
  simulation.catchUp();
  const environment = simulation.environment(asked ?? '');
  const caller = access.holderOf(request.headers);
  const key = caller instanceof Rejection ? null : caller.kind;
  const faults = simulation.faults.hit({ endpoint, environmentId: environment?.id ?? null, key });
  const log = (status: number) => requests.count(environment?.id ?? null, endpoint, status);

  for (const fault of faults) if (fault.kind === 'latency') await sleep(simulation.real, fault.seconds * 1000);
  const cut = ofKind(faults, 'reset') ?? ofKind(faults, 'hang');
  if (cut !== undefined) {
    log(CUT);
    return { kind: cut.kind };
  }
  const requestId = randomId('req', simulation.random);
  const headers = headersOf(simulation, requestId, faults);
  try {
    const refusal = refusalOf(faults);
    if (refusal !== null) throw refusal;
    if (caller instanceof Rejection) throw caller;
    access.check(caller, endpoint, asked);
    requireHeaders(switches, request.headers);
    if (asked !== undefined && environment === null) {
      const details = { error_code: 'environment_not_found' };
      throw new Rejection(404, `Environment ${asked} not found`, { details });
    }
    const query = parse(search ?? '');
    const named = typeof query.page === 'string' ? query.page : START_CURSOR;
    // The cursor of an empty page stands for another one: faults.ts adds tildes.
    const real = named.replace(/~+$/, '');
    const page = real === START_CURSOR ? undefined : real;
    const call = { ...request, query: { ...query, page }, simulation, caller, environment: environment!, id };
    const answer = () => found.answer(call);
    const body = await (READS.has(endpoint)
      ? simulation.faults.answer(request.url, faults, simulation.now, answer)
      : answer());
    if (typeof body === 'function') {
      log(200);
      return { kind: 'stream', headers, listen: body as Listen };
    }
    const made = madeOf(body, faults, named, headers);
    log(made.kind === 'half' ? CUT : made.status);
    return made;
  } catch (error) {
    if (!(error instanceof Rejection)) throw error;
    log(error.status);
    return refused(error, requestId, headers);
  }
}

function refused(rejection: Rejection, requestId: string | null, headers: AnswerHeaders): ApiAnswer {
  const { status, options } = rejection;
  const { 'request-id': _, ...anonymous } = headers;
  const named = options.anonymous ? anonymous : headers;
  const body = JSON.stringify(rejection.json(requestId));
  return { kind: 'whole', status, headers: { ...named, ...options.headers, ...JSON_TYPE }, body, interim: false };
}

function headersOf(simulation: Simulation, requestId: string, faults: readonly Fault[]): AnswerHeaders {
  const skew = ofKind(faults, 'date_skew')?.seconds ?? 0;
  const date = simulation.stamps.at(simulation.catchUp()) + skew * 1000;
  return {
    date: new Date(date).toUTCString(),
    'request-id': requestId,
    ...(simulation.switches.versionHeaders && { 'anthropic-organization-id': 'org_sim' }),
    ...(simulation.switches.workspaceRequired && { 'x-amzn-requestid': `amzn-${requestId}` }),
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

/** A good answer as faults change it. */
function madeOf(body: unknown, faults: readonly Fault[], cursor: string, headers: AnswerHeaders) {
  const page = ofKind(faults, 'garbage');
  const age = ofKind(faults, 'cached')?.ageSeconds;
  const text = JSON.stringify(changedBody(body, faults, cursor)).padEnd(ofKind(faults, 'oversized')?.bytes ?? 0, ' ');
  const type = page === undefined ? JSON_TYPE : { 'content-type': 'text/html' };
  return {
    kind: ofKind(faults, 'truncate') ? ('half' as const) : ('whole' as const),
    status: page?.status ?? 200,
    headers: { ...headers, ...(age !== undefined && { age: String(age) }), ...type },
    body: page === undefined ? text : GARBAGE,
    interim: ofKind(faults, 'interim') !== undefined,
  };
}
