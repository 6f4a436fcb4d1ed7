import { systemClock } from '../../src/base/clock.ts';
import { Budget } from '../../src/client/budget.ts';
import type { WorkApi } from '../../src/client/work-api.ts';
import type { PollConnection } from '../../src/poller/reads.ts';

/** A connection whose API takes no tokens of its budget, and whose clock is the exporter's. */
export function pollConnection(change: Partial<PollConnection> & { readonly api: WorkApi }): PollConnection {
  return {
    name: 'default',
    budget: new Budget(240, { clock: systemClock, random: Math.random }),
    maxConcurrent: 1,
    pageSize: 100,
    fallbackPageSize: 100,
    startedAtIsEnqueueStamp: true,
    idsRotate: false,
    skewMs: () => 0,
    ...change,
  };
}
