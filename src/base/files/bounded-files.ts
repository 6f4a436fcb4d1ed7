import type { CancelTimer, Clock } from '../clock.ts';
import { WaitQueue } from '../wait-queue.ts';
import { FileFault, type FileReader } from './file-reader.ts';

/** How long a read may take before it counts as failed, ms. */
const READ_DEADLINE_MS = 10_000;
/**
 * The deadline is counted in steps, and a step that ends late counts as one: time in which this process did not run,
 * because the machine was busy or asleep, is not the file's fault.
 */
const STEP_MS = 1000;
/**
 * This many files are read at once; the deadlines of the others begin later. `PoolFiles` reads them one after the other and
 * gives each at most half a second, so the last of these still begins within its deadline.
 */
const MOST_AT_ONCE = 16;

/**
 * The same files, with a deadline for each read. While a read hangs, the next read of the same path fails at once: a
 * caller that reads every ten seconds must not pile up reads, and a reload that reads twice must not wait twice.
 */
export function boundedFiles(files: FileReader, clock: Clock): FileReader {
  const hanging = new Set<string>();
  const waiting = new WaitQueue();
  let begun = 0;

  function bounded<T>(path: string, read: () => Promise<T> | T): Promise<T> | T {
    if (hanging.has(path)) return Promise.reject(noAnswer());
    const reading = read();
    // A result that is there at once, as for nearly every check of the watched files, needs no deadline.
    return reading instanceof Promise ? inTime(path, reading) : reading;
  }

  /** Waits for its turn first: thousands of files on a slow disk take longer than a deadline, although none hangs. */
  async function inTurn(path: string, limit: number): Promise<Uint8Array> {
    if (begun >= MOST_AT_ONCE) await waiting.wait();
    else begun++;
    try {
      return await bounded(path, () => files.readFile(path, limit));
    } finally {
      if (waiting.length > 0) waiting.releaseFirst();
      else begun--;
    }
  }

  async function inTime<T>(path: string, reading: Promise<T>): Promise<T> {
    let late: (reason: FileFault) => void = () => {};
    const deadline = new Promise<never>((_, reject) => {
      late = reject;
    });
    let cancel: CancelTimer = () => {};
    const wait = (leftMs: number) => {
      if (leftMs > 0) {
        const stepMs = Math.min(STEP_MS, leftMs);
        cancel = clock.setTimer(stepMs, () => wait(leftMs - stepMs));
        return;
      }
      hanging.add(path);
      const over = () => hanging.delete(path);
      reading.then(over, over);
      late(noAnswer());
    };
    wait(READ_DEADLINE_MS);
    try {
      return await Promise.race([reading, deadline]);
    } finally {
      cancel();
    }
  }

  return {
    // While one file hangs, the stamps of all files cannot be read, and the caller has to do without them. The key is '',
    // which is never the path of a file.
    ...(files.stamps && { stamps: (paths: readonly string[]) => bounded('', () => files.stamps!(paths)) }),
    readFile: inTurn,
    readdir: async (path) => bounded(path, () => files.readdir(path)),
  };
}

function noAnswer(): FileFault {
  return new FileFault('file_hangs', `does not answer: nothing was read within ${READ_DEADLINE_MS / 1000} s`);
}
