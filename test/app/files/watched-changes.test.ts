import {
  appendFileSync,
  mkdirSync,
  mkdtempSync,
  renameSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { FileWatcher } from '../../../src/app/files/file-watcher.ts';
import { nodeFiles } from '../../../src/base/files/node-files.ts';
import { ManualClock } from '../../support/manual-clock.ts';

const root = mkdtempSync(join(tmpdir(), 'exporter-watched-'));
afterAll(() => rmSync(root, { recursive: true }));
const MANY = Array.from({ length: 2000 }, (_, number) => `key-${number}`);

interface Change {
  readonly set: (folder: string) => void;
  /** What changes, one after the other: each of it must be seen. */
  readonly changes: readonly ((folder: string) => void)[];
  readonly names?: readonly string[];
}

const write = (name: string, text: string) => (folder: string) => writeFileSync(join(folder, name), text);
const writeAt = (seconds: number, text: string) => (folder: string) => {
  write('key', text)(folder);
  utimesSync(join(folder, 'key'), seconds, seconds);
};
/** As Kubernetes mounts a secret: `key` leads to `..data/key`, and `..data` to the folder of the present version. */
const version = (number: number) => (folder: string) => {
  mkdirSync(join(folder, `..version-${number}`));
  writeFileSync(join(folder, `..version-${number}`, 'key'), `version ${number}`);
  symlinkSync(`..version-${number}`, join(folder, '..next'));
  renameSync(join(folder, '..next'), join(folder, '..data'));
};

const CHANGES: readonly (readonly [string, Change])[] = [
  ['written in place, with as many bytes', { set: write('key', 'one'), changes: [write('key', 'two')] }],
  ['appended to', { set: write('key', 'one'), changes: [(folder) => appendFileSync(join(folder, 'key'), '!')] }],
  ['written in place, with the time of before', { set: writeAt(1e9, 'one'), changes: [writeAt(1e9, 'two')] }],
  [
    'replaced by another file',
    {
      set: write('key', 'one'),
      changes: [
        (folder) => {
          writeFileSync(join(folder, 'next'), 'two');
          renameSync(join(folder, 'next'), join(folder, 'key'));
        },
      ],
    },
  ],
  [
    'in a secret of Kubernetes',
    {
      set: (folder) => {
        version(1)(folder);
        symlinkSync('..data/key', join(folder, 'key'));
      },
      changes: [version(2), version(3)],
    },
  ],
  [
    'in a folder that is replaced',
    {
      set: write('key', 'one'),
      changes: [
        (folder) => {
          renameSync(folder, `${folder}-before`);
          mkdirSync(folder);
          writeFileSync(join(folder, 'key'), 'two');
        },
      ],
    },
  ],
  [
    'deleted, and made again',
    { set: write('key', 'one'), changes: [(folder) => rmSync(join(folder, 'key')), write('key', 'one')] },
  ],
  [
    'in a folder that was missing, and goes again',
    {
      set: (folder) => rmSync(folder, { recursive: true }),
      changes: [
        (folder) => {
          mkdirSync(folder);
          writeFileSync(join(folder, 'key'), 'one');
        },
        (folder) => rmSync(folder, { recursive: true }),
      ],
    },
  ],
  [
    'one of thousands',
    {
      names: MANY,
      set: (folder) => {
        for (const name of MANY) writeFileSync(join(folder, name), 'one');
      },
      changes: [write('key-0', 'two'), write('key-1999', 'two')],
    },
  ],
];

it.each(CHANGES)(
  'sees at the next look what happens to a file: %s',
  async (title, { set, changes, names = ['key'] }) => {
    const folder = join(root, title);
    mkdirSync(folder);
    set(folder);
    const clock = new ManualClock();
    let changed = 0;
    const watcher = new FileWatcher({
      clock,
      files: nodeFiles,
      paths: () => names.map((name) => join(folder, name)),
      changed: async () => void changed++,
    });
    await watcher.start();
    const look = async () => {
      clock.advanceNow(10_000);
      await watcher.checkNow();
    };
    for (const [index, change] of changes.entries()) {
      // So long that only stamps say whether something has happened.
      for (let looks = 0; looks < 3; looks++) await look();
      expect(changed).toBe(index);
      change(folder);
      await look();
      expect(changed).toBe(index + 1);
    }
    watcher.stop();
  },
);
