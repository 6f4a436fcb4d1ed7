import { request } from 'undici';
import { expect, it } from 'vitest';
import { environmentDetailSchema } from '../support/environment-schema.ts';
import { configurationOf, PROD, simulatedApi } from '../support/simulated-api.ts';
import { RunningApp } from './running-app.ts';

/** What the server makes of each of its settings. */
async function answersOf({ url }: RunningApp) {
  const asked = async (path: string, method: 'GET' | 'POST' = 'GET', host = 'localhost') => {
    const { statusCode, body } = await request(`${url}${path}`, { method, headers: { host } });
    return { status: statusCode, text: await body.text() };
  };
  const { text } = await asked(`/api/v1/environments/${PROD}`);
  const detail = environmentDetailSchema.parse(JSON.parse(text));
  return {
    areItemsNamed: detail.worst_items.map(({ id }) => id !== null),
    dashboard: detail.dashboard_url,
    otherHost: (await asked('/-/healthy', 'GET', 'exporter.test')).status,
    drill: (await asked('/-/drill', 'POST')).status,
  };
}

it('settings of the server are in force from the start, and follow a reload', async () => {
  await using api = await simulatedApi({ scenario: 'idle' });
  api.enqueue(PROD);
  const server = {
    item_ids: false,
    dashboard_base_url: 'https://grafana.test',
    allowed_hosts: ['exporter.test', 'localhost'],
    lifecycle: 'off',
  };
  await using running = await RunningApp.start(configurationOf(api, { server }));
  await running.waitUntil(() => running.readSince(PROD, 'list'));
  const dashboard = expect.stringMatching(/^https:\/\/grafana\.test\//);
  const asSet = { areItemsNamed: [false], dashboard, otherHost: 200, drill: 403 };
  const byDefault = { areItemsNamed: [true], dashboard: null, otherHost: 421, drill: 400 };
  expect(await answersOf(running)).toEqual(asSet);
  running.configure(configurationOf(api));
  await running.app.reload();
  expect(await answersOf(running)).toEqual(byDefault);
  running.configure(configurationOf(api, { server }));
  await running.app.reload();
  expect(await answersOf(running)).toEqual(asSet);
});
