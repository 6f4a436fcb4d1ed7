import type { CallOptions, Reply, WorkApi } from '../client/work-api.ts';
import type { WalkTurns } from './scan-quota.ts';
import type { Sweep, SweepAnswer, SweepStep } from './scan-request.ts';

export interface SweepRun {
  /** For each request anew. */
  api(): WorkApi;
  readonly environmentId: string;
  readonly turns: WalkTurns;
  readonly signal: AbortSignal;
}

/**
 * Makes the requests that a sweep wants, one after the other, and gives it the answers or the errors. The first one's
 * token has been taken. A read that is called off leaves the sweep where it is: its memory is whole between requests.
 *
 * @throws ApiError of the request that the sweep did not get over; the signal's reason
 */
export async function runSweep(sweep: Sweep, { api, environmentId, turns, signal }: SweepRun): Promise<Reply<null>> {
  let prepaid = true;
  let last: Reply<unknown> | null = null;
  let turn = sweep.next();
  while (!turn.done) {
    let answer: SweepAnswer;
    try {
      const step = turn.value;
      if (step.kind === 'turn') {
        await turns.take(signal);
        signal.throwIfAborted();
        turn = sweep.next({ kind: 'turn' });
        continue;
      }
      const options: CallOptions = prepaid ? { signal, prepaid } : { signal };
      prepaid = false;
      const { reply, answer: given } = await perform(api(), environmentId, { step, options });
      if (step.kind === 'page') last ??= reply;
      answer = given;
    } catch (error) {
      signal.throwIfAborted();
      turn = sweep.throw(error);
      continue;
    }
    signal.throwIfAborted();
    turn = sweep.next(answer);
  }
  if (last === null) throw new TypeError('the read of a list asked for no page');
  return { ...last, value: null };
}

async function perform(
  api: WorkApi,
  environmentId: string,
  { step, options }: { step: Exclude<SweepStep, { kind: 'turn' }>; options: CallOptions },
): Promise<{ reply: Reply<unknown>; answer: SweepAnswer }> {
  if (step.kind === 'retrieve') {
    const reply = await api.retrieve(environmentId, step.workId, options);
    return { reply, answer: { kind: 'retrieve', item: reply.value } };
  }
  const { limit, page } = step;
  const reply = await api.listPage(environmentId, { limit, page }, options);
  return { reply, answer: { kind: 'page', page: reply.value } };
}
