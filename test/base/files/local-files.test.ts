import { lstatSync, mkdirSync, mkdtempSync, rmSync, statSync, symlinkSync, unlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { fileStampSync, NO_FILE } from '../../../src/base/files/file-stamp.ts';
import { LocalFiles, type PathFacts } from '../../../src/base/files/local-files.ts';
import { ManualClock } from '../../support/manual-clock.ts';

const directory = mkdtempSync(join(tmpdir(), 'exporter-local-'));
afterAll(() => rmSync(directory, { recursive: true }));
const at = (name: string) => join(directory, name);
mkdirSync(at('remote'));
const NAMES = ['one', 'two', 'remote-one', 'remote/link', 'gone'];
for (const name of NAMES) writeFileSync(at(name), name);
symlinkSync(at('remote/nothing'), at('dangling'));

const EXT4 = 0xef53;
const NFS = 0x6969;
const FAR = 1;
const isRemote = (path: string) => /remote(-one)?$/.test(path);

/** Local files, apart from those whose path ends as that of a network disk, and what was asked of file systems. */
function files(more: Partial<PathFacts> = {}) {
  const asked: string[] = [];
  const facts: PathFacts = {
    stat: async (path) => {
      asked.push(path);
      const { dev } = statSync(path);
      return { dev: isRemote(path) ? FAR : dev };
    },
    lstat: async (path) => lstatSync(path),
    statfs: async (path) => ({ type: isRemote(path) ? NFS : EXT4 }),
    ...more,
  };
  const clock = new ManualClock();
  return { clock, asked, files: new LocalFiles(clock, facts) };
}

describe('looks at once', () => {
  it.each([
    ['not at what it knows nothing of', ['one'], [], false],
    ['at local files', ['one', 'two'], ['one', 'two'], true],
    ['not where one is unknown', ['one', 'two'], ['one'], false],
    ['not where one lies on a network disk', ['one', 'remote-one'], ['one', 'remote-one'], false],
    ['not through a folder on a network disk', ['remote/link'], ['remote/link'], false],
    ['at what is not there', ['one', 'none'], ['one', 'none'], true],
    ['not where the folder is not there', ['one', 'none/none'], ['one', 'none/none'], false],
    ['not at what is not on a network disk', ['remote/none'], ['remote/none'], false],
    ['not through a link that leads nowhere', ['dangling'], ['dangling'], false],
  ] as const)('%s', async (_, looked, decided, expected) => {
    const local = files().files;
    await local.decide(decided.map(at));
    const stamps = local.stamps(looked.map(at));
    expect(stamps).toEqual(expected ? looked.map((name) => fileStampSync(at(name))) : null);
  });
});

it('asks about each path and each folder once', async () => {
  const { files: local, asked } = files();
  await local.decide(local.undecided(['one', 'two', 'remote-one', 'none'].map(at)));
  expect(asked).toEqual([directory, ...['one', 'two', 'remote-one', 'none'].map(at)]);
  // What lies elsewhere is decided, too.
  expect(local.undecided(['one', 'two', 'remote-one', 'none', 'none/none', 'dangling'].map(at))).toEqual(
    ['none/none', 'dangling'].map(at),
  );
});

it('forgets a path that nobody looks at any more, such as the key of an environment that has left', async () => {
  const { files: local } = files();
  await local.decide(['one', 'two'].map(at));
  expect(local.undecided(['one', 'two'].map(at))).toEqual([]);
  expect(local.undecided([at('two')])).toEqual([]);
  expect(local.undecided(['one', 'two'].map(at))).toEqual([at('one')]);
});

it('decides nothing about a path of which nobody knows whether it is there', async () => {
  const lstat = () => Promise.reject(Object.assign(new Error('not for you'), { code: 'EACCES' }));
  const { files: local } = files({ lstat });
  await local.decide([at('none')]);
  expect(local.undecided([at('none')])).toEqual([at('none')]);
  expect(local.stamps([at('none')])).toBeNull();
});

it('asks anew about a path that has gone', async () => {
  const { files: local } = files();
  await local.decide([at('gone')]);
  unlinkSync(at('gone'));
  expect(local.stamps([at('gone')])).toEqual([NO_FILE]);
  expect(local.undecided([at('gone')])).toEqual([at('gone')]);
});

it('asks anew about a path that has come, and about one that cannot be looked at any more', async () => {
  const { files: local } = files();
  const paths = ['comes', 'turns'].map(at);
  writeFileSync(at('turns'), '');
  await local.decide(paths);
  writeFileSync(at('comes'), '');
  unlinkSync(at('turns'));
  symlinkSync(at('turns'), at('turns'));
  expect(local.stamps(paths)).toEqual([fileStampSync(at('comes')), null]);
  expect(local.undecided(paths)).toEqual(paths);
});

it('asks anew about a link that leads to another device', async () => {
  const { files: local } = files();
  symlinkSync(at('one'), at('link'));
  await local.decide([at('link')]);
  expect(local.stamps([at('link')])).toEqual([fileStampSync(at('one'))]);
  unlinkSync(at('link'));
  symlinkSync('/proc/self/status', at('link'));
  expect(local.stamps([at('link')])).not.toBeNull();
  expect(local.stamps([at('link')])).toBeNull();
  expect(local.undecided([at('link')])).toEqual([at('link')]);
});

it.each([
  [100, true],
  [101, false],
])('after a look that took %i ms, looks at once: %s', async (tookMs, isLocal) => {
  const { files: local, clock } = files();
  const paths = ['one', 'two'].map(at);
  await local.decide(paths);
  const monotonic = clock.monotonic.bind(clock);
  // Between the beginning and the end of the look.
  clock.monotonic = () => {
    const now = monotonic();
    clock.advanceNow(tookMs);
    return now;
  };
  expect(local.stamps(paths)).toHaveLength(2);
  clock.monotonic = monotonic;
  expect(local.stamps(paths) !== null).toBe(isLocal);
});
