import { EMPTY_STATS, json, startServer } from '../client/test-server.ts';

export interface RemoteSpec {
  readonly id: string;
  readonly name?: string;
  readonly archived?: boolean;
  readonly type?: string;
}

/** An API whose environments a test changes; all their queues are empty. `await using` ends it. */
export async function environmentsApi(environments: readonly RemoteSpec[]) {
  const state = { environments };
  const server = await startServer(({ url = '' }, response) => {
    if (url.includes('/work/stats')) return json(response, 200, EMPTY_STATS);
    if (url.includes('/work')) return json(response, 200, { data: [], next_page: null });
    const data = state.environments.map(({ id, name = id, archived = false, type = 'self_hosted' }) => ({
      type: 'environment',
      id,
      name,
      config: { type },
      archived_at: archived ? '2026-01-01T00:00:00Z' : null,
    }));
    return json(response, 200, { data, next_page: null });
  });
  return Object.assign(server, { state, [Symbol.asyncDispose]: () => server.close() });
}
