import { readdirSync, statSync } from 'node:fs';
import { parentPort } from 'node:worker_threads';
import { errorText, systemErrorCode } from '../errors.ts';
import { FileFault } from './file-reader.ts';
import { readRegularFile } from './regular-file.ts';

/** One read at a time, on the thread of a `WorkerFiles`. */
export type FileQuestion =
  | { readonly kind: 'file'; readonly path: string; readonly limit: number }
  | { readonly kind: 'names'; readonly path: string }
  | { readonly kind: 'stamps'; readonly paths: readonly string[] };

/** `code`: the system's code or, with `fault`, that of a `FileFault`. */
export type FileAnswer =
  | { readonly ok: true; readonly value: Uint8Array | readonly (string | null)[] }
  | { readonly ok: false; readonly fault: boolean; readonly code: string | null; readonly message: string };

parentPort?.on('message', (question: FileQuestion) => parentPort?.postMessage(answer(question)));

function answer(question: FileQuestion): FileAnswer {
  try {
    return { ok: true, value: asked(question) };
  } catch (error) {
    const fault = error instanceof FileFault;
    return { ok: false, fault, code: systemErrorCode(error), message: errorText(error) };
  }
}

function asked(question: FileQuestion): Uint8Array | readonly (string | null)[] {
  if (question.kind === 'stamps') return question.paths.map(stampOf);
  if (question.kind === 'names') return readdirSync(question.path);
  // The memory behind a buffer may be larger than what was read into it.
  return new Uint8Array(readRegularFile(question.path, question.limit));
}

/** A link gives the stamp of the file that it leads to. */
function stampOf(path: string): string | null {
  try {
    const { dev, ino, size, mtimeNs, ctimeNs } = statSync(path, { bigint: true });
    return [dev, ino, size, mtimeNs, ctimeNs].join();
  } catch {
    return null;
  }
}
