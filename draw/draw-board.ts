import type { Browser, Page } from 'playwright-core';
import type { PageLog, PanelRecord, QueryRecord } from './src/log.ts';

declare global {
  // What the page puts on its window.
  var pageLog: PageLog;
}

export interface Drawing {
  readonly panels: readonly PanelRecord[];
  readonly variables: Readonly<Record<string, number>>;
  readonly queries: readonly QueryRecord[];
  /** Texts that do not fit where they stand, and the panel they stand in. */
  readonly clipped: readonly { readonly panel: string; readonly text: string }[];
  readonly links: readonly string[];
  /** The texts of table rows, in the order drawn, by panel title. */
  readonly tables: Readonly<Record<string, readonly (readonly string[])[]>>;
  readonly texts: Readonly<Record<string, string>>;
  readonly problems: readonly string[];
  readonly height: number;
}

export interface DrawOptions {
  readonly url: string;
  readonly now: number;
  readonly width: number;
  readonly file: string;
}

const PATIENCE = 30_000;

/** Opens the page, waits until every panel has its answer, takes the picture of the whole board, and says what was there. */
export async function drawBoard(browser: Browser, { url, now, width, file }: DrawOptions): Promise<Drawing> {
  const page = await browser.newPage({ viewport: { width, height: 900 }, timezoneId: 'UTC' });
  try {
    await page.clock.setFixedTime(new Date(now));
    const problems = watch(page);
    await page.goto(url);
    await settled(page, problems);
    await page.evaluate(() => document.fonts.ready);
    await page.evaluate(() => pageLog.refreshAnnotations());
    await page.waitForLoadState('networkidle');
    const height = await page.evaluate(() => document.getElementById('root')!.scrollHeight);
    await page.setViewportSize({ width, height: Math.max(300, height) });
    // Two frames: one for the new size, one for what the charts draw after it.
    await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
    await page.waitForLoadState('networkidle');
    await page.screenshot({ path: file, animations: 'disabled' });
    return { ...(await page.evaluate(inspect)), problems: [...new Set(problems)], height };
  } finally {
    await page.close();
  }
}

function watch(page: Page): string[] {
  const problems: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error') problems.push(`console: ${message.text().slice(0, 300)}`);
  });
  page.on('pageerror', (error) => problems.push(`page: ${error.stack?.slice(0, 600)}`));
  page.on('requestfailed', (failed) => {
    // An icon that is no longer shown when it arrives.
    if (failed.failure()?.errorText === 'net::ERR_ABORTED' && failed.url().endsWith('.svg')) return;
    problems.push(`failed: ${failed.url()}`);
  });
  page.on('response', (answer) => {
    if (answer.status() >= 400) problems.push(`${answer.status()}: ${answer.url()}`);
  });
  return problems;
}

async function settled(page: Page, problems: readonly string[]): Promise<void> {
  const end = Date.now() + PATIENCE;
  for (;;) {
    const { fatal, states } = await page.evaluate(() => ({
      fatal: globalThis.pageLog?.fatal ?? null,
      states: globalThis.pageLog?.panels().map(({ state }) => state) ?? [],
    }));
    if (fatal !== null) throw new Error(fatal);
    if (states.length > 0 && states.every((state) => state === 'Done' || state === 'Error')) return;
    if (Date.now() > end) {
      const waiting = `panels are still waiting: ${states.join(' ')}`;
      throw new Error(
        [waiting, ...problems, JSON.stringify(await page.evaluate(() => pageLog.variables()))].join('\n'),
      );
    }
    await page.waitForTimeout(200);
  }
}

/** Runs in the page. */
function inspect(): Omit<Drawing, 'problems' | 'height'> {
  const sections = [...document.querySelectorAll<HTMLElement>('section[data-testid*="Panel header"]')];
  const titleOf = (element: Element) =>
    element.closest('section')?.querySelector('h2')?.textContent ?? '(outside of panels)';
  const leaves = [...document.querySelectorAll<HTMLElement>('#root *')].filter(
    (element) => element.childElementCount === 0 && (element.textContent ?? '').trim() !== '',
  );
  const clipped = leaves
    .filter((element) => {
      const style = getComputedStyle(element);
      return style.overflow !== 'visible' && element.clientWidth > 1 && element.scrollWidth > element.clientWidth + 1;
    })
    .map((element) => ({ panel: titleOf(element), text: element.textContent!.slice(0, 60) }));
  const cells = (section: Element) =>
    [...section.querySelectorAll('[role="row"]')].map((row) =>
      [...row.querySelectorAll('[role="gridcell"], [role="columnheader"]')].map((cell) => cell.textContent ?? ''),
    );
  const title = (section: Element) => section.querySelector('h2')?.textContent ?? '';
  return {
    panels: pageLog.panels(),
    variables: pageLog.variables(),
    queries: pageLog.queries,
    clipped,
    links: [...document.querySelectorAll('a[href]')].map((link) => link.getAttribute('href')!),
    tables: Object.fromEntries(
      sections.filter((one) => one.querySelector('[role="grid"]')).map((one) => [title(one), cells(one)]),
    ),
    texts: Object.fromEntries(sections.map((one) => [title(one), one.textContent ?? ''])),
  };
}
