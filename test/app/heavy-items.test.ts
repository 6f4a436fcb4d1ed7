import { expect, it } from 'vitest';
import { EMPTY_STATS, json, startServer } from '../client/test-server.ts';
import { RunningApp } from './running-app.ts';

const ITEMS = 450;
/** As much metadata as an item may have: 16 values of 512 characters. */
const METADATA = Object.fromEntries(Array.from({ length: 16 }, (_, n) => [`key_${n}`, 'x'.repeat(512)]));
const AT = '2026-01-01T00:00:00Z';

function row(n: number) {
  return {
    id: `sesn_${n}`,
    type: 'work',
    environment_id: 'env_1',
    data: { type: 'session', id: `sesn_${n}` },
    state: n === 0 ? 'queued' : 'stopped',
    metadata: METADATA,
    created_at: AT,
    stopped_at: n === 0 ? null : AT,
  };
}

it('items of which a page is too large for one answer are read in smaller pages, and no read fails', async () => {
  const limits: number[] = [];
  const server = await startServer(({ url = '' }, response) => {
    if (url.includes('/stats')) return json(response, 200, { ...EMPTY_STATS, depth: 1, oldest_queued_at: AT });
    const query = new URL(url, 'http://api').searchParams;
    const [limit, from] = [Number(query.get('limit')), Number(query.get('page') ?? 0)];
    limits.push(limit);
    const to = Math.min(from + limit, ITEMS);
    const data = Array.from({ length: to - from }, (_, n) => row(from + n));
    json(response, 200, { data, next_page: to < ITEMS ? String(to) : null });
  });
  await using running = await RunningApp.start({
    api: { base_url: server.url, max_response_bytes: 2_000_000 },
    environments: [{ id: 'env_1', environment_key: `sk-ant-oat01-${'b'.repeat(40)}` }],
  });
  try {
    await running.waitUntil(() => running.readSince('env_1', 'list'));
    expect(limits.slice(0, 6)).toEqual([1000, 100, 100, 100, 100, 100]);
    // On a busy machine, the next read may have begun: it asks for what the API could send.
    expect(limits.slice(6).filter((limit) => limit !== 100)).toEqual([]);
    expect(await running.value('up', { operation: 'list' })).toBe(1);
    expect(await running.value('items', { state: 'queued' })).toBe(1);
    expect(await running.value('list_items')).toBe(ITEMS);
    expect(running.events('environment.failing')).toEqual([]);
  } finally {
    await server.close();
  }
});
