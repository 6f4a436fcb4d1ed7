import { expect, it } from 'vitest';
import { problemsOf } from './support.ts';

const NOT_CLOSED = /opens a (?:quote|\{|\[) here/;

it.each([
  ['a brace', 'a: 1\nb: {c: 1, d e\n', '2:4: the file opens a { here that no } closes; add the }'],
  [
    'a brace before more of the file',
    'a: {b: 1\nc: {d: 1}\n',
    '1:4: the file opens a { here that no } closes; add the }',
  ],
  ['the outer one of two', 'a: {b: {c: 1}\nd: 1\n', '1:4: the file opens a { here that no } closes; add the }'],
  ['the inner one of two', 'a: [{b: 1]\n', '1:5: the file opens a { here that no } closes; add the }'],
  ['a bracket', 'a: [1, 2', '1:4: the file opens a [ here that no ] closes; add the ]'],
  [
    'a brace that is closed too far to the left',
    'a:\n  b: {\n  c: 1\n}\nd: 1\n',
    '2:6: the file opens a { here that no } closes; add the }, or indent it further than the name before the {',
  ],
  ['a quote', 'a: "b\nc: 1\nd: {e: 1}\n', '1:4: the file opens a quote here that is not closed; close it'],
  ['a quote before another', "a: 'b\nc: 'd'\n", '1:4: the file opens a quote here that is not closed; close it'],
  ['a quote in braces', 'a: {b: "x, c: 1}\nd: 2\n', '1:8: the file opens a quote here that is not closed; close it'],
  [
    'a quote before its escaped end',
    'a: "b\\"\nc: 1\n',
    '1:4: the file opens a quote here that is not closed; close it',
  ],
])('what is not closed is told where it opens, and once: %s', async (_, yaml, problem) => {
  expect(await problemsOf(yaml)).toEqual([problem]);
});

it.each([
  ['a comma that is missing', 'a: {\n  b: {c: 1}\n  d: {e: 1}\n}\n', /^3:3: .*without a comma/],
  ['two colons in an entry, twice', 'a: {\n  b: {c: 1 d: 2},\n  e: {f: 1 g: 2}\n}\n', /^2:10: .*put a comma between/],
  ['a colon that is missing', 'a: {b {c: 1}}\n', /^1:7: .*a name without a colon/],
  ['a variable without quotes', `a: {\n  b: \${C},\n  d: 1\n}\ne: 1\n`, /^2:7: .*put \$\{NAME\} in quotes/],
  ['a bracket too many', 'a: [1]]\nb: 1\nc: 2\n', /^1:7: /],
  ['a dash without a space', 'a:\n  b:\n  -c\n', /^3:3: .*a space after a dash/],
  ['a backslash', 'a: "C:\\keys"\n', /^1:7: .*use single quotes/],
  ['a sign that YAML keeps', 'a: @b\n', /^1:4: .*put the text in quotes/],
])('one fault is one problem: %s', async (_, yaml, problem) => {
  expect(await problemsOf(yaml)).toEqual([expect.stringMatching(problem)]);
});

const DEEPER = /indented deeper here than the name above, which already has its value; put names of one level in one/;
const COLUMNS = /is indented wrongly; put names of one level in one column, and the dashes of one list in one column/;
const SPACES = /neither `name: value` nor `- entry`; put a colon and a space after a name, and a space after a dash/;

it.each([
  ['a name deeper than the name of its level', 'a:\n  b: c\n   d: e\n', '3:4', DEEPER],
  ['the same in an entry of a list', 'a:\n  - b: c\n      d: e\nf: 1\n', '3:7', DEEPER],
  ['the same after a value of two lines', 'a: b c\n  d\n  e: f\n', '3:3', DEEPER],
  ['the same with line ends of Windows', 'a: b\r\n  c: d\r\n', '2:3', DEEPER],
  ['a name deeper than a value in quotes', 'a:\n  b: "c"\n   d: e\n', '3:1', COLUMNS],
  ['a name one column too far to the left', 'a:\n  - b: c\n   d: e\n', '3:1', COLUMNS],
  ['a name below the dash', 'a:\n  - b: c\n  d: e\n', '3:1', COLUMNS],
  ['a dash deeper than the one above', 'a:\n  - b: c\n    - b: d\n', '3:1', COLUMNS],
  ['a dash less deep', 'a:\n  - b: c\n - b: d\n', '3:1', COLUMNS],
  ['a first dash without a space', 'a:\n  -b: c\n  - b: d\n', '2:3', SPACES],
  ['a later dash without a space', 'a:\n  - b: c\n  -b: d\n', '3:3', SPACES],
  ['a number below a list', 'a:\n  - b: c\n -1\n', '3:1', COLUMNS],
  ['two dashes below a list', 'a:\n  - b: c\n --d: e\n', '3:1', COLUMNS],
  ['a first name without a space after its colon', 'a:\n  - b:c\n    d: e\n', '2:5', SPACES],
  ['a later one', 'a:\n  b: c\n  d:e\n  f: g\n', '3:3', SPACES],
  ['an equals sign', 'a:\n  b = c\n  d: e\n', '2:3', SPACES],
  ['two names and a value on a line', 'a: b: c\n', '1:4', /a nested key where a value on one line is expected/],
])('indents and spaces are told at the line to change: %s', async (_, yaml, place, words) => {
  const problems = await problemsOf(yaml);
  expect(problems).toEqual([expect.stringMatching(words)]);
  expect(problems[0]).toMatch(new RegExp(`^${place}: the file `));
});

const CONFLICT =
  'the file has a merge conflict here that is not resolved; keep what is right, and delete the lines that begin with <<<<<<<, |||||||, ======= or >>>>>>>';

it.each([
  ['of two sides', 'a: 1\n<<<<<<< HEAD\nb: 1\n=======\nb: 2\n>>>>>>> other\n', ['2:1']],
  ['of three', '<<<<<<< ours\na: 1\n||||||| base\na: 0\n=======\na: 2\n>>>>>>> theirs\nb: {c\n', ['1:1']],
  ['and another', '<<<<<<< H\na: 1\n=======\n>>>>>>> o\nb: 1\n<<<<<<< H\nc: 1\n=======\n>>>>>>> o\n', ['1:1', '6:1']],
  ['of a list, with line ends of Windows', 'a:\r\n<<<<<<< H\r\n- b\r\n=======\r\n- c\r\n>>>>>>> o\r\n', ['2:1']],
  ['that is half resolved', 'a: 1\n=======\nb: 2\n>>>>>>> other\n', ['4:1']],
  ['within which another is', '<<<<<<< H\na: 1\n<<<<<<< I\nb: 1\n>>>>>>> o\n', ['1:1', '3:1']],
])('a merge conflict is told as that: %s', async (_, yaml, places) => {
  expect(await problemsOf(yaml)).toEqual(places.map((place) => `${place}: ${CONFLICT}`));
});

it.each([
  ['in a comment', '# <<<<<<< HEAD\na: b: c\n'],
  ['within a line', 'a: b: c <<<<<<< HEAD\n'],
  ['of another length', 'a: b: c\n<<<<<<<< HEAD\n'],
  ['that underlines', 'a\n=======\nb: 1\n'],
])('signs %s are no conflict', async (_, yaml) => {
  expect((await problemsOf(yaml)).join()).not.toContain('merge conflict');
});

it('two faults are two problems, in the order of the file', async () => {
  expect(await problemsOf('a: b: c\nd: 1\nd: 2\ne: @f\ng: {h: 1\n')).toEqual([
    expect.stringMatching(/^1:4: .*a nested key/),
    expect.stringMatching(/^3:1: d: is listed twice/),
    expect.stringMatching(/^4:4: .*a character of YAML/),
    expect.stringMatching(/^5:4: .*that no \} closes/),
  ]);
});

it('signs in texts and comments open nothing', async () => {
  const harmless = "# it's {\na: don't [\nb: 'it''s {'\nc: \"\\\\\"\nd: |\n  \"x {\n";
  expect((await problemsOf(`${harmless}e: f: g\n`)).join('\n')).not.toMatch(NOT_CLOSED);
});

it('a file of nothing but faults is told in a few, and thousands of open brackets are read', async () => {
  const many = Array.from({ length: 3000 }, (_, line) => `a${line}: @b`).join('\n');
  expect((await problemsOf(many)).length).toBeLessThanOrEqual(20);
  expect((await problemsOf('['.repeat(50_000))).at(-1)).toMatch(NOT_CLOSED);
});
