import { costlyJson } from './costly-json.ts';
import type { PageSpans } from './page-spans.ts';

/** So little JSON cannot have the number of values or keys that would be costly, whatever it says. */
const HARMLESS_BYTES = 24 * 1024;

/**
 * The JSON of a page, with null in place of the rows that need not be parsed; null if only a parser of all of it can
 * say what is there, or what is wrong with it.
 */
export function parseRows(
  body: Buffer,
  { opened, closed, items: spans }: PageSpans,
  isKnown: (row: number) => boolean,
): { readonly data: readonly unknown[] } | null {
  const count = spans.length / 2;
  let bytes = body.length - (closed - opened);
  for (let row = 0; row < count; row++) if (!isKnown(row)) bytes += spans[2 * row + 1]! - spans[2 * row]!;
  if (bytes > HARMLESS_BYTES && costlyJson(body) !== null) return null;
  try {
    const page = JSON.parse(body.toString('utf8', 0, opened) + body.toString('utf8', closed)) as { data: unknown[] };
    page.data = new Array<unknown>(count).fill(null);
    for (let row = 0; row < count; row++) {
      if (!isKnown(row)) page.data[row] = JSON.parse(body.toString('utf8', spans[2 * row], spans[2 * row + 1]));
    }
    return page;
  } catch {
    return null;
  }
}
