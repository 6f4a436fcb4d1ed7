import { statsRead } from '../state/apply-poll.ts';
import { outcomeOf } from './outcome.ts';
import type { Job } from './poll-job.ts';
import { type ReadContext, type ReadEnd, startRead } from './poll-result.ts';
import { readList } from './read-list.ts';

/** One read of one operation, from the request to the new state. Its first token has been taken. Never throws. */
export async function readEnvironment(job: Job, context: ReadContext): Promise<ReadEnd> {
  return job.operation === 'stats' ? readStats(job, context) : readList(job, context);
}

async function readStats(job: Job, context: ReadContext): Promise<ReadEnd> {
  const { signal } = context;
  const finish = startRead(job, context);
  const outcome = await outcomeOf(() => context.api().stats(job.environment.id, { signal, prepaid: true }));
  return finish(outcome, statsRead);
}
