import { describe, expect, it } from 'vitest';
import { memoryWithCounter, row, WAYS } from './memory-with-counter.ts';

describe.each(WAYS)('AnswerMemory that keeps $kept', ({ mostBytes }) => {
  it.each<[what: string, before: string, after: string, parsed: number]>([
    ['its text', '{"id":1,"beat":"10","text":""}', '{"id":1,"beat":"11","text":""}', 0],
    ['its text, which stands last', '{"id":1,"text":"","beat":"10"}', '{"id":1,"text":"","beat":"11"}', 0],
    ['its text, with space around', '{"id":1 , "beat" : "10" }', '{"id":1 , "beat" : "11" }', 0],
    ['its text, beside one inside', '{"deep":{"beat":"10"},"beat":"10"}', '{"deep":{"beat":"10"},"beat":"11"}', 0],
    ['its text, to one that needs a parser', '{"id":1,"beat":"10"}', '{"id":1,"beat":"1a"}', 1],
    ['its text, to one with an escape', '{"id":1,"beat":"1000"}', '{"id":1,"beat":"1\\"0"}', 1],
    ['its text, from one with an escape', '{"id":1,"beat":"1\\"0"}', '{"id":1,"beat":"1000"}', 1],
    ['its text, and its length', '{"id":1,"beat":"10"}', '{"id":1,"beat":"101"}', 1],
    ['its text, and another', '{"id":1,"beat":"10","text":"a"}', '{"id":1,"beat":"11","text":"b"}', 1],
    ['its text, and what stands before', '{"id":1,"text":"a","beat":"10"}', '{"id":1,"text":"b","beat":"11"}', 1],
    ['what it is', '{"id":1,"beat":"1"}', '{"id":1,"beat":111}', 1],
    ['the end of it', '{"id":1,"beat":"1","text":""}', '{"id":1,"beat":"1111111111"}', 1],
    ['one inside', '{"deep":{"beat":"10"},"beat":"10"}', '{"deep":{"beat":"11"},"beat":"10"}', 1],
    ['one inside alone', '{"deep":{"beat":"10"}}', '{"deep":{"beat":"11"}}', 1],
    ['one of two', '{"beat":"10","beat":"10"}', '{"beat":"11","beat":"10"}', 1],
    ['one of two, with an escape in its name', '{"beat":"10","be\\u0061t":"10"}', '{"beat":"11","be\\u0061t":"10"}', 1],
  ])('of an item whose changing member changes, parses all of it only if it must: %s', (_, before, after, parsed) => {
    const { readBody, counted } = memoryWithCounter(mostBytes);
    const start = `"start":"${'x'.repeat(100)}",`;
    const bodyOf = (item: string) => Buffer.from(`{"data":[${item.replace('{', `{${start}`)},{"id":2}]}`);
    for (let count = 0; count < 2; count++) readBody('q', bodyOf(before));
    Object.assign(counted, { rows: 0, whole: 0 });
    for (let count = 0; count < 2; count++) {
      expect(readBody('q', bodyOf(after))).toEqual(JSON.parse(bodyOf(after).toString()).data);
    }
    // Of a digest, nobody can tell what has changed.
    expect(counted).toEqual({ rows: mostBytes === undefined ? parsed : 1, whole: 0 });
    // And back, from what was not parsed.
    expect(readBody('q', bodyOf(before))).toEqual(JSON.parse(bodyOf(before).toString()).data);
  });

  it('leaves to the parser what is no JSON any more, though only a text with an escape seems to have changed', () => {
    const { readBody } = memoryWithCounter(mostBytes);
    const bodyOf = (beat: string) => Buffer.from(`{"data":[{"start":"${'x'.repeat(100)}","beat":"${beat}"}]}`);
    for (let count = 0; count < 2; count++) readBody('q', bodyOf('1\\"0'));
    expect(() => readBody('q', bodyOf('11"0'))).toThrow(SyntaxError);
  });

  it('gives the same page again once it has stopped moving on', () => {
    const { read } = memoryWithCounter(mostBytes);
    const long = row(1, 'x'.repeat(100));
    const [, , , , moved, ...stayed] = ['1', '1', '2', '3', '4', '4', '4', '4'].map((beat) =>
      read('q', [{ ...long, beat }, row(2)]),
    );
    expect(moved).toEqual(stayed[0]);
    expect(new Set(stayed.slice(1)).size).toBe(1);
  });
});
