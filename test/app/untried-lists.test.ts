import { expect, it } from 'vitest';
import { configurationOf, simulatedApi } from '../support/simulated-api.ts';
import { RunningApp } from './running-app.ts';

interface Seen {
  readonly evaluated_at: string | null;
  readonly environments: readonly { readonly conditions: readonly { readonly alert: string }[] }[];
}

it('after a start, no list that was not tried yet is said to be unreadable', async () => {
  await using api = await simulatedApi({ environments: 30 });
  await using running = await RunningApp.start(configurationOf(api, { poll: {} }));
  running.app.watchConditions();
  let seen!: Seen;
  await running.waitUntil(async () => {
    seen = (await (await fetch(`${running.url}/api/v1/environments`)).json()) as Seen;
    return seen.evaluated_at !== null;
  });
  expect(seen.environments.flatMap(({ conditions }) => conditions)).toEqual([]);
  expect(await running.page()).not.toContain('May alert soon');
});
