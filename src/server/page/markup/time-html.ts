import { durationText } from '../view/human-text.ts';
import { type Html, html } from './html.ts';

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
