import { expect, it } from 'vitest';
import { FileWatcher } from '../../../src/app/files/file-watcher.ts';
import { ManualClock } from '../../support/manual-clock.ts';

/** A watcher of files in memory; `reload` is what it calls. */
function watching(reload: (watcher: FileWatcher, contents: Map<string, string>) => Promise<void> = async () => {}) {
  const contents = new Map([
    ['config', 'one'],
    ['key', 'one'],
  ]);
  const clock = new ManualClock();
  const calls = { paths: ['config', 'key'], reloads: 0 };
  const watcher: FileWatcher = new FileWatcher({
    clock,
    files: {
      readFile(path) {
        const content = contents.get(path);
        if (content === undefined) throw Object.assign(new Error('gone'), { code: 'ENOENT' });
        return Buffer.from(content);
      },
      readdir: () => [],
    },
    paths: () => calls.paths,
    async changed() {
      calls.reloads++;
      await reload(watcher, contents);
    },
  });
  return { watcher, contents, clock, calls };
}

it('calls once for each change, every ten seconds, and for nothing else', async () => {
  const { watcher, contents, clock, calls } = watching();
  await watcher.start();
  await clock.advance(60_000);
  expect(calls.reloads).toBe(0);
  contents.set('key', 'two');
  await clock.advance(10_000);
  await clock.advance(60_000);
  expect(calls.reloads).toBe(1);
  contents.delete('key');
  await clock.advance(10_000);
  contents.set('key', 'two');
  await clock.advance(10_000);
  expect(calls.reloads).toBe(3);
});

it('knows nothing before it starts and is silent after it stops', async () => {
  const { watcher, contents, clock, calls } = watching();
  await watcher.checkNow();
  await watcher.start();
  watcher.stop();
  contents.set('key', 'two');
  await watcher.checkNow();
  await clock.advance(60_000);
  expect({ reloads: calls.reloads, timers: clock.timers }).toEqual({ reloads: 0, timers: 0 });
});

it('does not start when it was stopped before', async () => {
  const { watcher, clock } = watching();
  const started = watcher.start();
  watcher.stop();
  await started;
  expect(clock.timers).toBe(0);
});

it('calls again for a file that changed while it was reloaded', async () => {
  const { watcher, contents, clock, calls } = watching(async (self, files) => {
    const before = await self.contents();
    // The reload has read it, and now it changes.
    if (calls.reloads === 1) files.set('key', 'three');
    await self.accept(before);
  });
  await watcher.start();
  contents.set('key', 'two');
  await clock.advance(10_000);
  await clock.advance(10_000);
  await clock.advance(60_000);
  expect(calls.reloads).toBe(2);
});

it('follows another list of files without missing a change of the others', async () => {
  const { watcher, contents, clock, calls } = watching();
  await watcher.start();
  contents.set('other', 'one');
  contents.set('config', 'two');
  calls.paths = ['config', 'other'];
  await watcher.refreshPaths();
  await clock.advance(10_000);
  expect(calls.reloads).toBe(1);
  await clock.advance(60_000);
  expect(calls.reloads).toBe(1);
});

it('plans the next look before a promise is settled, where nothing has changed and stamps are there at once', async () => {
  const { contents, clock, calls } = watching();
  const watcher = new FileWatcher({
    clock,
    files: {
      readFile: (path) => Buffer.from(contents.get(path)!),
      readdir: () => [],
      stamps: (paths) => paths.map((path) => contents.get(path)!),
    },
    paths: () => calls.paths,
    changed: async () => void calls.reloads++,
  });
  await watcher.start();
  await clock.advance(20_000);
  clock.advanceNow(60_000);
  expect(clock.timers).toBe(1);
  contents.set('key', 'two');
  await clock.advance(10_000);
  expect(calls.reloads).toBe(1);
});
