import { expect, it } from 'vitest';
import type { Clock } from '../../../src/base/clock.ts';
import { boundedFiles } from '../../../src/base/files/bounded-files.ts';
import { type FileReader, fileFault } from '../../../src/base/files/file-reader.ts';
import { ManualClock } from '../../support/manual-clock.ts';

/** Files that answer only when told to, and how often they were asked. */
function silentFiles() {
  const asked: string[] = [];
  const answers = new Map<string, (text: string) => void>();
  const files: FileReader = {
    readFile(path) {
      asked.push(path);
      return new Promise((resolve) => answers.set(path, (text) => resolve(Buffer.from(text))));
    },
    readdir(path) {
      asked.push(path);
      return new Promise(() => {});
    },
  };
  return { files, asked, answer: (path: string, text: string) => answers.get(path)!(text) };
}

const textOf = async (read: Promise<Uint8Array> | Uint8Array) =>
  await Promise.resolve(read).then((bytes) => Buffer.from(bytes).toString(), fileFault);
const NO_ANSWER = 'does not answer: nothing was read within 10 s';

it('a read that hangs fails after ten seconds, and the others do not wait for it', async () => {
  const clock = new ManualClock();
  const { files, answer } = silentFiles();
  const bounded = boundedFiles(files, clock);
  const hanging = textOf(bounded.readFile('a', 1));
  const good = textOf(bounded.readFile('b', 1));
  const names = Promise.resolve(bounded.readdir('c')).then(String, fileFault);
  await clock.advance(9_999);
  answer('b', 'good');
  expect(await good).toBe('good');
  await clock.advance(1);
  expect([await hanging, await names]).toEqual([NO_ANSWER, NO_ANSWER]);
  expect(clock.timers).toBe(0);
});

it('sets no deadline for an answer that is there at once, and passes on what fails at once', async () => {
  const clock = new ManualClock();
  const files: FileReader = {
    readFile: () => {
      throw new Error('fails at once');
    },
    readdir: () => ['name'],
    stamps: (paths) => paths.map((path) => `stamp of ${path}`),
  };
  const bounded = boundedFiles(files, clock);
  const names = bounded.readdir('folder');
  expect(bounded.stamps!(['a', 'b'])).toEqual(['stamp of a', 'stamp of b']);
  const failed = textOf(bounded.readFile('a', 1));
  expect(clock.timers).toBe(0);
  expect(await names).toEqual(['name']);
  expect(await failed).toBe('cannot be read');
});

it('time in which the process did not run does not count against a file', async () => {
  const clock = new ManualClock();
  const { files, answer } = silentFiles();
  // Each timer is late, as it is where the process gets no turn.
  const busy: Clock = {
    now: () => clock.now(),
    monotonic: () => clock.monotonic(),
    setTimer: (ms, run) => clock.setTimer(ms + 4000, run),
  };
  const bounded = boundedFiles(files, busy);
  const [slow, hanging] = [textOf(bounded.readFile('a', 1)), textOf(bounded.readFile('b', 1))];
  await clock.advance(49_999);
  answer('a', 'good');
  expect(await slow).toBe('good');
  await clock.advance(1);
  expect(await hanging).toBe(NO_ANSWER);
  expect(clock.timers).toBe(0);
});

it('is not begun a second time while it hangs, and is again once it ended', async () => {
  const clock = new ManualClock();
  const { files, asked, answer } = silentFiles();
  const bounded = boundedFiles(files, clock);
  const first = textOf(bounded.readFile('a', 1));
  await clock.advance(10_000);
  expect([await first, await textOf(bounded.readFile('a', 1))]).toEqual([NO_ANSWER, NO_ANSWER]);
  expect(asked).toEqual(['a']);
  answer('a', 'at last');
  await clock.advance(0);
  const again = textOf(bounded.readFile('a', 1));
  await clock.advance(0);
  answer('a', 'new');
  expect(await again).toBe('new');
  expect(asked).toEqual(['a', 'a']);
});

it.each([
  ['each of 2,000 files takes 20 ms, one after the other', 2000, 20],
  ['each of 60 files takes half a second', 60, 500],
])('no file hangs where %s', async (_, count, eachMs) => {
  const clock = new ManualClock();
  let free = 0;
  const slow: FileReader = {
    readFile: (path) => {
      free = Math.max(free, clock.monotonic()) + eachMs;
      return new Promise((resolve) => clock.setTimer(free - clock.monotonic(), () => resolve(Buffer.from(path))));
    },
    readdir: () => [],
  };
  const bounded = boundedFiles(slow, clock);
  const read = Promise.all(Array.from({ length: count }, (_, file) => textOf(bounded.readFile(`file ${file}`, 99))));
  for (let passed = 0; passed < count * eachMs; passed += eachMs) await clock.advance(eachMs);
  expect((await read).filter((text, file) => text !== `file ${file}`)).toEqual([]);
  expect(clock.timers).toBe(0);
});

it('files that hang hold up those behind them for ten seconds, and once', async () => {
  const clock = new ManualClock();
  const { files, asked, answer } = silentFiles();
  const bounded = boundedFiles(files, clock);
  const first = Array.from({ length: 16 }, (_, file) => textOf(bounded.readFile(`${file}`, 1)));
  const [again, behind] = [textOf(bounded.readFile('0', 1)), textOf(bounded.readFile('behind', 1))];
  await clock.advance(9_999);
  expect(asked).toHaveLength(16);
  await clock.advance(1);
  expect([...(await Promise.all(first)), await again]).toEqual(Array(17).fill(NO_ANSWER));
  expect(asked.slice(16)).toEqual(['behind']);
  answer('behind', 'good');
  expect(await behind).toBe('good');
});

it('passes on answers and failures, also those that come at once', async () => {
  const clock = new ManualClock();
  const bounded = boundedFiles(
    {
      readFile: () => Buffer.from('now'),
      readdir() {
        throw Object.assign(new Error('no'), { code: 'ENOENT' });
      },
    },
    clock,
  );
  expect(await textOf(bounded.readFile('a', 1))).toBe('now');
  await expect(async () => bounded.readdir('a')).rejects.toMatchObject({ code: 'ENOENT' });
  expect(clock.timers).toBe(0);
});
