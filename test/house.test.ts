import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Finding } from '../scripts/house/finding.ts';
import { judge } from '../scripts/house/judge.ts';
import { textFindings } from '../scripts/house/text-findings.ts';
import { ROOT } from './support/processes.ts';

const HOUSE = join(ROOT, 'scripts/house.ts');

/** knip reads a whole tree each time, however little is in it. */
const SLOW = { timeout: 600_000 };

it('npm run house finds nothing in this source', SLOW, () => {
  const { status, stdout, stderr } = spawnSync(process.execPath, [HOUSE], { encoding: 'utf8' });
  expect([status, stderr]).toEqual([0, '']);
  expect(stdout).toMatch(/^0 files that import each other/m);
});

it('allows as many lines of a file as CONTRIBUTING.md says', () => {
  const textOf = (path: string) => readFileSync(join(ROOT, path), 'utf8');
  const [, allowed] = /^const MOST_LINES = (\d+);$/m.exec(textOf('scripts/house/sizes.ts'))!;
  expect(textOf('CONTRIBUTING.md')).toContain(`none has more than ${allowed}.`);
});

/** A tree in which nothing is wrong: two folders, a program, and no reasons needed. */
const SOUND: Readonly<Record<string, string>> = {
  'package.json': '{ "name": "house", "type": "module" }',
  'src/main.ts': "import { read } from './read/read.ts';\n\nread();\n",
  'src/process.ts': '',
  'src/read/read.ts': "import { page } from '../wire/page.ts';\n\nexport function read() {\n  return page;\n}\n",
  'src/wire/page.ts': 'export const page = 1;\n',
};

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'house-'));
  copyFileSync(join(ROOT, 'knip.json'), join(root, 'knip.json'));
});
afterEach(() => rmSync(root, { recursive: true }));

function plant(change: Readonly<Record<string, string>>): void {
  for (const [path, text] of Object.entries({ ...SOUND, ...change })) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
}

/** What the program prints for a tree; reasons for files of this one are left out. */
function run(change: Readonly<Record<string, string>>): { status: number | null; lines: readonly string[] } {
  plant(change);
  const { status, stdout, stderr } = spawnSync(process.execPath, [HOUSE, root], { encoding: 'utf8' });
  expect(stderr).toBe('');
  return { status, lines: stdout.split('\n').filter((line) => line !== '' && !line.includes('has a reason')) };
}

/** The same without knip, and so without what only tests use. */
function look(change: Readonly<Record<string, string>>): { status: number; lines: readonly string[] } {
  plant(change);
  const { lines, ok } = judge(textFindings(root), {});
  return { status: ok ? 0 : 1, lines };
}

const ZEROS = [
  '0 files that import each other in a circle',
  '0 files over 200 lines',
  '0 files under 25 lines that only one file beside them uses',
  '0 exports and files that only tests use',
  '0 names of exported types that stand for several things',
  '0 words that the glossary has replaced',
  '0 files that call something refused that is no 401 or 403',
  '0 files that share no word with what they export',
  '0 files with titles of tests that are no sentence',
];

it('finds nothing in a tree in which nothing is wrong', SLOW, () => {
  expect(run({}).lines).toEqual(ZEROS);
});

const SEEN_BY_KNIP = [
  {
    what: 'an export that only a test uses',
    change: {
      'src/wire/page.ts': 'export const page = 1;\nexport const forTests = 2;\n',
      'test/page.test.ts': "import { forTests } from '../src/wire/page.ts';\n\nforTests;\n",
    },
    line: 'src/wire/page.ts forTests: nothing of the program uses it',
  },
  {
    what: 'a file that only a test uses',
    change: {
      'src/wire/double.ts': 'export const double = 2;\n',
      'test/double.test.ts': "import { double } from '../src/wire/double.ts';\n\ndouble;\n",
    },
    line: 'src/wire/double.ts: nothing of the program imports it',
  },
] as const;

