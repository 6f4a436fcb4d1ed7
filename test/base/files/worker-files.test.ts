import { once } from 'node:events';
import { mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Worker } from 'node:worker_threads';
import { afterAll, expect, it } from 'vitest';
import { fileFault } from '../../../src/base/files/file-reader.ts';
import { NO_FILE } from '../../../src/base/files/file-stamp.ts';
import { WorkerFiles } from '../../../src/base/files/worker-files.ts';
import { ManualClock } from '../../support/manual-clock.ts';
import { waitUntil } from '../../support/wait-until.ts';

const directory = mkdtempSync(join(tmpdir(), 'exporter-threads-'));
afterAll(() => rmSync(directory, { recursive: true }));

/** A thread that answers with the path, that hangs for paths with `hang` in them, and dies of `die`. */
const ODD_THREAD = new URL(
  `data:text/javascript,${encodeURIComponent(`
    import { parentPort } from 'node:worker_threads';
    parentPort.on('message', ({ path }) => {
      if (path.includes('hang')) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
      if (path === 'die') process.exit(1);
      if (path === 'throw') throw new Error('broken');
      parentPort.postMessage({ ok: true, value: Buffer.from(path) });
    });
    parentPort.postMessage('ready');
  `)}`,
);

/** A thread that is never ready. */
const STUCK_THREAD = new URL(
  `data:text/javascript,${encodeURIComponent('Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);')}`,
);

/** The thread that is started next. */
const nextThread = () => new Promise<Worker>((started) => process.once('worker', started));

function threads(module = ODD_THREAD) {
  const clock = new ManualClock();
  const files = new WorkerFiles(clock, module);
  const read = async (path: string) =>
    await files.readFile(path, 1).then((bytes) => Buffer.from(bytes).toString(), fileFault);
  const untilHeld = (count: number) => waitUntil(() => files.held === count, { meanwhile: () => clock.advance(100) });
  return { clock, files, read, untilHeld };
}

it('a read that hangs holds its own thread only', async () => {
  const { files, read, untilHeld } = threads();
  const ended: string[] = [];
  for (const path of ['hang-1', 'hang-2', 'hang-3', 'hang-4', 'hang-5']) void read(path).then((end) => ended.push(end));
  const good = read('good');
  await untilHeld(5);
  expect(await good).toBe('good');
  expect({ ended, held: files.held }).toEqual({ ended: [], held: 5 });
});

it('says that it does not try when too many threads are held', async () => {
  const { read, untilHeld } = threads();
  for (let count = 0; count < 16; count++) void read(`hang-${count}`);
  const next = read('good');
  await untilHeld(16);
  expect(await next).toBe('is not read: 16 other files do not answer');
});

it('a thread may take five seconds to start, and holds nothing meanwhile', async () => {
  const { clock, files, read } = threads(STUCK_THREAD);
  void read('one');
  await clock.advance(4900);
  expect(files.held).toBe(0);
  await clock.advance(100);
  expect(files.held).toBe(1);
});

it.each(['die', 'throw'])('a thread that ends is replaced: %s', async (path) => {
  const { read } = threads();
  const [broken, good] = await Promise.all([read(path), read('good')]);
  expect(broken).toBe('cannot be read');
  expect(good).toBe('good');
});

it('ends its thread when it is told to rest, and starts another for the next read', async () => {
  const { files, read } = threads();
  const thread = nextThread();
  expect(await read('one')).toBe('one');
  files.rest();
  await once(await thread, 'exit');
  files.rest();
  expect(await read('two')).toBe('two');
});

it('does not rest in the middle of a read', async () => {
  const { files, read } = threads();
  const reading = read('one');
  files.rest();
  expect(await reading).toBe('one');
});

it('one thread reads many files, in order', async () => {
  const files = new WorkerFiles(new ManualClock());
  const paths = Array.from({ length: 20 }, (_, index) => join(directory, `${index}`));
  for (const [index, path] of paths.entries()) writeFileSync(path, `content ${index}`);
  const read = await Promise.all(paths.map((path) => files.readFile(path, 100)));
  expect(read.map((bytes) => Buffer.from(bytes).toString())).toEqual(paths.map((_, index) => `content ${index}`));
});

it('gives each file a stamp that changes with it, one to all that are not there, and null to what cannot be looked at', async () => {
  const files = new WorkerFiles(new ManualClock());
  const at = (name: string) => join(directory, name);
  for (const name of ['written', 'replaced', 'other', 'same']) writeFileSync(at(name), name);
  symlinkSync(at('same'), at('link'));
  symlinkSync(at('round'), at('round'));
  const paths = [...['written', 'replaced', 'same', 'link'].map(at), at('none'), at('same/none'), at('round')];
  const before = await files.stamps(paths);
  expect(before.slice(4)).toEqual([NO_FILE, NO_FILE, null]);
  expect(new Set(before).size).toBe(5);
  writeFileSync(at('written'), 'longer than before');
  renameSync(at('other'), at('replaced'));
  // As a mounted secret changes: the link leads elsewhere.
  symlinkSync(at('replaced'), at('new-link'));
  renameSync(at('new-link'), at('link'));
  const after = await files.stamps(paths);
  expect(after.map((stamp, index) => stamp === before[index])).toEqual([false, false, true, false, true, true, true]);
});
