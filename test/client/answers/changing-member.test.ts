import { expect, it } from 'vitest';
import { textOfMember } from '../../../src/client/answers/changing-member.ts';

/** Of the member `beat`. */
const textIn = (json: string) => textOfMember(Buffer.from(`[${json}]`), 1, 'beat');

it.each<[json: string, before: string]>([
  ['{"beat":"1"}', '{"beat":"'],
  ['{ "a" : [{}, "}"] , "beat" : "" , "b" : null }', '{ "a" : [{}, "}"] , "beat" : "'],
  ['{"beat":"1","beat":"2"}', '{"beat":"1","beat":"'],
  ['{"a":{"beat":"1"},"beat":"1"}', '{"a":{"beat":"1"},"beat":"'],
  ['{"a":"\\"beat\\":\\"","beat":"1"}', '{"a":"\\"beat\\":\\"","beat":"'],
])('the text of the member in %s begins after %s', (json, before) => {
  expect(textIn(json)).toBe(before.length);
});

it.each([
  '{}',
  '{"a":"beat"}',
  '{"a":{"beat":"1"}}',
  '{"beat":1}',
  '{"beat":null}',
  '{"beat":{"beat":"1"}}',
  '{"beat":"1","beat":1}',
  '{"beat":"\\u0031"}',
  '{"be\\u0061t":"1"}',
  '{"beat":"1","be\\u0061t":"2"}',
  '"beat"',
  '{"beat"',
  '{"beat":"1',
  '{"a":["beat":"1"',
  `{"a":${'['.repeat(20)}${']'.repeat(20)},"beat":"1"}`,
])('%s is left to the parser', (json) => {
  expect(textIn(json)).toBe(0);
});
