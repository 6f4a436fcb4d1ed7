import { expect, it } from 'vitest';
import { RunningApp } from '../../app/running-app.ts';
import { configurationOf, PROD, simulatedApi } from '../../support/simulated-api.ts';
import { FAULTS } from './matrix-cases.ts';

/** Places where only the vendor's own service is looked after. */
const VENDORS = /Console →|status page of the API|status\.claude\.com/;
/** What a server that is down or broken looks like from outside. */
const DOWN = ['no answer', 'connection cut before the answer', '408', '500', '503, x-should-retry: false'];

it.each([...FAULTS])('%s of a service of one’s own sends nobody to the vendor', async (name, fault) => {
  await using api = await simulatedApi({ preset: 'self-hosted-service' });
  await using running = await RunningApp.start(
    configurationOf(api, {
      api: { provider: 'self-hosted-service', base_url: api.url, api_key: api.apiKey, timeout: '1s' },
    }),
  );
  await running.waitUntil(() => running.readSince(PROD, 'list'));
  const stats = () => running.state(PROD).operations.stats;
  const seen = stats().requests;
  api.setFaults([{ ...fault, endpoints: ['stats', 'list'] }]);
  await running.waitUntil(() => stats().requests > seen + 1);
  const failed = stats().failure !== null;
  const page = (await running.page()).replaceAll(/<[^>]*>/g, '');
  expect(page).not.toMatch(VENDORS);
  for (const line of running.events('environment.failing')) expect(line.remedy).not.toMatch(VENDORS);
  if (DOWN.includes(name)) {
    expect(failed).toBe(true);
    expect(page).toMatch(/your server/);
  }
});
