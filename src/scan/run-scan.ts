import { ApiError } from '../client/failure/api-error.ts';
import type { ListOptions, Reply, WorkApi, WorkPage } from '../client/work-api.ts';
import type { WorkItem } from '../domain/work.ts';
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
 * Makes the requests of a scan one after the other and hands it the answers or errors.  A read that is called off stops between requests, where the scan's memory is consistent.
 *
 * @throws ApiError of the request at which the scan failed; the signal's reason
 */
export async function runScan(
  scan: Scan,
  { api, environmentId, permits, options }: RunScanOptions,
): Promise<Reply<null>> {
  const { signal } = options;
  let requests = 0;
  let last: Reply<null> | null = null;
  let step = scan.next();
  while (!step.done) step = await next(step.value);
  if (last === null) throw new TypeError('the read of a list asked for no page');
  return { ...(last as Reply<null>), requests };

  /** A function of its own: what waits for the next answer must not keep the page of the last one. */
  async function next(request: ScanRequest): Promise<ReturnType<Scan['next']>> {
    const answer: Answer = { kind: request.kind };
    try {
      if (request.kind === 'permit') {
        await permits.take(signal);
      } else {
        if (request.kind === 'page') {
          const { limit, cursor } = request;
          const reply = await api().listPage(environmentId, { limit, page: cursor }, options);
          requests += reply.requests;
          last ??= { ...reply, value: null };
          answer.page = reply.value;
        } else {
          const reply = await api().retrieve(environmentId, request.workId, options);
          requests += reply.requests;
          answer.item = reply.value;
        }
      }
    } catch (error) {
      signal.throwIfAborted();
      if (error instanceof ApiError) requests += error.requests;
      return thrownInto(scan, error, requests);
    }
    signal.throwIfAborted();
    const after = scan.next(answer as ScanAnswer);
    // A generator keeps the last value that it was given, even one that has ended.
    answer.page = undefined;
    return after;
  }
}

/** What a scan is given; the page is taken away again. */
interface Answer {
  readonly kind: ScanAnswer['kind'];
  page?: WorkPage | undefined;
  item?: WorkItem;
}

/** Throws an error into the scan, which recovers or fails. A failure gets the number of requests of the whole read. */
function thrownInto(scan: Scan, error: unknown, requests: number): ReturnType<Scan['next']> {
  try {
    return scan.throw(error);
  } catch (fatal) {
    throw fatal instanceof ApiError ? fatal.after(requests) : fatal;
  }
}
