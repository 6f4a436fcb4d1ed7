import { expect, it } from 'vitest';
import { ExpositionReader } from '../../src/conditions/exposition-reader.ts';

const TARGET = { job: 'j', instance: 'self' };

const reader = (...names: readonly string[]) => new ExpositionReader(new Set(names), TARGET);

async function read(text: string, one = reader('wanted')) {
  const samples = await one.read([Buffer.from(text)]);
  return samples.map(({ name, labels, value }) => ({ name, labels: labels.values, value }));
}

it.each<[string, string, Readonly<Record<string, string>>, number]>([
  ['no labels', 'wanted 3', {}, 3],
  ['labels', 'wanted{a="1",b_c="two"} -0.5', { a: '1', b_c: 'two' }, -0.5],
  ['an empty label', 'wanted{a=""} 1', {}, 1],
  ['characters that separate', 'wanted{a="x} 9 {y, z=\\"1\\""} 2', { a: 'x} 9 {y, z="1"' }, 2],
  [
    'escaped characters',
    'wanted{a="back\\\\slash \\"quote\\" line\\nbreak"} 1',
    { a: 'back\\slash "quote" line\nbreak' },
    1,
  ],
  ['an escaped backslash before an n', 'wanted{a="\\\\n"} 1', { a: '\\n' }, 1],
  ['a name of any script', 'wanted{a="環境 – ü"} 1', { a: '環境 – ü' }, 1],
  ['an exponent', 'wanted 1.5e+9', {}, 1.5e9],
  ['infinity', 'wanted +Inf', {}, Number.POSITIVE_INFINITY],
  ['minus infinity', 'wanted -Inf', {}, Number.NEGATIVE_INFINITY],
  ['no number', 'wanted NaN', {}, Number.NaN],
])('reads a sample with %s, and adds the labels of the target', async (_name, line, labels, value) => {
  expect(await read(`${line}\n`)).toEqual([{ name: 'wanted', labels: { ...labels, ...TARGET }, value }]);
});

it('leaves out comments, empty lines and what nobody asks for', async () => {
  const text = '# HELP wanted Said.\n# TYPE wanted gauge\n\nwanted 1\nwanted_too 2\nunwanted{a="wanted 1"} 3\n';
  expect(await read(text)).toEqual([{ name: 'wanted', labels: TARGET, value: 1 }]);
});

it('reads across the pieces of a scrape, wherever they were cut', async () => {
  const bytes = Buffer.from('wanted{a="ü"} 1\nwanted{a="b"} 25\n');
  for (let cut = 0; cut <= bytes.length; cut++) {
    const samples = await reader('wanted').read([bytes.subarray(0, cut), bytes.subarray(cut)]);
    expect(samples.map(({ labels, value }) => [labels.get('a'), value])).toEqual([
      ['ü', 1],
      ['b', 25],
    ]);
  }
});

it('gives one series the same labels at every scrape, and the value of the moment', async () => {
  const one = reader('wanted');
  const [first] = await one.read([Buffer.from('wanted{a="1"} 1\n')]);
  const [again, other] = await one.read([Buffer.from('wanted{a="1"} 2\nwanted{a="2"} 3\n')]);
  expect(again!.labels).toBe(first!.labels);
  expect([again!.value, other!.value]).toEqual([2, 3]);
  expect(other!.labels.get('a')).toBe('2');
});

it('reads more lines than it takes in one turn', async () => {
  const lines = Array.from({ length: 12_000 }, (_, index) => `wanted{a="${index}"} ${index}\n`);
  const samples = await reader('wanted').read([Buffer.from(lines.join(''))]);
  expect(samples.map(({ value }) => value)).toEqual(lines.map((_, index) => index));
});
