import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { serverDeps, startServer } from '../../support/http-server.ts';
import { accessibilityFindings, besideTheName, PageBrowser, picture, smallTargets, tooWide } from './page-browser.ts';
import { SCENES, type Scene } from './scenes.ts';

const WIDTHS = [320, 390, 1280];
/** Of tablets, and of half a screen: around the width from which the environments are a table. */
const BETWEEN = [600, 768, 960, 961];
const THEMES = ['dark', 'light'] as const;
/** Where axe-core looks: at cards in the dark, and at a table in the light. */
const LOOKED_INTO = new Map<number, (typeof THEMES)[number]>([
  [390, 'dark'],
  [1280, 'light'],
]);

let browser: PageBrowser;
beforeAll(async () => {
  browser = await PageBrowser.start();
});
afterAll(() => browser[Symbol.asyncDispose]());

function served({ states, report, problems = [], exporterProblems = [], hour, drill }: Scene) {
  const deps = serverDeps(states);
  return startServer(
    serverDeps(states, {
      lastHour: () => hour,
      drill: { ...deps.drill, info: drill ?? null },
      diagnosis: () => report,
      startedAt: 0,
      discoveryProblems: () => problems,
      exporterProblems: () => exporterProblems,
    }),
  );
}

describe.each(Object.entries(SCENES))('a page that shows %s', (name, scene) => {
  it('fits every width and theme, with targets to tap and nothing that axe-core finds or the console complains of', async () => {
    await using server = await served(scene);
    await using opened = await browser.open(`${server.url}${scene.path ?? '/'}`);
    const { page, problems } = opened;
    const found: Record<string, readonly string[]> = {};
    for (const width of BETWEEN) {
      await page.setViewportSize({ width, height: 800 });
      found[`too wide at ${width}`] = await tooWide(page);
    }
    for (const width of WIDTHS) {
      await page.setViewportSize({ width, height: 800 });
      found[`too wide at ${width}`] = await tooWide(page);
      if (width < 700) found[`beside the name at ${width}`] = await besideTheName(page);
      found[`too small at ${width}`] = await smallTargets(page);
      for (const theme of THEMES) {
        await page.emulateMedia({ colorScheme: theme });
        // It takes most of the time: each theme and each layout once. The colours of hundreds of rows are those of other scenes.
        if (LOOKED_INTO.get(width) === theme) {
          const contrast = scene.states.length < 100;
          found[`axe-core at ${width}, ${theme}`] = await accessibilityFindings(page, { contrast });
        }
        await picture(page, `${name} ${width} ${theme}`);
      }
    }
    expect({ ...found, problems }).toEqual({
      ...Object.fromEntries(Object.keys(found).map((key) => [key, []])),
      problems: [],
    });
  });
});

it('three hundred environments fold up: the page is short, and those that need somebody are in sight', async () => {
  await using server = await served(SCENES['three hundred environments, 300']!);
  await using opened = await browser.open(server.url, { width: 390 });
  const { page } = opened;
  expect(await page.locator('tbody:visible').count()).toBe(20);
  expect(await page.evaluate<number>('document.documentElement.scrollHeight')).toBeLessThan(8000);
  await page.locator('summary').click();
  expect(await page.locator('tbody:visible').count()).toBe(300);
  expect(await tooWide(page)).toEqual([]);
});

it.each(['one environment', 'one that pages, and more that fold up'])(
  'the letters of a browser that are twice as large make all of the page twice as large: %s',
  async (name) => {
    const scene = SCENES[name]!;
    await using server = await served(scene);
    await using opened = await browser.open(`${server.url}${scene.path ?? '/'}`, { width: 640 });
    const { page, context } = opened;
    const sizes = () =>
      page.evaluate<number[]>(
        `[...document.querySelectorAll('body *')].map((element) => parseFloat(getComputedStyle(element).fontSize))`,
      );
    const usual = await sizes();
    const settings = await context.newCDPSession(page);
    await settings.send('Page.setFontSizes', { fontSizes: { standard: 32 } });
    expect(await sizes()).toEqual(usual.map((size) => 2 * size));
    expect(await tooWide(page)).toEqual([]);
  },
);

it('runs no script but its own', async () => {
  await using server = await served(SCENES['all fine']!);
  await using opened = await browser.open(server.url);
  const { page, problems } = opened;
  await page.evaluate(
    `document.body.append(Object.assign(document.createElement('script'), { text: 'window.ran = 1' }))`,
  );
  expect(await page.evaluate('window.ran')).toBeUndefined();
  expect(problems.join()).toContain('Content Security Policy');
});
