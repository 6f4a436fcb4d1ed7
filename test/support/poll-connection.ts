import type { WorkApi } from '../../src/client/work-api.ts';
import type { PollConnection } from '../../src/poller/reads/poll-connection.ts';

/** A connection whose budget never ends, and whose clock is the exporter's. */
export function pollConnection(change: Partial<PollConnection> & { readonly api: WorkApi }): PollConnection {
  return {
    name: 'default',
    budget: {
      tryTake: () => true,
      take: async () => {},
      giveBack: () => {},
      waiting: 0,
      timeUntilNextMs: () => 0,
      timeUntilFullMs: () => 0,
      configuredPerMinute: 240,
      pauseMs: 0,
      isRateLimited: false,
    },
    maxConcurrent: 1,
    pageSize: 100,
    fallbackPageSize: 100,
    startedAtIsEnqueueStamp: true,
    idsRotate: false,
    skewMs: () => 0,
    historySkewMs: () => 0,
    ...change,
  };
}
