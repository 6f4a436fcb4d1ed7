import type { WorkItem } from '../../src/domain/work.ts';
import { formatTimestamp } from '../../src/simulator/stamps.ts';
import { createTestClient } from './test-client.ts';
import { apiError, type Handler, json, startServer } from './test-server.ts';
import { type ContractWorld, describeWorkApi } from './work-api-contract.ts';

const NOON = Date.UTC(2026, 10, 24, 12);

function item(number: number, more: Partial<WorkItem> = {}): WorkItem {
  return {
    id: `sesn_${number}`,
    type: 'session',
    sessionId: `sesn_${number}`,
    state: 'queued',
    metadata: {},
    createdAt: NOON + number,
    acknowledgedAt: null,
    startedAt: NOON + number + 100,
    latestHeartbeatAt: null,
    stopRequestedAt: null,
    stoppedAt: null,
    ...more,
  };
}

const world: ContractWorld = {
  environmentId: 'env_1',
  unknownId: 'sesn_999',
  stats: { depth: 2, pending: 0, oldestQueuedAt: NOON + 1, workersPolling: null },
  items: [
    item(1),
    item(2),
    item(3, { state: 'active', metadata: { team: 'a' }, acknowledgedAt: NOON + 500, latestHeartbeatAt: NOON + 900 }),
    item(4, { state: 'stopped', type: 'healthcheck', stopRequestedAt: NOON + 800, stoppedAt: NOON + 801 }),
    item(5),
  ],
  environments: [
    { id: 'env_1', name: 'prod', configType: 'self_hosted', archived: false },
    { id: 'env_2', name: 'cloud', configType: 'cloud', archived: false },
  ],
};

const stamp = (at: number | null) => (at === null ? null : formatTimestamp(at));

function workBody(work: WorkItem) {
  return {
    id: work.id,
    type: 'work',
    environment_id: 'env_1',
    data: { type: work.type, id: work.sessionId },
    state: work.state,
    metadata: work.metadata,
    secret: null,
    actor: null,
    created_at: stamp(work.createdAt),
    acknowledged_at: stamp(work.acknowledgedAt),
    started_at: stamp(work.startedAt),
    latest_heartbeat_at: stamp(work.latestHeartbeatAt),
    stop_requested_at: stamp(work.stopRequestedAt),
    stopped_at: stamp(work.stoppedAt),
  };
}

/** Serves the world as the API would. */
const serveWorld: Handler = (request, response) => {
  const url = new URL(request.url!, 'http://server');
  const page = (all: readonly unknown[]) => {
    const from = Number(url.searchParams.get('page')?.slice('page_'.length) ?? 0);
    const to = from + Number(url.searchParams.get('limit'));
    return { data: all.slice(from, to), next_page: to < all.length ? `page_${to}` : null };
  };
  const path = url.pathname.replace('/v1/environments', '');
  if (path === '') {
    const bodies = world.environments.map(({ id, name, configType }) => ({ id, name, config: { type: configType } }));
    return json(response, 200, page(bodies));
  }
  if (path === '/env_1/work') return json(response, 200, page(world.items.map(workBody)));
  if (path === '/env_1/work/stats') {
    const { depth, pending, oldestQueuedAt } = world.stats;
    return json(response, 200, { depth, pending, oldest_queued_at: stamp(oldestQueuedAt), workers_polling: null });
  }
  const found = world.items.find(({ id }) => path === `/env_1/work/${id}`);
  if (found === undefined) return json(response, 404, apiError('not_found_error', 'no such item'));
  json(response, 200, workBody(found));
};

describeWorkApi('the HTTP client', async () => {
  const server = await startServer(serveWorld);
  const { api } = createTestClient(server.url);
  const stop = async () => {
    await api.close();
    await server.close();
  };
  return { api, world, stop };
});
