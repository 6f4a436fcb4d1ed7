import type { WorkApi } from '../../src/client/work-api.ts';
import type { TokenSource } from '../../src/domain/request-budget.ts';
import type { PollConnection } from '../../src/poller/reads/poll-connection.ts';

/** A budget that always has a token. */
export const ENDLESS_BUDGET: TokenSource = {
  tryTake: () => true,
  take: async () => {},
  giveBack: () => {},
  waiting: 0,
  timeUntilNextMs: () => 0,
  timeUntilFullMs: () => 0,
  configuredPerMinute: 1_000_000,
  pauseMs: 0,
  isRateLimited: false,
};

/** A connection whose budget never ends, and whose clock is the exporter's. */
export function pollConnection(change: Partial<PollConnection> & { readonly api: WorkApi }): PollConnection {
  return {
    name: 'default',
    budget: { ...ENDLESS_BUDGET, configuredPerMinute: 240 },
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