const SEEN_IN_THE_TEXT = [
  {
    what: 'a circle of types',
    change: {
      'src/wire/page.ts':
        "import type { read } from '../read/read.ts';\n\nexport type Read = typeof read;\nexport const page: Read | 1 = 1;\n",
    },
    line: 'src/read/read.ts → src/wire/page.ts → src/read/read.ts',
  },
  {
    what: 'a long file',
    change: { 'src/wire/page.ts': `export const page = 1;\n${'\n'.repeat(200)}` },
    line: 'src/wire/page.ts: 201 lines',
  },
  {
    what: 'a short file for one neighbour',
    change: {
      'src/read/read.ts': "import { one } from './one.ts';\n\nexport const read = () => one;\n",
      'src/read/one.ts': "import { page } from '../wire/page.ts';\n\nexport const one = page;\n",
    },
    line: 'src/read/one.ts: 3 lines, used by src/read/read.ts',
  },
  {
    what: 'a name of two types',
    change: {
      'src/wire/page.ts': 'export interface Page {}\nexport const page: Page = 1;\n',
      'src/read/read.ts':
        "import { type Page, page } from '../wire/page.ts';\n\nexport type Read = Page;\nexport const read = (): Read => page;\n",
      'src/main.ts': "import { type Page, read } from './read/other.ts';\n\nexport const main: Page = read();\n",
      'src/read/other.ts': "export { read } from './read.ts';\nexport class Page {}\n",
    },
    line: 'Page: src/read/other.ts, src/wire/page.ts',
  },
  {
    what: 'a word of old in a name',
    change: { 'src/wire/page.ts': 'export const page = 1; // by sweepPages\n' },
    line: 'src/wire/page.ts sweep: line 1: say scan',
  },
  {
    what: 'a word of old in a sentence',
    change: { 'src/wire/page.ts': '/** Every Beat of a worker. */\nexport const page = 1; // the keeper of pages\n' },
    line: 'src/wire/page.ts keeper: line 2: say reconciler',
  },
  {
    what: 'a refusal for another status',
    change: { 'src/wire/page.ts': 'export const page = 1; // 404: refused\n' },
    line: 'src/wire/page.ts: line 1: say rejected',
  },
  {
    what: 'a refusal where no key is looked at',
    change: { 'src/wire/page.ts': '/** Refuses a page. */\nexport const page = 1;\n' },
    line: 'src/wire/page.ts: line 1: say rejected',
  },
  {
    what: 'a file that is named after something else',
    change: {
      'src/read/cake.ts': 'export const read = 1;\n',
      'src/main.ts': "import { read } from './read/cake.ts';\n\nread;\n",
    },
    line: 'src/read/cake.ts: exports read',
  },
  {
    what: 'a title of one word',
    change: { 'test/read.test.ts': "it('works', () => {});\n" },
    line: 'test/read.test.ts: "works"',
  },
  {
    what: 'a title that is all table',
    change: { 'test/read.test.ts': "it.each(['a', 'b'])('%s', () => {});\n" },
    line: 'test/read.test.ts: "%s"',
  },
] as const;

describe.each([
  ...SEEN_BY_KNIP.map((one) => ({ ...one, judged: run })),
  ...SEEN_IN_THE_TEXT.map((one) => ({ ...one, judged: look })),
])('finds $what', ({ change, line, judged }) => {
  it('npm run house fails and says which: $what', SLOW, () => {
    const { status, lines } = judged(change);
    expect(status).toBe(1);
    expect(lines.filter((printed) => !ZEROS.includes(printed)).join('\n')).toContain(line);
  });
});

describe('a reason', () => {
  const finding: Finding = { kind: 'long', where: 'src/a.ts', detail: '300 lines' };

  it('lets a finding pass, and is counted', () => {
    const { lines, ok } = judge([finding], { long: { 'src/a.ts': 'a table' } });
    expect(ok).toBe(true);
    expect(lines).toContain('1 files over 200 lines, 1 with a reason');
  });

  it('does not stand for another finding, nor for another kind', () => {
    expect(judge([finding], { long: { 'src/b.ts': 'a table' } }).ok).toBe(false);
    expect(judge([finding], { short: { 'src/a.ts': 'a table' } }).ok).toBe(false);
  });

  it('has to go with what it was for', () => {
    const { lines, ok } = judge([], { long: { 'src/a.ts': 'a table' } });
    expect(ok).toBe(false);
    expect(lines).toContain('  src/a.ts: has a reason and needs none; take it out of scripts/house/reasons.ts');
  });
});
