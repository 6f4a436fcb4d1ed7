import { existsSync, mkdirSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import axe from 'axe-core';
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';
import { waitUntil } from '../../support/wait-until.ts';
import { PROGRAMS } from '../../tools/programs.ts';

export interface OpenOptions {
  readonly width?: number;
  readonly theme?: 'dark' | 'light';
  readonly script?: boolean;
}

/** A page in a context of its own, and whatever its console, its scripts and its requests complained of. */
export interface OpenPage extends AsyncDisposable {
  readonly page: Page;
  readonly context: BrowserContext;
  readonly problems: readonly string[];
}

/** The browser of a test file. */
export class PageBrowser implements AsyncDisposable {
  readonly #browser: Browser;

  private constructor(browser: Browser) {
    this.#browser = browser;
  }

  /** Without a sandbox, since CI is root; it never opens anything but the pages of the test. */
  static async start(): Promise<PageBrowser> {
    const args = ['--no-sandbox', '--disable-dev-shm-usage', '--host-resolver-rules=MAP exporter.test 127.0.0.1'];
    return new PageBrowser(await chromium.launch({ executablePath: browserPath(), args }));
  }

  async open(url: string, { width = 1280, theme = 'light', script = true }: OpenOptions = {}): Promise<OpenPage> {
    const context = await this.#browser.newContext({
      viewport: { width, height: 800 },
      colorScheme: theme,
      javaScriptEnabled: script,
      timezoneId: 'Europe/Berlin',
      locale: 'en-GB',
    });
    const page = await context.newPage();
    page.setDefaultTimeout(60_000);
    const problems = problemsOf(page);
    // Time passes as it does outside until a test moves it on.
    if (script) await page.clock.install();
    await page.goto(url);
    return { page, context, problems, [Symbol.asyncDispose]: () => context.close() };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#browser.close();
  }
}

function browserPath(): string {
  const { names } = PROGRAMS.find((program) => program.names[0] === 'chromium')!;
  const folders = process.env.PATH!.split(delimiter);
  const found = names.flatMap((name) => folders.map((folder) => join(folder, name))).find(existsSync);
  if (found === undefined) throw new Error('chromium is missing: `npm test` brings it');
  return found;
}

function problemsOf(page: Page): string[] {
  const problems: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') problems.push(message.text());
  });
  page.on('pageerror', (error) => problems.push(String(error.stack)));
  page.on('requestfailed', (request) => problems.push(`${request.failure()?.errorText}: ${request.url()}`));
  return problems;
}

/** Until an expression is true in the page. Playwright's own waiting evaluates text there, which the content policy forbids. */
export async function waitForPage(page: Page, expression: string): Promise<void> {
  await waitUntil(() => page.evaluate<boolean>(expression), { what: expression, everyMs: 50 });
}

/** What axe-core finds, as `rule: element`. Contrasts take most of its time: seconds over hundreds of rows. */
export async function accessibilityFindings(page: Page, { contrast = true } = {}): Promise<string[]> {
  // To read its half a megabyte takes longer than many a look.
  if (!(await page.evaluate<boolean>(`'axe' in window`))) await page.evaluate(axe.source);
  const options = { resultTypes: ['violations'], rules: { 'color-contrast': { enabled: contrast } } };
  const { violations } = await page.evaluate<{ violations: { id: string; nodes: { html: string }[] }[] }>(
    `axe.run(document, ${JSON.stringify(options)})`,
  );
  return violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html.slice(0, 200)}`));
}

const SEEN = `[...document.querySelectorAll('body *')].filter((element) => element.checkVisibility() && !element.closest('.unseen, thead'))`;

/** Whether the page scrolls sideways, and what reaches beyond its edge. */
export async function tooWide(page: Page): Promise<string[]> {
  return page.evaluate<string[]>(`[
    ...(document.documentElement.scrollWidth > innerWidth ? ['the page: ' + document.documentElement.scrollWidth] : []),
    ...${SEEN}.filter((element) => element.getBoundingClientRect().right > innerWidth + 0.5)
      .map((element) => element.outerHTML.slice(0, 200)),
  ]`);
}

/** Numbers of an environment that stand beside its name, where a narrow screen shows them below it. */
export async function besideTheName(page: Page): Promise<string[]> {
  return page.evaluate<string[]>(`[...document.querySelectorAll('tbody tr:not(.why)')]
    .filter((row) => row.checkVisibility())
    .flatMap((row) => [...row.querySelectorAll('td.n')]
      .filter((cell) => cell.getBoundingClientRect().top < row.querySelector('th').getBoundingClientRect().bottom - 0.5)
      .map((cell) => cell.dataset.label + ' of ' + row.querySelector('th a').textContent))`);
}

/** What can be clicked or tapped and is smaller than 24 by 24 pixels. */
export async function smallTargets(page: Page): Promise<string[]> {
  return page.evaluate<string[]>(`${SEEN}
    .filter((element) => element.matches('a, button, input, select, summary'))
    .map((element) => ({ element, box: element.getBoundingClientRect() }))
    .filter(({ box }) => box.width < 24 || box.height < 24)
    .map(({ element, box }) => box.width + ' × ' + box.height + ': ' + element.outerHTML.slice(0, 200))`);
}

/** Saved in the folder that PICTURES names, for people to look at. */
export async function picture(page: Page, name: string): Promise<void> {
  const folder = process.env.PICTURES;
  if (folder === undefined) return;
  mkdirSync(folder, { recursive: true });
  await page.screenshot({ path: join(folder, `${name.replaceAll(/\W+/g, '-')}.png`), fullPage: !name.includes('300') });
}
