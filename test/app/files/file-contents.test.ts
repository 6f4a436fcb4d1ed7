import { expect, it } from 'vitest';
import { FileContents } from '../../../src/app/files/file-contents.ts';
import { NO_FILE } from '../../../src/base/files/file-stamp.ts';
import { ManualClock } from '../../support/manual-clock.ts';

/** Files in memory with a clock for stamps, which may be coarse. */
function filesWith(stamps: 'exact' | 'none' | 'hanging' = 'exact') {
  const clock = new ManualClock();
  const contents = new Map<string, { text: string; stamp: string | null }>();
  const counts = { reads: 0, looks: 0 };
  const files = {
    readFile(path: string) {
      counts.reads++;
      const file = contents.get(path);
      if (file === undefined) throw Object.assign(new Error('gone'), { code: 'ENOENT' });
      return Buffer.from(file.text);
    },
    readdir: () => [],
    ...(stamps !== 'none' && {
      async stamps(paths: readonly string[]) {
        counts.looks++;
        if (stamps === 'hanging') throw new Error('does not answer');
        return paths.map((path) => contents.get(path)?.stamp ?? null);
      },
    }),
  };
  const write = (path: string, text: string, stamp = text) => contents.set(path, { text, stamp });
  return { clock, files, counts, write, remove: (path: string) => contents.delete(path) };
}

it('reads an idle file twice and then only looks at its stamp, for ten minutes', async () => {
  const { clock, files, counts, write } = filesWith();
  write('key', 'one');
  const contents = new FileContents(files, clock);
  const first = await contents.of(['key']);
  for (let minute = 0; minute < 10; minute++) {
    for (let look = 0; look < 6; look++) {
      await clock.advance(10_000);
      expect(await contents.of(['key'])).toEqual(first);
    }
    expect(counts.reads).toBe(2);
  }
  await clock.advance(10_000);
  await contents.of(['key']);
  expect(counts).toEqual({ reads: 3, looks: 62 });
});

it('reads 200 idle files with one look at all of them', async () => {
  const { clock, files, counts, write } = filesWith();
  const paths = Array.from({ length: 200 }, (_, number) => `key-${number}`);
  for (const path of paths) write(path, path);
  const contents = new FileContents(files, clock);
  for (let look = 0; look < 2; look++) {
    await contents.of(paths);
    await clock.advance(10_000);
  }
  Object.assign(counts, { reads: 0, looks: 0 });
  for (let look = 0; look < 6; look++) {
    await contents.of(paths);
    await clock.advance(10_000);
  }
  expect(counts).toEqual({ reads: 0, looks: 6 });
  const before = await contents.of(paths);
  expect(await contents.of(paths)).toBe(before);
  expect(await contents.of([...paths.slice(1), 'another'])).not.toEqual(before);
  expect(await contents.of(paths)).toEqual(before);
});

it('knows at once that nothing has changed, where stamps are there at once', async () => {
  const { clock, files, write } = filesWith();
  for (const path of ['one', 'two']) write(path, path);
  const contents = new FileContents({ ...files, stamps: (paths) => paths.map((path) => `stamp of ${path}`) }, clock);
  await contents.of(['one', 'two']);
  await clock.advance(10_000);
  const known = await contents.of(['one', 'two']);
  expect(contents.of(['one', 'two'])).toBe(known);
  expect(contents.of(['one'])).toBeInstanceOf(Promise);
  await clock.advance(600_000);
  expect(contents.of(['one', 'two'])).toBeInstanceOf(Promise);
});

it('reads a file that is not there no more than one that is there, and sees at the next look that it has come', async () => {
  const { clock, files, counts, write } = filesWith();
  const stamps = async (paths: readonly string[]) => {
    const known = await files.stamps!(paths);
    return known.map((stamp) => stamp ?? NO_FILE);
  };
  const contents = new FileContents({ ...files, stamps }, clock);
  for (let look = 0; look < 60; look++) {
    expect([...(await contents.of(['key'])).values()]).toEqual(['unreadable: ENOENT']);
    await clock.advance(10_000);
  }
  expect(counts.reads).toBe(2);
  write('key', 'one');
  expect([...(await contents.of(['key'])).values()]).not.toEqual(['unreadable: ENOENT']);
});

it('tells of a file that cannot be read, and is not among those that are asked for next', async () => {
  const { clock, files, write } = filesWith();
  for (const path of ['one', 'two']) write(path, path);
  const contents = new FileContents(files, clock);
  const all = ['one', 'two', 'gone'];
  for (let look = 0; look < 3; look++) {
    await contents.of(all);
    await clock.advance(10_000);
  }
  expect([...(await contents.of(all)).keys()].sort()).toEqual(all.toSorted());
  expect([...(await contents.of(all.slice(0, 2))).keys()]).toEqual(['one', 'two']);
  const other = await contents.of(['one', 'three']);
  expect([...other.keys()].sort()).toEqual(['one', 'three']);
});

it.each(['exact', 'none', 'hanging'] as const)(
  'sees every change at the next look, with stamps: %s',
  async (stamps) => {
    const { clock, files, write, remove } = filesWith(stamps);
    const contents = new FileContents(files, clock);
    const seen: (string | undefined)[] = [];
    const look = async () => seen.push((await contents.of(['key'])).get('key'));
    for (const text of ['one', 'two', 'one', 'three']) {
      write('key', text);
      await look();
      await clock.advance(60_000);
      await look();
    }
    remove('key');
    await look();
    write('key', 'three');
    await look();
    const [one, , two, , , , three] = seen;
    expect(new Set([one, two, three, 'unreadable: ENOENT']).size).toBe(4);
    expect(seen).toEqual([one, one, two, two, one, one, three, three, 'unreadable: ENOENT', three]);
  },
);

it('sees a second change that has the stamp of the first', async () => {
  const { clock, files, write } = filesWith();
  const contents = new FileContents(files, clock);
  write('key', 'one', '12:00:00');
  const first = await contents.of(['key']);
  write('key', 'two', '12:00:00');
  await clock.advance(10_000);
  expect(await contents.of(['key'])).not.toEqual(first);
});

it('sees a change without a new stamp within ten minutes', async () => {
  const { clock, files, write } = filesWith();
  const contents = new FileContents(files, clock);
  write('key', 'one', 'always');
  await contents.of(['key']);
  await clock.advance(10_000);
  const before = await contents.of(['key']);
  write('key', 'two', 'always');
  await clock.advance(600_000);
  expect(await contents.of(['key'])).not.toEqual(before);
});

it('keeps nothing of a failed read', async () => {
  const { clock, files, write } = filesWith();
  const contents = new FileContents(files, clock);
  write('key', 'one');
  await contents.of(['key']);
  await clock.advance(10_000);
  const known = await contents.of(['key']);
  const { readFile } = files;
  write('key', 'one', 'moved');
  files.readFile = () => {
    throw Object.assign(new Error('broken disk'), { code: 'EIO' });
  };
  expect((await contents.of(['key'])).get('key')).toBe('unreadable: EIO');
  files.readFile = readFile;
  expect(await contents.of(['key'])).toEqual(known);
});
