import { toTenths } from '../../../base/text.ts';
import type { Charted } from '../../../diagnosis/history.ts';
import type { LastHour } from '../../http/server-deps.ts';
import { durationText } from '../view/human-text.ts';
import { type Html, html } from './html.ts';

/** The height of a chart, in units of its own; a sample is one unit wide. */
const HEIGHT = 40;
/** Above the highest point, so that its line is not cut. */
const TOP_MARGIN = 2;

interface Chart {
  readonly key: string;
  readonly title: string;
  /** The oldest first; NaN where it was not known. */
  readonly numbers: readonly number[];
  readonly format: (value: number) => string;
}

const count = (value: number) => String(Math.round(value));

const CHARTS: readonly (readonly [name: Charted, title: string, format: (value: number) => string])[] = [
  ['waiting', 'Waiting', count],
  ['oldestSeconds', 'Oldest waits', durationText],
  ['polling', 'Workers polling', count],
  ['live', 'Live items', count],
  ['stale', 'Stale items', count],
];

/** The last hour of an environment as small charts; the exporter keeps it in memory. */
export function lastHour(hour: LastHour | undefined): Html {
  if (hour === undefined) return html`<p>Nothing is kept yet: the exporter has just started to watch it.</p>`;
  return html`<div class="charts">${CHARTS.map(([key, title, format]) =>
    chartHtml({ key: `chart-${key}`, title, numbers: hour.numbersOf(key), format }),
  )}</div>`;
}

/** One number over the last hour, small, with what it says in words beside it. */
export function chartHtml({ key, title, numbers, format }: Chart): Html {
  const known = numbers.filter((value) => !Number.isNaN(value));
  if (known.length === 0)
    return html`<figure data-key="${key}"><figcaption>${title} <strong>–</strong> <span class="soft">not known in the last hour</span></figcaption></figure>`;
  const [least, most] = [Math.min(...known), Math.max(...known)];
  const latest = numbers.at(-1)!;
  const now = Number.isNaN(latest) ? '–' : format(latest);
  const between = least === most ? `always ${format(most)}` : `${format(least)} to ${format(most)}`;
  return html`<figure data-key="${key}"><figcaption>${title} <strong>${now}</strong> <span class="soft">(${between})</span></figcaption>
<svg viewBox="0 0 ${numbers.length - 1} ${HEIGHT}" preserveAspectRatio="none" aria-hidden="true"><path d="${lineOf(numbers, most)}"/></svg></figure>`;
}

/** Steps, as a number holds until the next; nothing is drawn where it was not known. */
function lineOf(numbers: readonly number[], most: number): string {
  const height = (value: number) =>
    toTenths(HEIGHT - TOP_MARGIN / 2 - (most > 0 ? (value / most) * (HEIGHT - TOP_MARGIN) : 0));
  let [line, before] = ['', Number.NaN];
  numbers.forEach((value, x) => {
    if (Number.isNaN(value)) {
      if (!Number.isNaN(before)) line += `H${x}`;
    } else if (Number.isNaN(before)) line += `M${x} ${height(value)}`;
    else if (value !== before) line += `H${x}V${height(value)}`;
    before = value;
  });
  return Number.isNaN(before) ? line : `${line}H${numbers.length - 1}`;
}
