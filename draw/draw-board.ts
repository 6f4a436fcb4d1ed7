import type { Browser, Page } from 'playwright-core';
import type { CutRow, Drawing, DrawnText } from './drawing.ts';
import type { PageLog } from './src/log.ts';

declare global {
  var drawnTexts: () => (Omit<DrawnText, 'panel'> & { readonly canvas: HTMLCanvasElement })[];
  // What the page puts on its window.
  var pageLog: PageLog;
}

export interface DrawOptions {
  readonly url: string;
  readonly now: number;
  readonly width: number;
  readonly file: string;
}

const PATIENCE = 120_000;

/** Opens the page, waits until every panel has its answer, takes the picture of the whole board, and says what was there. */
export async function drawBoard(browser: Browser, { url, now, width, file }: DrawOptions): Promise<Drawing> {
  const page = await browser.newPage({ viewport: { width, height: 900 }, timezoneId: 'UTC' });
  page.setDefaultTimeout(PATIENCE);
  try {
    await page.clock.setFixedTime(new Date(now));
    const problems = watch(page);
    await page.addInitScript(recordTexts);
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

/** Runs in the page before it: remembers what charts write on their canvases, since they were last wiped. */
function recordTexts(): void {
  const texts = new Map<HTMLCanvasElement, ReturnType<typeof globalThis.drawnTexts>>();
  const pen = CanvasRenderingContext2D.prototype;
  const { fillText, clearRect } = pen;
  pen.clearRect = function (...area) {
    texts.delete(this.canvas);
    clearRect.apply(this, area);
  };
  pen.fillText = function (text, x, y, ...more) {
    const { a, b, c, d, e, f } = this.getTransform();
    const { width, actualBoundingBoxAscent: up, actualBoundingBoxDescent: down } = this.measureText(text);
    const start = { left: 0, start: 0, center: width / 2, right: width, end: width }[this.textAlign];
    const corners = [
      [x - start, y - up],
      [x - start + width, y + down],
    ].map(([px, py]) => [a * px! + c * py! + e, b * px! + d * py! + f]);
    const scale = devicePixelRatio;
    const [xs, ys] = [corners.map(([one]) => one! / scale), corners.map(([, one]) => one! / scale)];
    const found = {
      text,
      left: Math.min(...xs),
      right: Math.max(...xs),
      top: Math.min(...ys),
      bottom: Math.max(...ys),
      width: this.canvas.width / scale,
      height: this.canvas.height / scale,
      canvas: this.canvas,
    };
    texts.set(this.canvas, [...(texts.get(this.canvas) ?? []), found]);
    fillText.call(this, text, x, y, ...more);
  };
  globalThis.drawnTexts = () => [...texts.values()].flat();
}

/** Runs in the page. */
function inspect(): Omit<Drawing, 'problems' | 'height'> {
  const sections = [...document.querySelectorAll<HTMLElement>('section[data-testid*="Panel header"]')];
  const titleOf = (element: Element) =>
    element.closest('section')?.querySelector('h2')?.textContent ?? '(outside of panels)';
  const leaves = [...document.querySelectorAll<HTMLElement>('#root *')].filter(
    (element) => element.childElementCount === 0 && (element.textContent ?? '').trim() !== '',
  );
  const widthOfText = (element: Element) => {
    const text = document.createRange();
    text.selectNodeContents(element);
    return text.getBoundingClientRect().width;
  };
  const clipped = leaves
    .filter((element) => {
      const style = getComputedStyle(element);
      if (style.overflow === 'visible' || element.clientWidth <= 1) return false;
      // Three dots already stand where a fraction of a pixel is missing.
      const ends = style.textOverflow === 'ellipsis' && widthOfText(element) > element.getBoundingClientRect().width;
      return ends || element.scrollWidth > element.clientWidth + 1;
    })
    .map((element) => ({ panel: titleOf(element), text: element.textContent!.slice(0, 60) }));
  // What stands out on the left of a cell is not in its scroll width.
  const squeezed = [...document.querySelectorAll<HTMLElement>('[role="gridcell"]')].filter((cell) => {
    const text = document.createRange();
    text.selectNodeContents(cell);
    const [inside, outside] = [text.getBoundingClientRect(), cell.getBoundingClientRect()];
    return inside.width > 0 && (inside.left < outside.left - 1 || inside.right > outside.right + 1);
  });
  clipped.push(...squeezed.map((cell) => ({ panel: titleOf(cell), text: cell.textContent.slice(0, 60) })));
  const cut = [...document.querySelectorAll<HTMLElement>('[data-testid*="viz-layout-legend"], [role="grid"]')].flatMap(
    (box) => {
      const { top, bottom, right } = box.getBoundingClientRect();
      const rows = [...box.querySelectorAll<HTMLElement>('tr, li, [role="row"]')];
      return rows.flatMap((row): CutRow[] => {
        const place = row.getBoundingClientRect();
        const found = { panel: titleOf(box), text: row.textContent.slice(0, 60) };
        const high = { ...found, direction: 'high' as const, size: place.height };
        const seen = Math.min(bottom, place.bottom) - Math.max(top, place.top);
        if (seen < place.height - 1.5 && seen > 1.5) return [{ ...high, seen }];
        // One does not scroll a list of lines sideways.
        const inside = right - place.left;
        const tooWide = row.matches('li:not(li li)') && place.width > inside + 1.5;
        return tooWide ? [{ ...found, direction: 'wide', size: place.width, seen: inside }] : [];
      });
    },
  );
  const beyond = [...document.querySelectorAll<HTMLElement>('[role="grid"]')].flatMap((grid) => {
    const { right } = grid.getBoundingClientRect();
    return [...grid.querySelectorAll<HTMLElement>('[role="columnheader"]')]
      .filter((header) => header.getBoundingClientRect().right > right + 1.5)
      .map((header) => ({ panel: titleOf(grid), text: header.textContent }));
  });
  const drawn = drawnTexts()
    .filter(({ canvas }) => canvas.isConnected)
    .map(({ canvas, ...text }) => ({ panel: titleOf(canvas), ...text }));
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
    cut,
    beyond,
    drawn,
    links: [...document.querySelectorAll('a[href]')].map((link) => link.getAttribute('href')!),
    tables: Object.fromEntries(
      sections.filter((one) => one.querySelector('[role="grid"]')).map((one) => [title(one), cells(one)]),
    ),
    texts: Object.fromEntries(sections.map((one) => [title(one), one.textContent ?? ''])),
  };
}
