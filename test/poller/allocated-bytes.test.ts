import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { systemClock } from '../../src/base/clock.ts';
import { readStats } from '../../src/poller/poll-read.ts';
import { readList } from '../../src/poller/read-list.ts';
import { initialState } from '../../src/state/initial-state.ts';
import { MemoryStateStore } from '../../src/state/store.ts';
import { createTestClient } from '../client/test-client.ts';
import { bytesATurn } from '../support/bytes-a-turn.ts';
import { newPollJob } from '../support/new-poll-job.ts';
import { pollConnection } from '../support/poll-connection.ts';

/** As long as the API of the benches wants it. */
const ENVIRONMENT = 'env_01bench0000000000000';
/** A round takes a tenth of a second, and much longer where others need the machine, too. */
const MOST_MS = 120_000;

interface ApiServer extends Disposable {
  readonly port: number;
}

/** The Work API of the benches: stats, and a page of 100 items of some 600 bytes. In a process with a heap of its own. */
async function startApi(bodies: string): Promise<ApiServer> {
  const child: ChildProcess = fork(join(import.meta.dirname, '../../bench/polls/api-server.ts'), [bodies], {
    execArgv: [],
  });
  const [{ port }] = (await once(child, 'message')) as [{ port: number }];
  return { port, [Symbol.dispose]: () => child.disconnect() };
}

// Its text and JSON.parse alone are 130 KiB. Of the items, only heartbeats are read where bodies change, and nothing where they do not.
it.each([
  ['changed', 80],
  ['unchanged', 73],
])(
  'a poll of stats and a page of 100 items whose bodies are %s allocates at most %d KiB',
  async (bodies, most) => {
    using server = await startApi(bodies);
    const { api } = createTestClient(`http://127.0.0.1:${server.port}`, { clock: systemClock, requestsPerMinute: 1e9 });
    const [stats, list] = [newPollJob(ENVIRONMENT, 'stats'), newPollJob(ENVIRONMENT, 'list')];
    const states = new MemoryStateStore();
    states.replaceAll([initialState(stats.environment, { stats: true, list: true }, systemClock.now())]);
    const context = {
      ...{ connection: pollConnection({ api }), api: () => api, states, clock: systemClock },
      ...{ signal: new AbortController().signal, permits: { tryTake: () => true, take: async () => {} } },
    };
    const bytes = await bytesATurn(async () => {
      await readStats(stats, context);
      await readList(list, context);
    }, most * 1024);
    await api.close();
    // What failed costs less.
    expect(states.get(ENVIRONMENT)!.items!.live.length).toBe(20);
    expect(bytes / 1024).toBeLessThanOrEqual(most);
  },
  MOST_MS,
);
