import { lstatSync, mkdtempSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it, vi } from 'vitest';
import { fileStampSync } from '../../../src/base/files/file-stamp.ts';
import { LocalFiles } from '../../../src/base/files/local-files.ts';
import { PoolFiles, type ReadsElsewhere } from '../../../src/base/files/pool-files.ts';
import { WorkerFiles } from '../../../src/base/files/worker-files.ts';
import { ManualClock } from '../../support/manual-clock.ts';

const directory = mkdtempSync(join(tmpdir(), 'exporter-pool-'));
afterAll(() => rmSync(directory, { recursive: true }));
const at = (name: string) => join(directory, name);
for (let file = 0; file < 40; file++) writeFileSync(at(`${file}`), `content ${file}`);
symlinkSync(at('1'), at('link'));

const TYPES = { ext4: 0xef53, nfs: 0x6969 };

/** Files on a disk of a kind that say where they were read, and how often another way was made and put to rest. */
function pool(disk: keyof typeof TYPES = 'nfs') {
  const clock = new ManualClock();
  let made = 0;
  let rests = 0;
  const elsewhere: ReadsElsewhere & { held: number } = {
    held: 0,
    rest: () => void rests++,
    readFile: () => Buffer.from('elsewhere'),
    readdir: () => ['elsewhere'],
    stamps: async () => ['elsewhere'],
  };
  const facts = {
    stat: async (path: string) => statSync(path),
    lstat: async (path: string) => lstatSync(path),
    statfs: async () => ({ type: TYPES[disk] }),
  };
  const make = () => {
    made++;
    return elsewhere;
  };
  const files = new PoolFiles(clock, make, new LocalFiles(clock, facts));
  const read = async (name: string) => Buffer.from(await files.readFile(at(name), 100)).toString();
  /** A read here that is slow, and has not ended. */
  const slowRead = async (name: string) => {
    const reading = read(name);
    await Promise.resolve();
    clock.advanceNow(500);
    return { reading };
  };
  return { clock, files, read, slowRead, elsewhere, made: () => made, rests: () => rests };
}

it('reads what answers without another thread, in the order asked for', async () => {
  const { clock, files, read, made } = pool();
  const names = Array.from({ length: 16 }, (_, file) => `${file}`);
  expect(await Promise.all(names.map(read))).toEqual(names.map((name) => `content ${name}`));
  expect(await files.readdir(directory)).toContain('39');
  await expect(read('none')).rejects.toMatchObject({ code: 'ENOENT' });
  expect({ made: made(), held: files.held, timers: clock.timers }).toEqual({ made: 0, held: 0, timers: 0 });
});

it.each(['ext4', 'nfs'] as const)('gives a few files on %s the stamps that a thread of its own gives', async (disk) => {
  const { files, made } = pool(disk);
  const paths = ['1', 'link', 'none', '1/below'].map(at);
  expect(await files.stamps(paths)).toEqual(await new WorkerFiles(new ManualClock()).stamps(paths));
  expect(made()).toBe(0);
});

const MANY = Array.from({ length: 17 }, (_, file) => at(`${file}`));

it('looks at many files on a network disk elsewhere', async () => {
  const { files, made } = pool();
  expect(await files.stamps(MANY)).toEqual(['elsewhere']);
  expect(made()).toBe(1);
});

it('looks at many local files without another thread, also while a read is slow', async () => {
  const { files, slowRead, made, clock } = pool('ext4');
  expect(await files.stamps(MANY)).toEqual(MANY.map(fileStampSync));
  // From then on at once.
  expect(files.stamps(MANY)).toEqual(MANY.map(fileStampSync));
  expect({ made: made(), timers: clock.timers }).toEqual({ made: 0, timers: 0 });
  const { reading } = await slowRead('1');
  expect(files.stamps(MANY)).toEqual(MANY.map(fileStampSync));
  await reading;
});

it('while a read is slow, looks elsewhere at what it does not know', async () => {
  const { files, slowRead } = pool('ext4');
  const { reading } = await slowRead('1');
  expect(await files.stamps(['1', '2'].map(at))).toEqual(['elsewhere']);
  await reading;
  expect(await files.stamps(['1', '2'].map(at))).toEqual(['1', '2'].map(at).map(fileStampSync));
});

it('lets one slow read be, and makes all others elsewhere until it ends', async () => {
  const { clock, files, read, made } = pool();
  // Half a second passes before the first answer can be taken.
  const slow = read('1');
  const waiting = read('2');
  await Promise.resolve();
  expect(clock.timers).toBe(1);
  clock.advanceNow(500);
  expect(files.held).toBe(1);
  expect(await waiting).toBe('elsewhere');
  expect(await slow).toBe('content 1');
  expect(await read('3')).toBe('content 3');
  expect({ made: made(), held: files.held }).toEqual({ made: 1, held: 0 });
});

it('reads elsewhere as long as a read hangs there', async () => {
  const { files, read, slowRead, elsewhere } = pool();
  const { reading } = await slowRead('1');
  expect(await read('2')).toBe('elsewhere');
  elsewhere.held = 2;
  await reading;
  expect(files.held).toBe(2);
  expect(await read('3')).toBe('elsewhere');
  elsewhere.held = 0;
  expect(await read('4')).toBe('content 4');
});

it.each([
  {
    use: 'a slow read',
    begin: async ({ slowRead, read }: ReturnType<typeof pool>) => {
      const { reading } = await slowRead('1');
      await read('2');
      await reading;
    },
  },
  { use: 'many files', begin: async ({ files }: ReturnType<typeof pool>) => void (await files.stamps(MANY)) },
])('puts what it needed for $use to rest after a minute without use, at the next look', async ({ begin }) => {
  const used = pool();
  await begin(used);
  used.clock.advanceNow(59_999);
  await used.files.stamps(['1'].map(at));
  expect(used.rests()).toBe(0);
  used.clock.advanceNow(1);
  await used.files.stamps(['1'].map(at));
  expect(used.rests()).toBeGreaterThan(0);
});

it('calls no read slow for the time in which the process stood still', async () => {
  const { clock, files, read, made } = pool();
  // What fell due meanwhile runs afterwards.
  const due: (() => void)[] = [];
  const setTimer = clock.setTimer.bind(clock);
  vi.spyOn(clock, 'setTimer').mockImplementation((delayMs, run) => setTimer(delayMs, () => due.push(run)));
  const slow = read('1');
  await Promise.resolve();
  clock.advanceNow(10_000);
  expect(due).toHaveLength(1);
  for (const run of due.splice(0)) run();
  expect({ made: made(), held: files.held }).toEqual({ made: 0, held: 0 });
  expect(await slow).toBe('content 1');
});
