import type { CallOptions, Reply, WorkApi } from '../client/work-api.ts';
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
}

/**
 * Makes the requests that a scan wants, one after the other, and gives it the answers or the errors. The first one's
 * token has been taken. A read that is called off leaves the scan where it is: its memory is whole between requests.
 *
 * @throws ApiError of the request that the scan did not get over; the signal's reason
 */
export async function runScan(
  scan: Scan,
  { api, environmentId, permits, signal, maxAgeMs }: RunScanOptions,
): Promise<Reply<null>> {
  let prepaid = true;
  let last: Reply<unknown> | null = null;
  let permit = scan.next();
  while (!permit.done) {
    let answer: ScanAnswer;
    try {
      const step = permit.value;
      if (step.kind === 'permit') {
        await permits.take(signal);
        signal.throwIfAborted();
        permit = scan.next({ kind: 'permit' });
        continue;
      }
      const options: CallOptions = prepaid ? { signal, maxAgeMs, prepaid } : { signal, maxAgeMs };
      prepaid = false;
      const { reply, answer: given } = await perform(api(), environmentId, { step, options });
      if (step.kind === 'page') last ??= reply;
      answer = given;
    } catch (error) {
      signal.throwIfAborted();
      permit = scan.throw(error);
      continue;
    }
    signal.throwIfAborted();
    permit = scan.next(answer);
  }
  if (last === null) throw new TypeError('the read of a list asked for no page');
  return { ...last, value: null };
}

async function perform(
  api: WorkApi,
  environmentId: string,
  { step, options }: { step: Exclude<ScanRequest, { kind: 'permit' }>; options: CallOptions },
): Promise<{ reply: Reply<unknown>; answer: ScanAnswer }> {
  if (step.kind === 'retrieve') {
    const reply = await api.retrieve(environmentId, step.workId, options);
    return { reply, answer: { kind: 'retrieve', item: reply.value } };
  }
  const { limit, page } = step;
  const reply = await api.listPage(environmentId, { limit, page }, options);
  return { reply, answer: { kind: 'page', page: reply.value } };
}
