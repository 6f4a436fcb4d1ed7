import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { writeFolder } from '../../scripts/build/write-folder.ts';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'write-folder-'));
});

afterEach(() => rmSync(folder, { recursive: true }));

it('holds these files and no others, and leaves alone what is right already: a program may be running from it', () => {
  const dist = join(folder, 'dist');
  writeFolder(
    dist,
    new Map([
      ['same.cjs', 'one'],
      ['other.cjs', 'two'],
    ]),
  );
  mkdirSync(join(dist, 'left-behind'));
  writeFileSync(join(dist, 'left-behind', 'old.cjs'), '');
  const before = statSync(join(dist, 'same.cjs'));
  writeFolder(
    dist,
    new Map<string, string | Uint8Array>([
      ['same.cjs', 'one'],
      ['other.cjs', new Uint8Array([0xff])],
      ['new.cjs', 'three'],
    ]),
  );
  expect(readdirSync(dist).toSorted()).toEqual(['new.cjs', 'other.cjs', 'same.cjs']);
  expect(readFileSync(join(dist, 'other.cjs'))).toEqual(Buffer.from([0xff]));
  expect(readFileSync(join(dist, 'new.cjs'), 'utf8')).toBe('three');
  const after = statSync(join(dist, 'same.cjs'));
  expect([after.ino, after.mtimeMs]).toEqual([before.ino, before.mtimeMs]);
});

it('makes a program executable, also one that has the right content already', () => {
  const isExecutable = (name: string) => (statSync(join(folder, name)).mode & 0o111) !== 0;
  const files = new Map([
    ['main.cjs', 'one'],
    ['part.cjs', 'two'],
  ]);
  writeFolder(folder, files);
  expect(isExecutable('main.cjs')).toBe(false);
  writeFolder(folder, files, ['main.cjs']);
  expect([isExecutable('main.cjs'), isExecutable('part.cjs')]).toEqual([true, false]);
});
