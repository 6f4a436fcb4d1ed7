import { randomBytes } from 'node:crypto';
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { cachedRun, cachedRunSync, cacheFolder, MOST_KEPT } from './cached-run.ts';

let root: string;
let kept: string;
let asked: number;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'cached-run-'));
  onTestFinished(() => rmSync(root, { recursive: true }));
  kept = join(root, 'kept');
  asked = 0;
  mkdirSync(join(root, 'bin'));
  copyFileSync('/bin/true', join(root, 'bin/tool'));
});

interface Asked {
  readonly files?: Readonly<Record<string, string>>;
  readonly args?: (folder: string) => readonly string[];
  readonly program?: string;
  readonly ok?: boolean;
  readonly output?: string;
}

const FILES = { 'rules.yaml': 'groups: []', 'part/test.json': '{}' };

/** Asks with these files in a folder of their own. */
async function ask({
  files = FILES,
  args = (folder) => ['test', join(folder, 'part/test.json')],
  ...rest
}: Asked = {}) {
  const { program = join(root, 'bin/tool'), ok = true, output = 'SUCCESS' } = rest;
  const folder = mkdtempSync(join(root, 'files-'));
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(join(folder, name, '..'), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
  const answer = async () => {
    asked += 1;
    return { ok, output };
  };
  return await cachedRun({ program, args: args(folder), folder }, answer, { kept, log: join(root, 'log') });
}

function withOther(bytes: Buffer, at: number): Buffer {
  const other = Buffer.from(bytes);
  const index = (at + other.length) % other.length;
  other[index] = other[index]! ^ 1;
  return other;
}

const entries = () => readdirSync(kept).map((name) => join(kept, name));
const lines = () => readFileSync(join(root, 'log'), 'utf8').split('\n').length - 1;

describe('the result of a program', () => {
  it('comes from the cache the second time, wherever the files are, and the test run says so', async () => {
    expect(await ask()).toEqual({ ok: true, output: 'SUCCESS' });
    expect(await ask()).toEqual({ ok: true, output: 'SUCCESS' });
    expect(asked).toBe(1);
    expect(lines()).toBe(1);
  });

  it.each<readonly [string, Asked]>([
    ['another text of a file', { files: { ...FILES, 'rules.yaml': 'groups: [] ' } }],
    ['another name of a file', { files: { 'rule.yaml': 'groups: []', 'part/test.json': '{}' } }],
    ['a file more', { files: { ...FILES, other: '' } }],
    ['a file less', { files: { 'part/test.json': '{}' } }],
    ['texts that changed places', { files: { 'rules.yaml': '{}', 'part/test.json': 'groups: []' } }],
    ['the end of a text in the next file', { files: { 'rules.yaml': 'groups: []part', 'test.json': '{}' } }],
    ['another argument', { args: (folder) => ['check', join(folder, 'part/test.json')] }],
    ['an argument more', { args: (folder) => ['test', '', join(folder, 'part/test.json')] }],
    ['a letter in the next argument', { args: (folder) => ['tes', `t${join(folder, 'part/test.json')}`] }],
    ['arguments in one', { args: (folder) => [`test${join(folder, 'part/test.json')}`] }],
  ])('is made again with %s', async (_, other) => {
    await ask();
    await ask(other);
    expect(asked).toBe(2);
  });

  it('is another one where a file is given, and where its name and text are arguments', async () => {
    await ask({ args: () => ['test'], files: { 'rules.yaml': 'groups: []' } });
    await ask({ args: () => ['test', 'rules.yaml', 'groups: []'], files: {} });
    expect(asked).toBe(2);
  });

  it('is made again by another program of the same name', async () => {
    await ask();
    mkdirSync(join(root, 'other'));
    copyFileSync('/bin/false', join(root, 'other/tool'));
    await ask({ program: join(root, 'other/tool') });
    expect(asked).toBe(2);
  });

  it('is never kept of a script, which may start any program, nor of one that is not there', async () => {
    writeFileSync(join(root, 'bin/script'), '#!/bin/sh\n');
    for (const program of [join(root, 'bin/script'), 'no-such-program']) {
      await ask({ program });
      await ask({ program });
    }
    expect(asked).toBe(4);
  });

  it('is found for a program on the PATH', async () => {
    await ask({ program: 'cat' });
    await ask({ program: 'cat' });
    expect(asked).toBe(1);
  });

  it('is never kept if it is no success', async () => {
    await ask({ ok: false });
    expect(await ask()).toEqual({ ok: true, output: 'SUCCESS' });
    expect(asked).toBe(2);
  });

  it.each<readonly [string, (bytes: Buffer) => Buffer]>([
    ['is empty', () => Buffer.alloc(0)],
    ['lacks its end', (bytes) => bytes.subarray(0, -1)],
    ['goes on', (bytes) => Buffer.concat([bytes, Buffer.from('\n')])],
    ...[0, 31, 32, 40, -1].map((at) => [`has another byte ${at}`, (bytes: Buffer) => withOther(bytes, at)] as const),
  ])('is made again where the entry %s, and is kept again', async (_, damage) => {
    await ask();
    const [entry] = entries();
    const bytes = readFileSync(entry!);
    writeFileSync(entry!, damage(bytes));
    await ask();
    expect(asked).toBe(2);
    expect(readFileSync(entry!)).toEqual(bytes);
  });

  it('is returned where it cannot be kept', async () => {
    writeFileSync(kept, 'a file, and no folder');
    expect(await ask()).toEqual({ ok: true, output: 'SUCCESS' });
    expect(asked).toBe(1);
  });

  it('is not kept if it is long', async () => {
    // Of random bytes, so that it is long also when it is packed.
    await ask({ output: randomBytes(300_000).toString('base64') });
    await ask();
    expect(asked).toBe(2);
  });

  it('is kept without a promise only if it is final', () => {
    const question = { program: join(root, 'bin/tool'), args: [], folder: root, files: [] };
    const places = { kept, log: join(root, 'log') };
    const answers = ['later', 'no', 'never asked'];
    const askNow = () =>
      cachedRunSync(
        question,
        () => answers.shift(),
        (answer) => answer === 'no',
        places,
      );
    expect([askNow(), askNow(), askNow()]).toEqual(['later', 'no', 'no']);
  });

  it('makes room for itself: the half that was not used for longest goes', async () => {
    await ask();
    const [lately] = entries();
    utimesSync(lately!, 0, 0);
    await ask();
    for (let n = 1; n < MOST_KEPT; n++) {
      writeFileSync(join(kept, `old-${n}`), '');
      utimesSync(join(kept, `old-${n}`), n, n);
    }
    await ask({ files: {} });
    expect(entries().length).toBe(MOST_KEPT / 2 + 1);
    expect(entries()).toContain(lately);
    expect(entries()).not.toContain(join(kept, 'old-1'));
    expect(asked).toBe(2);
  });
});

it('results are kept in the cache of the machine, beside the tools', () => {
  expect(cacheFolder({ HOME: '/home/me' })).toBe('/home/me/.cache/anthropic-work-exporter/cached-runs');
  expect(cacheFolder({ HOME: '/home/me', XDG_CACHE_HOME: '/cache' })).toBe(
    '/cache/anthropic-work-exporter/cached-runs',
  );
  expect(cacheFolder({ HOME: '/home/me', RUN_CACHE: 'off' })).toBeNull();
});
