import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Condition } from '../../../src/diagnosis/report.ts';
import { serverDeps, startServer } from '../../support/http-server.ts';
import { condition, PENDING, reportOf, withClear } from '../../support/reports.ts';
import { PageBrowser, waitForPage } from './page-browser.ts';
import { stateOf } from './scenes.ts';

/** More than the page waits between two looks. */
const A_LOOK_MS = 16_000;
const NAMES = Array.from({ length: 10 }, (_, index) => `queue-${index}`);

let browser: PageBrowser;
beforeAll(async () => {
  browser = await PageBrowser.start();
});
afterAll(() => browser[Symbol.asyncDispose]());

const soon = (name: string) => condition(name, { ...PENDING, name: 'queue_too_deep', severity: 'warning' });

/** Ten environments that may alert soon, and twenty that are fine; `change` says what the alerts say from then on. */
async function tenOfThirty(options = {}) {
  let conditions: readonly Condition[] = NAMES.map(soon);
  const fine = Array.from({ length: 20 }, (_, index) => `fine-${index}`);
  const deps = serverDeps(
    [...NAMES, ...fine].map((name) => stateOf(name)),
    { startedAt: 0, diagnosis: () => withClear(reportOf(...conditions), [...NAMES, ...fine]) },
  );
  const server = await startServer(deps);
  const opened = await browser.open(server.url, options);
  return {
    ...opened,
    server,
    change: (next: readonly Condition[]) => {
      conditions = next;
    },
    [Symbol.asyncDispose]: async () => {
      await opened[Symbol.asyncDispose]();
      await server.close();
    },
  };
}

const link = (page: Page, name: string) => page.getByRole('table').getByRole('link', { name, exact: true });
const focusedText = (page: Page) => page.evaluate<string>('document.activeElement.textContent');
const selected = (page: Page) => page.evaluate<string>('getSelection().toString()');

describe('when the page refreshes itself', () => {
  const others = (name: string) => NAMES.filter((one) => one !== name).map(soon);
  it.each<[string, readonly Condition[], null?]>([
    ['its row becomes the worst', [condition('queue-7'), ...others('queue-7')], null],
    ['another row becomes the worst', [condition('queue-9'), ...others('queue-9')]],
    [
      'all other rows pass it',
      [...NAMES.filter((name) => name !== 'queue-7').map((name) => condition(name)), soon('queue-7')],
    ],
    ['another row joins the fold', others('queue-2')],
  ])('focus, selection and scroll stay although %s', async (_case, next, kept?: null) => {
    await using opened = await tenOfThirty();
    const { page, change, problems } = opened;
    await link(page, 'queue-7').focus();
    await page.evaluate(`getSelection().selectAllChildren(document.querySelector('[data-key=env_queue-7] .id'))`);
    await page.evaluate(`document.activeElement.scrollIntoView({ block: 'center' })`);
    const rowTop = () => page.evaluate<number>('document.activeElement.getBoundingClientRect().top');
    const headline = await page.locator('h1').textContent();
    change(next);
    await page.clock.runFor(A_LOOK_MS);
    await waitForPage(page, `document.querySelector('h1').textContent !== ${JSON.stringify(headline)}`);
    expect(await focusedText(page)).toBe('queue-7');
    // What moves takes no selection along.
    if (kept !== null) expect(await selected(page)).toBe('env_queue-7 · team-a');
    expect(await rowTop()).toBeGreaterThan(-1);
    expect(problems).toEqual([]);
  });

  it('the focus stays on the name of an environment that shares a cause, although those before it leave', async () => {
    await using opened = await tenOfThirty();
    const { page, change } = opened;
    await page.locator('.names').getByRole('link', { name: 'queue-7', exact: true }).focus();
    change([condition('fine-1'), condition('fine-2'), ...NAMES.slice(3).map(soon)]);
    await page.clock.runFor(A_LOOK_MS);
    await waitForPage(page, `document.querySelectorAll('.names').length === 2`);
    expect(await page.evaluate('document.activeElement.getAttribute("href")')).toBe('/environments/env_queue-7');
  });

  it('the focus follows an environment that becomes fine to the fold that hides it', async () => {
    await using opened = await tenOfThirty();
    const { page, change } = opened;
    await link(page, 'queue-7').focus();
    change(others('queue-7'));
    await page.clock.runFor(A_LOOK_MS);
    await waitForPage(page, `document.activeElement.matches('summary')`);
    expect(await focusedText(page)).toContain('21 environments without an alert or a notice');
  });

  it('what is unfolded stays', async () => {
    await using opened = await tenOfThirty();
    const { page, change } = opened;
    await page.locator('summary').focus();
    await page.keyboard.press('Enter');
    expect(await page.locator('tbody:visible').count()).toBe(30);
    change([condition('queue-3')]);
    await page.clock.runFor(A_LOOK_MS);
    await waitForPage(page, `document.querySelector('h1').textContent.includes('queue-3')`);
    expect(await page.locator('details').getAttribute('open')).not.toBeNull();
  });
});

describe('a reader who listens', () => {
  const news = (page: Page) => page.getByRole('status').textContent();

  it('hears what has become wrong, once, and no numbers that only go on', async () => {
    await using opened = await tenOfThirty();
    const { page, change, problems } = opened;
    expect(await news(page)).toBe('');
    change([condition('queue-3', { evidence: '3 items wait' })]);
    await page.clock.runFor(A_LOOK_MS);
    await waitForPage(page, `document.getElementById('news').textContent !== ''`);
    const said = (await news(page))!;
    expect(said).toContain('queue-3: work waits, and nobody takes it — 3 items wait');
    expect(said).not.toMatch(/[✔✖▲◔]/);
    change([condition('queue-3', { evidence: '4 items wait' })]);
    await page.clock.runFor(A_LOOK_MS);
    await waitForPage(page, `document.querySelector('h1').textContent.includes('4 items wait')`);
    expect(await news(page)).toBe(said);
    expect(problems).toEqual([]);
  });
});

describe('a browser without script', () => {
  it('shows and folds the same page', async () => {
    await using opened = await tenOfThirty({ script: false });
    const { page } = opened;
    await page.locator('summary').click();
    expect(await page.locator('tbody:visible').count()).toBe(30);
    expect(await page.locator('noscript').isVisible()).toBe(true);
  });
});
