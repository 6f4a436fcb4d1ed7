import { expect, it } from 'vitest';
import { createTestClient } from '../../client/test-client.ts';
import { call, testSimulator } from '../support/simulators.ts';

it('the client of the exporter finds a created environment, sees it archived and loses it when it is deleted', async () => {
  const simulator = await testSimulator();
  const { api } = createTestClient(simulator.url, { apiKey: simulator.apiKey, environmentKey: null });
  const ask = (method: string, path = '', body?: unknown) =>
    call(simulator, simulator.apiKey, `/v1/environments${path}`, { method, body });
  const look = async () => {
    const { value } = await api.listEnvironments({ limit: 1000, page: null, includeArchived: true });
    return value.environments;
  };
  const before = await look();

  const { id } = (await ask('POST', '', { name: 'eu', config: { type: 'self_hosted' } })).body as { id: string };
  const found = { id, name: 'eu', configType: 'self_hosted', archived: false };
  expect(await look()).toMatchObject([{ ...found, createdAt: expect.any(Number), archivedAt: null }, ...before]);
  await ask('POST', `/${id}/archive`);
  const archived = { ...found, archived: true, archivedAt: expect.any(Number) };
  expect(await look()).toMatchObject([archived, ...before]);
  await ask('DELETE', `/${id}`);
  expect(await look()).toEqual(before);
});
