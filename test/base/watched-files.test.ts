import { expect, it } from 'vitest';
import { FileWatcher } from '../../src/base/watched-files.ts';
import { ManualClock } from '../support/manual-clock.ts';

const INTERVAL_MS = 10_000;

/** Watched files in memory, with stamps, and what was read and reported. */
async function watched(initial: Record<string, string>) {
  const clock = new ManualClock();
  const contents = new Map(Object.entries(initial));
  const stamps = new Map([...contents].map(([path]) => [path, 'first']));
  const read: string[] = [];
  let changes = 0;
  const watcher = new FileWatcher({
    clock,
    files: {
      readFile: (path) => {
        read.push(path);
        return Buffer.from(contents.get(path)!);
      },
      readdir: () => [],
      stamp: (path) => stamps.get(path)!,
    },
    paths: () => ['/a', '/b'],
    changed: async () => void changes++,
  });
  await watcher.start();
  return { clock, watcher, contents, stamps, read, changes: () => changes };
}

it('a file with another stamp is read, and only another content is a change', async () => {
  const { clock, contents, stamps, read, changes } = await watched({ '/a': 'one', '/b': 'two' });
  await clock.advance(3 * INTERVAL_MS);
  expect(read).toEqual(['/a', '/b']);
  stamps.set('/a', 'touched');
  await clock.advance(INTERVAL_MS);
  expect([read.length, changes()]).toEqual([3, 0]);
  stamps.set('/a', 'written');
  contents.set('/a', 'new');
  await clock.advance(INTERVAL_MS);
  expect(changes()).toBe(1);
  await clock.advance(5 * INTERVAL_MS);
  expect(changes()).toBe(1);
});

it('a change that no stamp tells is found within ten minutes', async () => {
  const { clock, contents, changes } = await watched({ '/a': 'one', '/b': 'two' });
  contents.set('/b', 'new');
  await clock.advance(600_000 + INTERVAL_MS);
  expect(changes()).toBe(1);
});

it('what a reload has read is known; what changed while it read is not', async () => {
  const { watcher, contents, stamps, changes } = await watched({ '/a': 'one', '/b': 'two' });
  const write = (path: string, text: string) => {
    contents.set(path, text);
    stamps.set(path, text);
  };
  write('/a', 'read');
  const before = await watcher.contents();
  await watcher.accept(before);
  await watcher.checkNow();
  expect(changes()).toBe(0);
  write('/b', 'while it read');
  await watcher.accept(before);
  await watcher.checkNow();
  expect(changes()).toBe(1);
});
