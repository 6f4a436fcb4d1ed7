import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { fileFault, fileRemedy, nodeFiles } from '../../src/base/files.ts';

const folder = mkdtempSync(join(tmpdir(), 'files-'));
afterAll(() => {
  server.close();
  rmSync(folder, { recursive: true, force: true });
});
const path = (name: string) => join(folder, name);

writeFileSync(path('key'), 'abcdef');
symlinkSync(path('key'), path('link'));
symlinkSync(path('loop'), path('loop'));
mkdirSync(path('folder'));
execFileSync('mkfifo', [path('pipe')]);
const server = createServer().listen(path('socket'));

it.each([
  ['less than the limit', 10, 'abcdef'],
  ['as much as the limit', 6, 'abcdef'],
  ['one byte more than the limit, so that a longer file can be told', 3, 'abcd'],
])('of a file, %s is read', async (_, limit, text) => {
  expect(Buffer.from(await nodeFiles.readFile(path('link'), limit)).toString()).toBe(text);
});

it('a file is read whole although it says that it has nothing, or much', async () => {
  writeFileSync(path('large'), Buffer.alloc(100_000, 'x'));
  expect(await nodeFiles.readFile('/proc/self/environ', 1e6)).not.toHaveLength(0);
  expect(await nodeFiles.readFile(path('large'), 1e6)).toHaveLength(100_000);
});

it.each([
  ['nothing', 'does not exist', 'check the path and the mount'],
  ['pipe', 'is a named pipe, not a regular file', 'save the content to a file and name that one'],
  ['socket', 'is a socket or a device, not a regular file', 'save the content to a file and name that one'],
  ['folder', 'is a directory, not a regular file', 'name a file in it'],
  ['key/below', 'is not a directory', 'check the path'],
  ['loop', 'is a symbolic link that leads to itself', 'let the link lead to a file'],
  ['~/key', 'does not exist', 'write the whole path: ~ and variables in it are not expanded'],
  ['file://key', 'does not exist', 'write the path alone, without file:// or anything like it before it'],
])('%s %s; %s', async (name, what, remedy) => {
  const error = await Promise.resolve(nodeFiles.readFile(`${folder}/${name}`, 10)).catch((reason: unknown) => reason);
  expect([fileFault(error), fileRemedy(error)]).toEqual([what, remedy]);
});

it('the stamp of a file changes with it', async () => {
  const before = await nodeFiles.stamp!(path('key'));
  expect(await nodeFiles.stamp!(path('link'))).toBe(before);
  chmodSync(path('key'), 0o600);
  expect(await nodeFiles.stamp!(path('key'))).not.toBe(before);
});
