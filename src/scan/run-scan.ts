import type { AnswerMemory } from '../client/answer-memory.ts';
import { ApiError } from '../client/api-error.ts';
import type { ListOptions, Reply, WorkApi, WorkPage } from '../client/work-api.ts';
import type { ScanPermits } from './scan-quota.ts';
import type { Scan, ScanAnswer, ScanRequest } from './scan-request.ts';

export interface RunScanOptions {
  /** For each request anew. */
  api(): WorkApi;
  readonly environmentId: string;
  readonly permits: ScanPermits;
  readonly signal: AbortSignal;
  /** How old an answer from a cache may be. */
  readonly maxAgeMs: number;
  readonly memory?: AnswerMemory<WorkPage>;
}

/**
 * Makes the requests that a scan wants, one after the other, and gives it the answers or the errors. The first one's
 * token has been taken. A read that is called off leaves the scan where it is: its memory is whole between requests.
 *
 * @throws ApiError of the request that the scan did not get over; the signal's reason
 */
export async function runScan(
  scan: Scan,
  { api, environmentId, permits, signal, maxAgeMs, memory }: RunScanOptions,
): Promise<Reply<null>> {
  let prepaid = true;
  let requests = 0;
  let last: Reply<unknown> | null = null;
  let step = scan.next();
  while (!step.done) {
    let answer: ScanAnswer;
    try {
      const request = step.value;
      if (request.kind === 'permit') {
        await permits.take(signal);
        signal.throwIfAborted();
        step = scan.next({ kind: 'permit' });
        continue;
      }
      const options = { signal, maxAgeMs, ...(prepaid && { prepaid }), ...(memory && { memory }) };
      prepaid = false;
      const { reply, answer: given } = await perform(api(), environmentId, { request, options });
      requests += reply.requests;
      if (request.kind === 'page') last ??= reply;
      answer = given;
    } catch (error) {
      signal.throwIfAborted();
      if (error instanceof ApiError) requests += error.requests;
      step = thrownInto(scan, error, requests);
      continue;
    }
    signal.throwIfAborted();
    step = scan.next(answer);
  }
  if (last === null) throw new TypeError('the read of a list asked for no page');
  return { ...last, value: null, requests };
}

/** Lets the scan get over an error, or fail with the requests of the whole read. */
function thrownInto(scan: Scan, error: unknown, requests: number): ReturnType<Scan['next']> {
  try {
    return scan.throw(error);
  } catch (fatal) {
    throw fatal instanceof ApiError ? fatal.after(requests) : fatal;
  }
}

async function perform(
  api: WorkApi,
  environmentId: string,
  { request, options }: { request: Exclude<ScanRequest, { kind: 'permit' }>; options: ListOptions },
): Promise<{ reply: Reply<unknown>; answer: ScanAnswer }> {
  if (request.kind === 'retrieve') {
    const reply = await api.retrieve(environmentId, request.workId, options);
    return { reply, answer: { kind: 'retrieve', item: reply.value } };
  }
  const { limit, page } = request;
  const reply = await api.listPage(environmentId, { limit, page }, options);
  return { reply, answer: { kind: 'page', page: reply.value } };
}
