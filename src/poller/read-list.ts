import { listRead } from '../state/apply-poll.ts';
import { snapshotOfFullRead } from '../state/items-snapshot.ts';
import type { Job } from './job.ts';
import { outcomeOf } from './outcome.ts';
import { type ReadContext, type ReadEnd, startRead } from './start-read.ts';
import { walkList } from './walk-list.ts';

/** One read of an environment's list. */
export async function readList({ environment, operation, memory }: Job, context: ReadContext): Promise<ReadEnd> {
  const { connection, clock, signal } = context;
  const finish = startRead({ environment, operation }, context);
  const { fallbackPageSize } = connection;
  const { maxListPages: maxPages } = environment.poll;
  const limits = { pageSize: memory.pageSize ?? connection.pageSize, fallbackPageSize, maxPages };
  const outcome = await outcomeOf(() => walkList(connection.api, environment.id, { ...limits, signal, prepaid: true }));
  if (outcome.ok) memory.pageSize = outcome.value.pageSize;
  return finish(outcome, (state, poll, walk) => {
    const at = clock.now();
    const read = { ...walk, at, apiTime: at + connection.skewMs() };
    return listRead(state, poll, snapshotOfFullRead(read, state.queue, connection.startedAtIsEnqueueStamp));
  });
}
