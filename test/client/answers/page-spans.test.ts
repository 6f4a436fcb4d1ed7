import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { pageSpans } from '../../../src/client/answers/page-spans.ts';

/** The page as its pieces say it is; undefined if they cannot be told, null if one of them is no JSON. */
function fromPieces(page: Buffer): unknown {
  const spans = pageSpans(page);
  if (spans === null) return undefined;
  const { opened, closed, items } = spans;
  const frame = parsed(page.toString('utf8', 0, opened) + page.toString('utf8', closed)) as { data: unknown[] } | null;
  if (frame === null) return null;
  for (let at = 0; at < items.length; at += 2) {
    const item = parsed(page.toString('utf8', items[at], items[at + 1]));
    if (item === null) return null;
    frame.data.push(item);
  }
  return frame;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

const text = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.constantFrom('data', '"', '\\', '\\"', '{"data":[', ']}', ',', 'ü', '\u{1f600}', '\u2028', '__proto__'),
);
/** Node 26 is wrong: after `{"\\":1}`, it parses `{"\"":1}` as the same key, a backslash. */
const key = text.filter((name) => !name.includes('\\'));
const value = fc.oneof(
  { depthSize: 'small' },
  text,
  fc.double({ noDefaultInfinity: true, noNaN: true }),
  fc.constantFrom(null, true, false, -0, 1e300),
  fc.dictionary(key, fc.oneof(text, fc.array(text, { maxLength: 3 }))),
);
const item = fc.dictionary(key, value, { maxKeys: 5 });
const rest = fc.dictionary(
  key.filter((name) => name !== 'data'),
  value,
  { maxKeys: 4 },
);
const page = fc
  .tuple(rest, fc.array(item, { maxLength: 6 }), rest, fc.constantFrom(0, 1, '\t', ' \r\n'))
  .map(([before, data, after, space]) => JSON.stringify({ ...before, data, ...after }, null, space));

describe('the pieces of a page', () => {
  it('say what a parser says, whatever stands in its strings and between them', () => {
    fc.assert(
      fc.property(page, (json) => {
        const found = fromPieces(Buffer.from(json));
        // A key with an escape is left to the parser.
        if (found !== undefined) expect(found).toEqual(JSON.parse(json));
        else expect(json).toContain('\\');
      }),
      { numRuns: 500 },
    );
  });

  it('are no JSON, or cannot be told, where the page is none', () => {
    const broken = fc
      .tuple(
        page,
        fc.nat(),
        fc.nat({ max: 3 }),
        fc.constantFrom('', '"', '\\', '{', '}', '[', ']', ',', ':', '1', '\u0000'),
      )
      .map(([json, at, removed, put]) => {
        const place = at % (json.length + 1);
        return json.slice(0, place) + put + json.slice(place + removed);
      });
    fc.assert(
      fc.property(broken, (json) => {
        const found = fromPieces(Buffer.from(json));
        if (found !== undefined) expect(found).toEqual(parsed(Buffer.from(json).toString('utf8')));
      }),
      { numRuns: 500 },
    );
  });

  it('are those of the bytes, valid UTF-8 or not', () => {
    const bytes = fc.tuple(page, fc.nat(), fc.nat({ max: 255 })).map(([json, at, byte]) => {
      const body = Buffer.from(json);
      body[at % body.length] = byte;
      return body;
    });
    fc.assert(
      fc.property(bytes, (body) => {
        const found = fromPieces(body);
        if (found !== undefined) expect(found).toEqual(parsed(body.toString('utf8')));
      }),
      { numRuns: 500 },
    );
  });

  it.each<[what: string, json: string]>([
    ['nothing', ''],
    ['no object', '[{"data":[]}]'],
    ['no data', '{"next_page":null}'],
    ['data that is no array', '{"data":{"a":[{}]}}'],
    ['two arrays of data', '{"data":[{"a":1}],"data":[]}'],
    ['a key that is spelt in another way', '{"d\\u0061ta":[]}'],
    ['the same key twice, once spelt in another way', '{"data":[{"a":1}],"d\\u0061ta":[]}'],
    ['items that are no objects', '{"data":[1,"a",null]}'],
    ['a byte order mark', '\ufeff{"data":[]}'],
    ['an item with many levels', `{"data":[${'{"a":'.repeat(17)}1${'}'.repeat(17)}]}`],
    ['an end that is missing', '{"data":[{"a":1}'],
    ['an array that does not end', '{"data":[{"a":1},'],
    ['a string that does not end', '{"data":[{"a":"1}]}'],
  ])('cannot be told: %s', (_, json) => {
    expect(pageSpans(Buffer.from(json))).toBeNull();
  });

  it.each<[what: string, json: string, items: readonly string[]]>([
    ['no items', '{"data":[]}', []],
    ['space everywhere', ' {\n"data" : [ {"a": 1} ,\t{ } ] , "next_page" : null } ', ['{"a": 1}', '{ }']],
    ['brackets and quotes in strings', '{"data":[{"a":"]}\\"{["},{"b":"\\\\"}]}', ['{"a":"]}\\"{["}', '{"b":"\\\\"}']],
    ['data within data', '{"x":{"data":[{"no":1}]},"data":[{"data":[{"no":2}]}]}', ['{"data":[{"no":2}]}']],
  ])('the pieces of a page are found: %s', (_, json, items) => {
    const body = Buffer.from(json);
    const spans = pageSpans(body)!.items;
    const found = spans.flatMap((at, index) => (index % 2 === 0 ? body.toString('utf8', at, spans[index + 1]) : []));
    expect(found).toEqual(items);
  });
});
