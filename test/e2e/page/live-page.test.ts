import { afterAll, beforeAll, expect, it } from 'vitest';
import { serverDeps, startServer } from '../../support/http-server.ts';
import { accessibilityFindings, PageBrowser } from './page-browser.ts';
import { stateOf } from './scenes.ts';

/** More than the page waits between two looks. */
const A_LOOK_MS = 16_000;

let browser: PageBrowser;
beforeAll(async () => {
  browser = await PageBrowser.start();
});
afterAll(() => browser[Symbol.asyncDispose]());

it('the page says so when the exporter is gone, keeps what it knew, and goes on when it is back', async () => {
  const states = [stateOf('prod'), stateOf('staging')];
  const first = await startServer(serverDeps(states));
  await using opened = await browser.open(first.url, { width: 390 });
  const { page, problems } = opened;
  expect(problems).toEqual([]);

  await first.close();
  await page.clock.runFor(A_LOOK_MS);
  const alert = page.getByRole('alert');
  await alert.waitFor();
  expect(await alert.textContent()).toMatch(/^The exporter does not answer\. What you see is from \d\d:\d\d:\d\d\.$/);
  expect(await page.title()).toMatch(/^No answer — ./);
  expect(await page.locator('tbody').count()).toBe(2);
  expect(await accessibilityFindings(page)).toEqual([]);

  await using _ = await startServer(serverDeps(states, { settings: { port: first.port } }));
  await page.clock.runFor(A_LOOK_MS);
  await alert.waitFor({ state: 'hidden' });
  expect(await page.title()).not.toContain('No answer');
});

it('the page of an environment that is no longer watched says that the exporter answers with an error', async () => {
  const deps = serverDeps([stateOf('prod')]);
  let isWatched = true;
  const get = (id: string) => (isWatched ? deps.states.get(id) : undefined);
  await using server = await startServer({ ...deps, states: { ...deps.states, get } });
  await using opened = await browser.open(`${server.url}/environments/env_prod`);
  const { page } = opened;
  isWatched = false;
  await page.clock.runFor(A_LOOK_MS);
  await page.getByRole('alert').waitFor();
  expect(await page.getByRole('alert').textContent()).toContain('The exporter answers with an error (404).');
});

it('a command of a runbook is selected as a whole with one click', async () => {
  await using server = await startServer(serverDeps([stateOf('prod')]));
  await using opened = await browser.open(`${server.url}/runbooks/NoWorkers?environment=env_prod`);
  const { page, problems } = opened;
  await page.locator('pre').first().click();
  const selected = await page.evaluate<string>('getSelection().toString()');
  expect(selected).toContain(`curl -fsS ${server.url}/api/v1/environments/env_prod | jq '`);
  expect(problems).toEqual([]);
});
