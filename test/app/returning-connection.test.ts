import { expect, it } from 'vitest';
import { apiError, EMPTY_STATS, json, startServer } from '../client/test-server.ts';
import { RunningApp } from './running-app.ts';

const KEY = `sk-ant-api03-${'a'.repeat(40)}`;

it('a connection that a reload takes away and the next one brings back still waits for what a 429 asked for', async () => {
  let status = 429;
  await using running = new RunningApp();
  const busy = await startServer((_, response) => {
    if (status === 200) return json(response, 200, EMPTY_STATS);
    json(response, 429, apiError('rate_limit_error', 'too many'), { 'retry-after': '120' });
  });
  const other = await startServer((_, response) => json(response, 200, EMPTY_STATS));
  const configure = (...names: string[]) => {
    const all: Record<string, object> = {
      busy: { base_url: busy.url, api_key: KEY },
      other: { base_url: other.url, api_key: KEY },
    };
    running.configure({
      connections: Object.fromEntries(names.map((name) => [name, all[name]])),
      environments: names.map((connection) => ({ id: `env_${connection}`, connection })),
      poll: { stats_interval: '5s' },
    });
  };
  try {
    configure('busy', 'other');
    await running.serve();
    await running.waitUntil(() => busy.requests.length > 0 && running.readSince('env_other', 'stats'));
    const pausedAt = running.clock.now();
    const before = busy.requests.length;
    status = 200;
    configure('other');
    expect((await running.reload()).status).toBe(200);
    configure('busy', 'other');
    expect((await running.reload()).status).toBe(200);
    await running.waitUntil(() => running.clock.now() > pausedAt + 100_000);
    expect(busy.requests.length).toBe(before);
    await running.waitUntil(() => running.readSince('env_busy', 'stats', pausedAt));
  } finally {
    await Promise.all([busy.close(), other.close()]);
  }
});
