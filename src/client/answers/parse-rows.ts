import { costlyJson } from './costly-json.ts';
import type { PageSpans } from './page-spans.ts';

/** So few bytes cannot hold enough values or keys to be costly to parse. */
const HARMLESS_BYTES = 24 * 1024;

/** The JSON of a page with null for each row that is known; null if the page has to be parsed as a whole. */
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
