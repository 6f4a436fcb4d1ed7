import { type Html, html } from './html.ts';

/** Scripts that are written from right to left: Hebrew, Arabic and their neighbours, old and new. */
const RIGHT_TO_LEFT = /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\u{10800}-\u{10fff}\u{1e800}-\u{1efff}]/u;

/** A name with a direction of its own: one from right to left would otherwise pull the numbers behind it in front. */
export function nameHtml(name: string): Html {
  return html`<bdi>${name}</bdi>`;
}

/** A text in which a name may stand, by itself or null for none, with a direction of its own where it needs one. */
export function textWithName(text: string, name: string | null | undefined): Html {
  if (typeof name !== 'string' || !RIGHT_TO_LEFT.test(name)) return withCode(text);
  return html`${text.split(name).map((part, index) => html`${index === 0 ? null : nameHtml(name)}${withCode(part)}`)}`;
}

/** An option, a command or the like in a sentence, as chat programs have it. Not what may stand within a name. */
const CODE = /(?<=^| )`([a-z][a-z_. -]*)`(?=$|[ .,;:])/;

function withCode(text: string): Html {
  return html`${text.split(CODE).map((part, index) => (index % 2 === 1 ? html`<code>${part}</code>` : html`${part}`))}`;
}
