import { expect, it } from 'vitest';
import { shippedRules } from '../../../src/conditions/evaluation/compile-rules.ts';
import { RuleEvaluator } from '../../../src/conditions/evaluation/rule-evaluator.ts';
import { ExpositionReader } from '../../../src/conditions/scrape/exposition-reader.ts';
import { createExposition } from '../../../src/metrics/exposition.ts';
import { selfMetrics } from '../../support/expositions.ts';
import { samplesIn } from '../../support/scraped-samples.ts';
import { buildState, buildStats, fixedStates, NOW } from '../../support/states.ts';

const TARGET = { job: 'j', instance: 'self' };

const reader = (...names: readonly string[]) => new ExpositionReader({ names: new Set(names), target: TARGET });

async function read(text: string, one = reader('wanted')) {
  const samples = samplesIn(await one.read([Buffer.from(text)]));
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
    const samples = samplesIn(await reader('wanted').read([bytes.subarray(0, cut), bytes.subarray(cut)]));
    expect(samples.map(({ labels, value }) => [labels.get('a'), value])).toEqual([
      ['ü', 1],
      ['b', 25],
    ]);
  }
});

it('gives one series the same labels at every scrape, and the value of the moment', async () => {
  const one = reader('wanted');
  const [first] = samplesIn(await one.read([Buffer.from('wanted{a="1"} 1\n')]));
  const [again, other] = samplesIn(await one.read([Buffer.from('wanted{a="1"} 2\nwanted{a="2"} 3\n')]));
  expect(again!.labels).toBe(first!.labels);
  expect([again!.value, other!.value]).toEqual([2, 3]);
  expect(other!.labels.get('a')).toBe('2');
});

it('gives the same columns for the same bytes, in whatever buffer, and new ones for others', async () => {
  const one = reader('wanted', 'wanted_too');
  const text = ['wanted{a="1"} 1\n', 'wanted_too 1\n', '# Nothing.\n', 'wanted{a="2"} 1\n'];
  const scrape = (pieces: readonly string[]) => one.read(pieces.map((piece) => Buffer.from(piece)));
  const first = await scrape(text);
  const changed = await scrape(text.with(1, 'wanted_too 2\n'));
  expect(first.map(({ name }) => name)).toEqual(['wanted', 'wanted_too', 'wanted']);
  expect(changed.map((columns, place) => columns === first[place])).toEqual([true, false, true]);
});

it('gives lines of one metric that follow one another as columns, and those that nobody wants as null', async () => {
  const one = new ExpositionReader({
    names: new Set(['wanted', 'wanted_too']),
    target: {},
    wantsSeries: (_name, labels) => labels.get('a') !== '2',
  });
  const lines = ['wanted{a="1"} 1', 'wanted{a="2"} 2', 'wanted{a="3"} 3', 'wanted_too 4', 'other 5', 'wanted{a="5"} 5'];
  const columns = await one.read([Buffer.from(lines.map((line) => `${line}\n`).join(''))]);
  expect(columns.map(({ name, labels }) => [name, labels.map((own) => own?.get('a'))])).toEqual([
    ['wanted', ['1', undefined, '3']],
    ['wanted_too', ['']],
    ['wanted', ['5']],
  ]);
});

it('reads more lines than it takes in one turn', async () => {
  const lines = Array.from({ length: 12_000 }, (_, index) => `wanted{a="${index}"} ${index}\n`);
  const samples = samplesIn(await reader('wanted').read([Buffer.from(lines.join(''))]));
  expect(samples.map(({ value }) => value)).toEqual(lines.map((_, index) => index));
});

