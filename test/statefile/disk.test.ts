import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { nodeDisk } from '../../src/statefile/disk.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'disk-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

it('a file is replaced whole, for its owner only, and nothing is left beside it', async () => {
  const path = join(folder, 'state');
  await nodeDisk.replace(path, 'a longer text');
  await nodeDisk.replace(path, 'ß text');
  expect([await nodeDisk.read(path), await nodeDisk.readStart(path, 4)]).toEqual(['ß text', 'ß t']);
  expect([readdirSync(folder), statSync(path).mode & 0o777]).toEqual([['state'], 0o600]);
  await nodeDisk.unlink(path);
  expect(readdirSync(folder)).toEqual([]);
});

it('nothing is left of a write that failed', async () => {
  mkdirSync(join(folder, 'state', 'full'), { recursive: true });
  await expect(nodeDisk.replace(join(folder, 'state'), 'text')).rejects.toThrow();
  expect(readdirSync(folder)).toEqual(['state']);
});

it('links lead to the file, whether it is there yet or not', async () => {
  mkdirSync(join(folder, 'elsewhere'));
  symlinkSync('elsewhere', join(folder, 'way'));
  symlinkSync(join('way', 'state'), join(folder, 'link'));
  for (const text of ['first', 'second']) {
    await nodeDisk.replace(await nodeDisk.resolve(join(folder, 'link')), text);
    expect(readFileSync(join(folder, 'elsewhere', 'state'), 'utf8')).toBe(text);
  }
  expect(await nodeDisk.resolve(join(folder, 'none'))).toBe(join(folder, 'none'));
});
