import { readdirSync } from 'node:fs';
import { parentPort } from 'node:worker_threads';
import { errorText, systemErrorCode } from '../errors.ts';
import { FileFault } from './file-reader.ts';
import { readRegularFile } from './regular-file.ts';

/** One read at a time, on the thread of a `WorkerFiles`. */
export type FileQuestion =
  | { readonly kind: 'file'; readonly path: string; readonly limit: number }
  | { readonly kind: 'names'; readonly path: string };

/** `code`: the system's, or with `fault` that of a `FileFault`. */
export type FileAnswer =
  | { readonly ok: true; readonly value: Uint8Array | readonly string[] }
  | { readonly ok: false; readonly fault: boolean; readonly code: string | null; readonly message: string };

parentPort?.on('message', (question: FileQuestion) => parentPort?.postMessage(answer(question)));

function answer(question: FileQuestion): FileAnswer {
  const { path } = question;
  try {
    // A buffer's own memory may be larger than what was read into it.
    const value = question.kind === 'names' ? readdirSync(path) : new Uint8Array(readRegularFile(path, question.limit));
    return { ok: true, value };
  } catch (error) {
    const fault = error instanceof FileFault;
    return { ok: false, fault, code: systemErrorCode(error), message: errorText(error) };
  }
}
