const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Markup that can safely be inserted into a page. Only `html` creates it. */
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
