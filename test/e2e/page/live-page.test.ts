import { afterAll, beforeAll, expect, it } from 'vitest';
import { systemClock } from '../../../src/base/clock.ts';
import { serverDeps, startServer } from '../../support/http-server.ts';
import { configurationOf, PROD, simulatedApi } from '../../support/simulated-api.ts';
import { LiveExporter } from './live-exporter.ts';
import { accessibilityFindings, PageBrowser } from './page-browser.ts';
import { stateOf } from './scenes.ts';

/** More than the page waits between two looks. */
const A_LOOK_MS = 16_000;

let browser: PageBrowser;
beforeAll(async () => {
  browser = await PageBrowser.start();
});
afterAll(() => browser[Symbol.asyncDispose]());

it('the page of a real exporter says so when it is gone, keeps what it knew, and goes on when it is back', async () => {
  await using api = await simulatedApi();
  await using exporter = await LiveExporter.start(() => configurationOf(api), systemClock);
  await using opened = await browser.open(exporter.url, { width: 390 });
  const { page, problems } = opened;
  const rows = await page.locator('tbody').count();
  expect(rows).toBe(api.environments.length);
  expect(problems).toEqual([]);

  await exporter.stop();
  await page.clock.runFor(A_LOOK_MS);
  const alert = page.getByRole('alert');
  await alert.waitFor();
  expect(await alert.textContent()).toMatch(/^The exporter does not answer\. What you see is from \d\d:\d\d:\d\d\.$/);
  expect(await page.title()).toMatch(/^No answer — ./);
  expect(await page.locator('tbody').count()).toBe(rows);
  expect(await accessibilityFindings(page)).toEqual([]);

  await exporter.start();
  await page.clock.runFor(A_LOOK_MS);
  await alert.waitFor({ state: 'hidden' });
  expect(await page.title()).not.toContain('No answer');
});

it('the page of an environment that is no longer watched says that the exporter answers with an error', async () => {
  await using api = await simulatedApi();
  await using exporter = await LiveExporter.start(() => configurationOf(api), systemClock);
  await using opened = await browser.open(`${exporter.url}/environments/${PROD}`);
  const { page } = opened;
  await exporter.forget([PROD]);
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
