import { spawnSync } from 'node:child_process';
import { cpSync, globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { ROOT } from '../support/processes.ts';
import { withoutScripts } from './packed-file.ts';

const TEXTS = globSync(['README.md', '{docs,deploy,alerts}/**/*.md'], { cwd: ROOT }).map((path) =>
  readFileSync(join(ROOT, path), 'utf8'),
);

/** How a page names a file or a folder with a key in the checkout. */
const KEY_FILES = [
  /--from-file=[\w-]+=\.\/([\w-]+)/g,
  /install -m 0600 ([\w-]+) /g,
  /--volume "\$PWD\/(keys):/g,
  /your API key into\s+`([\w/-]+)`/g,
  /such as `([\w/-]+\/env_\w+)`/g,
  /(?:key|password)_file: ([\w-][\w.-]*)/g,
];

const named = [
  ...new Set(KEY_FILES.flatMap((pattern) => TEXTS.flatMap((text) => [...text.matchAll(pattern)].map((m) => m[1]!)))),
]
  .filter((path) => path !== 'null')
  .map((path) => (path === 'keys' ? 'keys/api-key' : path));

/** What nobody has told git to ignore. */
const OTHERS = ['deploy/compose/my-exporter.yaml', 'deploy/my-values.yaml', 'alerts/slack-url', 'grafana/mine.json'];

const KEY = 'sk-ant-api03-that-stays-here';

let folder: string;
const run = (program: string, ...args: string[]) => {
  const { status, stdout, stderr } = spawnSync(program, args, { cwd: folder, encoding: 'utf8', maxBuffer: 2 ** 26 });
  if (status !== 0) throw new Error(`${program} ${args.join(' ')}: ${stderr}`);
  return stdout;
};
const lines = (text: string) => text.split('\n').filter((line) => line !== '');

/** A checkout whose git knows what is in it, and nothing of the keys and files that come later. */
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'checkout-'));
  const parts = [
    'alerts',
    'deploy',
    'docs',
    'grafana',
    'package.json',
    'README.md',
    'CHANGELOG.md',
    'LICENSE',
    '.gitignore',
  ];
  for (const name of parts) cpSync(join(ROOT, name), join(folder, name), { recursive: true });
  withoutScripts(folder);
  run('git', 'init', '--quiet');
  run('git', 'add', '--all');
  for (const path of [...named, ...OTHERS]) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), KEY);
  }
});
afterAll(() => rmSync(folder, { recursive: true }));

it('the pages name places of keys', () => {
  const examples = ['api-key', 'anthropic-api-key', 'prod-environment-key', 'keys/api-key', 'deploy/compose/api-key'];
  expect(named).toEqual(expect.arrayContaining([...examples, 'deploy/compose/environment-keys/env_0123456789abcdef']));
});

it('a key that lies where a page says can be committed by nobody', () => {
  expect(lines(run('git', 'check-ignore', '--no-index', ...named))).toEqual(named);
});

it('what is packed is what git tracks, whatever lies beside it', () => {
  const [packed] = JSON.parse(run('npm', 'pack', '--json', '--ignore-scripts')) as [{ filename: string }];
  const files = lines(run('tar', '--list', '--file', packed.filename)).map((path) => path.replace(/^package\//, ''));
  const tracked = lines(run('git', 'ls-files')).filter((path) => !/(?:^|\/)\.gitignore$|^docs\/images\//.test(path));
  expect(files.toSorted()).toEqual(tracked.toSorted());
  expect(run('tar', '--extract', '--to-stdout', '--file', packed.filename).includes(KEY)).toBe(false);
});
