import { EMPTY_STATS, json, startServer } from '../client/test-server.ts';

export interface RemoteSpec {
  readonly id: string;
  readonly name?: string;
  readonly archived?: boolean;
  readonly archivedAt?: string;
  readonly createdAt?: string;
  readonly type?: string;
}

/** An API whose environments a test changes; their queues are empty unless it says otherwise. `await using` ends it. */
export async function environmentsApi(environments: readonly RemoteSpec[]) {
  const state: { environments: readonly RemoteSpec[]; stats: Record<string, object> } = { environments, stats: {} };
  const server = await startServer(({ url = '' }, response) => {
    if (url.includes('/work/stats')) {
      return json(response, 200, { ...EMPTY_STATS, ...state.stats[url.split('/')[3]!] });
    }
    if (url.includes('/work')) return json(response, 200, { data: [], next_page: null });
    const data = state.environments.map(
      ({ id, name = id, archived = false, archivedAt, createdAt, type = 'self_hosted' }) => ({
        type: 'environment',
        id,
        name,
        config: { type },
        created_at: createdAt ?? '2025-01-01T00:00:00Z',
        archived_at: archivedAt ?? (archived ? '2026-01-01T00:00:00Z' : null),
      }),
    );
    return json(response, 200, { data, next_page: null });
  });
  return Object.assign(server, { state });
}
