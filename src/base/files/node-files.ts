import { systemClock } from '../clock.ts';
import { boundedFiles } from './bounded-files.ts';
import type { FileReader } from './file-reader.ts';
import { PoolFiles } from './pool-files.ts';
import { WorkerFiles } from './worker-files.ts';

/** One per process, so that all readers share its threads. */
const threads = new PoolFiles(systemClock, () => new WorkerFiles(systemClock));

/** The files of the machine: regular files only, each read with a deadline and independent of the others. */
export const nodeFiles: FileReader = boundedFiles(threads, systemClock);

/** Reads that hang now and would delay the end of the process. */
export function heldReads(): number {
  return threads.held;
}
