import { systemClock } from '../clock.ts';
import { boundedFiles } from './bounded-files.ts';
import type { FileReader } from './file-reader.ts';
import { WorkerFiles } from './worker-files.ts';

/** The only one of the process, so that its threads are shared. */
const threads = new WorkerFiles(systemClock);

/** The files of the machine: regular ones only, each read within a deadline and apart from the others. */
export const nodeFiles: FileReader = boundedFiles(threads, systemClock);

/** Reads that hang now and would hold up the end of the process. */
export function heldReads(): number {
  return threads.held;
}
