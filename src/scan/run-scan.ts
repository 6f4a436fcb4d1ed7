import { ApiError } from '../client/failure/api-error.ts';
import type { ListOptions, Reply, WorkApi } from '../client/work-api.ts';
import type { Scan, ScanAnswer, ScanPermits, ScanRequest } from './steps/scan-request.ts';

export interface RunScanOptions {
  /** Called for each request, because a reload may replace the API. */
  api(): WorkApi;
  readonly environmentId: string;
  readonly permits: ScanPermits;
  /** Passed with each request. */
  readonly options: ListOptions & { readonly signal: AbortSignal };
}

/**
 * Makes the requests of a scan one after the other and hands it the answers or errors. The token for the first has been
 * taken. A read that is called off stops between requests, where the scan's memory is consistent.
 *
 * @throws ApiError of the request at which the scan failed; the signal's reason
 */
export async function runScan(
  scan: Scan,
  { api, environmentId, permits, options }: RunScanOptions,
): Promise<Reply<null>> {
  const { signal } = options;
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
      const asked = { request, options: { ...options, prepaid } };
      prepaid = false;
      const { reply, answer: given } = await perform(api(), environmentId, asked);
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

/** Throws an error into the scan, which recovers or fails. A failure gets the number of requests of the whole read. */
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
