import { readdirSync } from 'node:fs';
import { parentPort } from 'node:worker_threads';
import { errorText, systemErrorCode } from '../errors.ts';
import { FileFault } from './file-reader.ts';
import { fileStampSync } from './file-stamp.ts';
import { readRegularFileSync } from './regular-file.ts';

/** One read at a time, on the thread of a `WorkerFiles`. */
export type FileQuestion =
  | { readonly kind: 'file'; readonly path: string; readonly limit: number }
  | { readonly kind: 'names'; readonly path: string }
  | { readonly kind: 'stamps'; readonly paths: readonly string[] };

/** `code`: the system's code or, with `fault`, that of a `FileFault`. */
export type FileAnswer =
  | { readonly ok: true; readonly value: Uint8Array | readonly (string | null)[] }
  | { readonly ok: false; readonly fault: boolean; readonly code: string | null; readonly message: string };

/** The first message of a thread: it has started, and reads from now on. */
export type FileThreadReady = 'ready';

parentPort?.on('message', (question: FileQuestion) => parentPort?.postMessage(answer(question)));
parentPort?.postMessage('ready' satisfies FileThreadReady);

function answer(question: FileQuestion): FileAnswer {
  try {
    return { ok: true, value: asked(question) };
  } catch (error) {
    const fault = error instanceof FileFault;
    return { ok: false, fault, code: systemErrorCode(error), message: errorText(error) };
  }
}

function asked(question: FileQuestion): Uint8Array | readonly (string | null)[] {
  if (question.kind === 'stamps') return question.paths.map(fileStampSync);
  if (question.kind === 'names') return readdirSync(question.path);
  return readRegularFileSync(question.path, question.limit);
}
