import { durationText, LEVELS, type Level } from './words.ts';

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

/** Sign and word of a level: the sign is for the eye, the word for everybody. */
export function markHtml(level: Level): Html {
  const { word, sign, tone } = LEVELS[level];
  return html`<span class="mark ${tone}"><span class="sign" aria-hidden="true">${sign}</span>${word}</span>`;
}

/** The sign alone; screen readers read its word. */
export function signHtml(level: Level): Html {
  const { word, sign, tone } = LEVELS[level];
  return html`<span class="sign ${tone}" aria-hidden="true">${sign}</span><span class="unseen">${word}: </span>`;
}

/** A name with a direction of its own: one from right to left would otherwise pull the numbers behind it in front. */
export function nameHtml(name: string): Html {
  return html`<bdi>${name}</bdi>`;
}

/** A text in which a name may stand: it gets a direction of its own. */
export function textWithName(text: string, name: string | null): Html {
  const at = name === null ? -1 : text.indexOf(name);
  if (name === null || at === -1) return withCode(text);
  return html`${text.slice(0, at)}${nameHtml(name)}${withCode(text.slice(at + name.length))}`;
}

/** An option or a command in a sentence of ours stands between backquotes, as chat programs have it. */
export function withCode(text: string): Html {
  const parts = text.split(/`([a-z][a-z_. -]*)`/);
  return html`${parts.map((part, index) => (index % 2 === 1 ? html`<code>${part}</code>` : html`${part}`))}`;
}

/**
 * A moment as `5m ago` or `in 5m`. The page's script keeps it current, and adds the exact time in the reader's zone.
 */
export function timeHtml(at: number, now: number): Html {
  const exact = new Date(at).toISOString();
  const seconds = (now - at) / 1000;
  return html`<time datetime="${exact}" title="${exact}">${seconds < 0 ? `in ${durationText(-seconds)}` : `${durationText(seconds)} ago`}</time>`;
}

/** The same for a duration that is still running: `5m 12s`. */
export function sinceHtml(at: number, now: number): Html {
  const exact = new Date(at).toISOString();
  return html`<time datetime="${exact}" title="since ${exact}" data-for>${durationText(Math.max(0, now - at) / 1000)}</time>`;
}
