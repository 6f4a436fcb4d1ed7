import { LEVELS, type Level } from '../view/level.ts';
import { type Html, html } from './html.ts';

/** Sign and word of a level: the sign is for the eye, the word for everybody. */
export function markHtml(level: Level): Html {
  const { word, sign, tone } = LEVELS[level];
  return html`<span class="mark ${tone}"><span class="sign" aria-hidden="true">${sign}</span>${word}</span>`;
}

/** The sign alone, for one of several lines in a row; screen readers read its word. */
export function signHtml(level: Level): Html {
  const { word, sign, tone } = LEVELS[level];
  return html`<span class="sign ${tone}" aria-hidden="true">${sign}</span><span class="unseen">${word}: </span>`;
}
