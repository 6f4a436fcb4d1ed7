import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { memoryWithCounter } from './memory-with-counter.ts';

/** What a page says of its items, as text: most of them beat, and some of that is no number, or not even a text. */
interface World {
  readonly items: readonly string[];
  readonly end: string;
}

/** Items are known by their first bytes: what changes stands behind them. */
const FIRST = 'x'.repeat(60);
const itemOf = (id: number, beat: string) => `{"id":${id},"start":"${FIRST}","beat":"${beat}","text":"same"}`;
const bodyOf = ({ items, end }: World) => Buffer.from(`{"data":[${items.join()}],"end":"${end}"}`);
const START: World = { items: Array.from({ length: 8 }, (_, id) => itemOf(id, '00000000')), end: 'a' };

type Step = (world: World) => World;

const place = fc.nat({ max: 9 });
const digits = fc.integer({ min: 10_000_000, max: 99_999_999 }).map(String);
/** As long as the others; the last ones are no numbers, and two of them are more than a text. */
const beat = fc.oneof(
  { weight: 5, arbitrary: digits },
  fc.constantFrom('1234567', '123456789', '1234567x', '1234\\n67', '1","x":"', '1","id":9'),
);
const beats: fc.Arbitrary<Step> = fc
  .array(fc.tuple(place, beat), { minLength: 1, maxLength: 4 })
  .map((all) => (world) => all.reduce((one, [at, text]) => withBeat(one, at, text), world));
const others: fc.Arbitrary<Step> = fc.oneof(
  fc.tuple(place, fc.constantFrom('same', 'else', 'longer', '"')).map(([at, text]) => (world: World) => {
    const quoted = JSON.stringify(text).slice(1, -1);
    return withItem(world, at, (item) => item.replace(/"text":"(?:\\.|[^"])*"/, `"text":"${quoted}"`));
  }),
  fc.tuple(place, fc.nat({ max: 99 })).map(([at, id]) => ({ items, end }: World) => {
    return { end, items: items.toSpliced(at, 0, itemOf(id, '00000000')) };
  }),
  place.map((at) => ({ items, end }: World) => ({ end, items: items.toSpliced(at, 1) })),
  place.map((at) => ({ items, end }: World) => ({ end, items: [...items.slice(at), ...items.slice(0, at)] })),
  fc.constantFrom('a', 'b', 'cc').map((end) => (world: World) => ({ ...world, end })),
  fc.constantFrom('"drifts":true', '"secret":true').map((more) => (world: World) => {
    return withItem(world, 2, (item) => (item.includes(more) ? item : item.replace('{', `{${more},`)));
  }),
);

function withItem(world: World, at: number, change: (item: string) => string): World {
  return { ...world, items: world.items.map((item, index) => (index === at ? change(item) : item)) };
}

function withBeat(world: World, at: number, text: string): World {
  return withItem(world, at, (item) => item.replace(/"beat":"\w*"/, `"beat":"${text}"`));
}

/** What is no page any more is for the parser to say. */
function meaningOf(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString()).data;
  } catch {
    return 'no JSON';
  }
}

describe('a page in which texts move that moved before', () => {
  it('means what a parser says, whatever else happens to it', () => {
    const steps = fc.array(fc.oneof({ weight: 4, arbitrary: beats }, others), { maxLength: 40 });
    fc.assert(
      fc.property(steps, (all) => {
        const { readBody } = memoryWithCounter();
        const read = (body: Buffer) => {
          try {
            return readBody('q', body);
          } catch {
            return 'no JSON';
          }
        };
        let world = START;
        for (const step of [...Array<Step>(2).fill((same) => same), ...all]) {
          world = step(world);
          expect(read(bodyOf(world))).toEqual(meaningOf(bodyOf(world)));
        }
      }),
      { numRuns: 400 },
    );
  });

  it('is parsed no more, and its other items are the same objects', () => {
    const { readBody, counted } = memoryWithCounter();
    const bodyAt = (time: number) => bodyOf([1, 4].reduce((world, at) => withBeat(world, at, `${time}`), START));
    for (let count = 0; count < 2; count++) readBody('q', bodyAt(10_000_000));
    Object.assign(counted, { rows: 0, whole: 0 });
    let before = readBody('q', bodyAt(10_000_001));
    for (let time = 10_000_002; time < 10_000_010; time++) {
      const after = readBody('q', bodyAt(time));
      expect(after.filter((item, index) => item !== before[index]).map(({ id }) => id)).toEqual([1, 4]);
      before = after;
    }
    expect(counted).toEqual({ rows: 0, whole: 0 });
  });
});
