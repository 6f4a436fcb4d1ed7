import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { systemClock } from '../../src/base/clock.ts';
import { readStats } from '../../src/poller/reads/poll-read.ts';
import { readList } from '../../src/poller/reads/read-list.ts';
import { initialState } from '../../src/state/initial-state.ts';
import { MemoryStateStore } from '../../src/state/store.ts';
import { API_KEY, createTestClient, ENVIRONMENT_KEY } from '../client/test-client.ts';
import { newPollJob } from '../support/new-poll-job.ts';
import { pollConnection } from '../support/poll-connection.ts';

/** As long as the API of the benches wants it. */
const idOf = (environment: number) => `env_01bench${String(environment).padStart(13, '0')}`;

/** What polls a fleet over HTTP, from the Work API of the benches: stats, and a page of 100 items of some 600 bytes. */
export interface BenchFleet extends AsyncDisposable {
  /** Stats and list of each environment, one after the other. */
  poll(): Promise<void>;
  /** Live items that the last read of each environment showed. */
  liveItems(): readonly number[];
}

/** The API is a process with a heap of its own. */
export async function pollBenchFleet(bodies: string, environments: number): Promise<BenchFleet> {
  const child: ChildProcess = fork(join(import.meta.dirname, '../../bench/polls/api-server.ts'), [bodies], {
    execArgv: [],
  });
  const [{ port }] = (await once(child, 'message')) as [{ port: number }];
  const { api } = createTestClient(`http://127.0.0.1:${port}`, {
    ...{ clock: systemClock, requestsPerMinute: 1e9 },
    // As long as real ones: the ids of answers have no room for such a key, and are not searched for it.
    ...{ apiKey: API_KEY.padEnd(108, 'T'), environmentKey: ENVIRONMENT_KEY.padEnd(108, 'T') },
  });
  const ids = Array.from({ length: environments }, (_, n) => idOf(n));
  const jobs = ids.map((id) => [newPollJob(id, 'stats'), newPollJob(id, 'list')] as const);
  const states = new MemoryStateStore();
  const attempted = { stats: true, list: true };
  states.replaceAll(jobs.map(([{ environment }]) => initialState(environment, attempted, systemClock.now())));
  const context = {
    ...{ connection: pollConnection({ api }), api: () => api, states, clock: systemClock },
    ...{ signal: new AbortController().signal, permits: { tryTake: () => true, take: async () => {} } },
  };
  return {
    poll: async () => {
      for (const [stats, list] of jobs) {
        await readStats(stats, context);
        await readList(list, context);
      }
    },
    liveItems: () => ids.map((id) => states.get(id)!.items!.live.length),
    [Symbol.asyncDispose]: async () => {
      await api.close();
      child.disconnect();
    },
  };
}
