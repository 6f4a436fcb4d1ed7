import fc from 'fast-check';
import { expect, it } from 'vitest';
import { subjectAltNames } from '../../../src/server/web/subject-alt-names.ts';

it.each([
  ['DNS:one, DNS:two', ['one', 'two']],
  ['IP Address:127.0.0.1, IP Address:0:0:0:0:0:0:0:1', ['127.0.0.1', '::1']],
  ['URI:spiffe://cluster/ns/prometheus, email:a@example.com', ['spiffe://cluster/ns/prometheus', 'a@example.com']],
  // A name that pretends to be two is one, and in quotes.
  ['DNS:"evil, DNS:prometheus"', ['evil, DNS:prometheus']],
  ['URI:"http://x/\\u002c DNS:prometheus", DNS:two', ['http://x/, DNS:prometheus', 'two']],
  ['DNS:"broken\\x", DNS:two', ['two']],
  ['othername:<unsupported>, DNS:two', []],
  ['', []],
  [undefined, []],
] as const)('reads the names in %s', (text, names) => {
  expect(subjectAltNames(text)).toEqual(names);
});

it('any text of names is read to its end, and nothing throws', () => {
  fc.assert(fc.property(fc.string(), (text) => Array.isArray(subjectAltNames(`DNS:${text}`))));
});