const LINE = /^wanted(_too)?\{|^unwanted\{/;

/** Texts of one scrape after the other, as fleets change: `a` to `f` are environments. */
const CHANGES: readonly (readonly [string, readonly string[]])[] = [
  ['all as before', ['wanted{a="1"} 1', 'wanted{a="2"} 2']],
  ['another number', ['wanted{a="1"} 1', 'wanted{a="2"} 3']],
  ['a longer number', ['wanted{a="1"} 1', 'wanted{a="2"} 20']],
  ['a shorter number', ['wanted{a="1"} 1', 'wanted{a="2"} 2.5', 'wanted{a="3"} 2']],
  ['an environment at the start', ['wanted{a="0"} 1', 'wanted{a="1"} 1', 'wanted{a="2"} 2']],
  ['an environment at the end', ['wanted{a="1"} 1', 'wanted{a="2"} 2', 'wanted{a="3"} 2']],
  ['the first is gone', ['wanted{a="2"} 2']],
  ['the last is gone', ['wanted{a="1"} 1']],
  ['another order', ['wanted{a="2"} 2', 'wanted{a="1"} 1']],
  ['another label of the same length', ['wanted{a="1"} 1', 'wanted{a="9"} 2']],
  ['a space in a label', ['wanted{a="1"} 1', 'wanted{a="2 2"} 2']],
  ['another metric between', ['wanted{a="1"} 1', 'wanted_too{a="1"} 1', 'wanted{a="2"} 2']],
  ['only what nobody asks for', ['unwanted{a="1"} 1', 'unwanted{a="2"} 2']],
  ['nothing', []],
  ['only a comment', ['# HELP wanted{a="1"} 1']],
];

it.each(CHANGES)('reads after any other scrape what it would read without it: %s', async (_name, lines) => {
  const textOf = (all: readonly string[]) => all.map((line) => `${line}\n`).join('');
  const fresh = await read(textOf(lines), reader('wanted', 'wanted_too'));
  expect(fresh).toHaveLength(lines.filter((line) => LINE.test(line) && !line.startsWith('unwanted')).length);
  for (const [, before] of CHANGES) {
    const one = reader('wanted', 'wanted_too');
    await read(textOf(before), one);
    expect(await read(textOf(lines), one)).toEqual(fresh);
    expect(await read(textOf(lines), one)).toEqual(fresh);
  }
});

it('reads no series that nobody wants, and asks once for each', async () => {
  const asked: string[] = [];
  const one = new ExpositionReader({
    names: new Set(['wanted']),
    target: {},
    wantsSeries: (name, labels) => asked.push(`${name} ${labels.get('a')}`) > 0 && labels.get('a') !== '2',
  });
  for (const value of [1, 2]) {
    const text = `wanted{a="1"} ${value}\nwanted{a="2"} ${value}\nwanted{a="3"} 3\n`;
    const samples = samplesIn(await one.read([Buffer.from(text)]));
    expect(samples.map((sample) => [sample.labels.get('a'), sample.value])).toEqual([
      ['1', value],
      ['3', 3],
    ]);
  }
  expect(asked).toEqual(['wanted 1', 'wanted 2', 'wanted 3']);
});

it('reads the same samples of an exposition that leaves out what no rule asks for', async () => {
  const self = selfMetrics({ processMetrics: true });
  self.credentialRejected('main', 'api_key', true);
  self.discoveryEnded('main', true, NOW);
  const states = fixedStates([buildState('env_1')]);
  const exposition = createExposition({ states, self, clock: { now: () => NOW }, skewMs: () => 0 });
  const { scrapedNames } = new RuleEvaluator(await shippedRules());
  const samplesOf = async (names?: ReadonlySet<string>) => {
    const text = await exposition.render('prometheus', names);
    const samples = samplesIn(await reader(...scrapedNames).read(text));
    return { bytes: Buffer.concat(text).length, samples };
  };
  const [whole, asked] = [await samplesOf(), await samplesOf(scrapedNames)];
  expect(asked.samples).toEqual(whole.samples);
  expect(asked.samples.map(({ name }) => name)).toContain('process_start_time_seconds');
  expect(asked.bytes).toBeLessThan(whole.bytes);
});

/** A thousand bytes of it an environment, of which a read of its statistics changes a few lines. */
it('looks again only at the parts of a real exposition in which a number is another one', async () => {
  const states = Array.from({ length: 300 }, (_, index) => buildState(`env_${index}`));
  const exposition = createExposition({
    states: { all: () => states, get: () => undefined, update: () => {} },
    self: { write: async () => [] },
    clock: { now: () => NOW },
    skewMs: () => 0,
  });
  const one = reader('anthropic_work_queue_depth', 'anthropic_work_up');
  const scrape = async () => {
    const before = one.bytesRead;
    const samples = samplesIn(await one.read(await exposition.render('prometheus')));
    const depths = samples.filter(({ name }) => name === 'anthropic_work_queue_depth').map(({ value }) => value);
    return { bytes: one.bytesRead - before, depths };
  };
  const first = await scrape();
  const again = await scrape();
  states[7] = { ...states[7]!, queue: { observedAt: NOW, stats: buildStats({ depth: 77 }) } };
  const changed = await scrape();
  expect(changed.depths[7]).toBe(77);
  expect(changed.depths.with(7, first.depths[7]!)).toEqual(first.depths);
  // What is written at every scrape is the age of the oldest item; a part is 128 environments.
  expect(first.bytes / 20).toBeGreaterThan(again.bytes);
  expect(changed.bytes - again.bytes).toBeLessThan(128 * 150);
});
