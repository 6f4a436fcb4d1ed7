import { toTenths } from '../base/text.ts';

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Markup that can safely be inserted into a page. Only `html` creates it from texts. */
export class Html {
  readonly #markup: string;

  constructor(markup: string) {
    this.#markup = markup;
  }

  toString(): string {
    return this.#markup;
  }
}

type Insert = Html | readonly Html[] | string | number | null;

/** Markup from a template: inserts are escaped unless they are markup themselves; null inserts nothing. */
export function html(parts: TemplateStringsArray, ...inserts: readonly Insert[]): Html {
  return new Html(parts.reduce((markup, part, index) => markup + shown(inserts[index - 1] ?? null) + part));
}

function shown(insert: Insert): string {
  if (insert === null) return '';
  if (insert instanceof Html) return insert.toString();
  if (typeof insert === 'object') return insert.join('');
  return String(insert).replace(/[&<>"']/g, (character) => ENTITIES[character]!);
}

/** A name with a direction of its own: one from right to left would pull the numbers behind it in front. */
export function nameHtml(name: string): Html {
  return html`<bdi>${name}</bdi>`;
}

/** The page of an environment. */
export function environmentPath(id: string): string {
  return `/environments/${encodeURIComponent(id)}`;
}

/** A moment as `5m ago` or `in 5m`. */
export function timeHtml(at: number, now: number): Html {
  const exact = new Date(at).toISOString();
  const seconds = (now - at) / 1000;
  const text = seconds < 0 ? `in ${durationText(-seconds)}` : `${durationText(seconds)} ago`;
  return html`<time datetime="${exact}" title="${exact}">${text}</time>`;
}

const UNITS: readonly (readonly [suffix: string, seconds: number])[] = [
  ['d', 86_400],
  ['h', 3600],
  ['m', 60],
  ['s', 1],
];

/** A duration in its two largest units: `5m 12s`, `2d 3h`; tenths below ten seconds. */
export function durationText(seconds: number): string {
  if (seconds < 10) return `${toTenths(seconds)}s`;
  let rest = Math.round(seconds);
  const first = UNITS.findIndex(([, size]) => rest >= size);
  const words = UNITS.slice(first, first + 2).flatMap(([suffix, size]) => {
    const count = Math.floor(rest / size);
    rest -= count * size;
    return count === 0 ? [] : [`${count}${suffix}`];
  });
  return words.join(' ');
}

/** `text` as the start of a line. */
export function capitalised(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
