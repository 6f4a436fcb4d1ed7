import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import { FileFault, type FileReader } from '../../base/files.ts';
import { packed } from './carried.ts';
import { type LoadOptions, loadConfig } from './load-config.ts';
import type { FileAnswer, FileQuestion } from './load-thread.ts';

/** How many environments are in a slice: the main thread takes a slice in a few milliseconds. */
const SLICE = 250;

const { options, results } = workerData as { readonly options: LoadOptions; readonly results: MessagePort };
const waiting = new Map<number, PromiseWithResolvers<Uint8Array | readonly string[]>>();
let asked = 0;

/** The main thread reads the files: there a disk that hangs holds nothing else. */
function ask(question: Omit<FileQuestion, 'id'>): Promise<Uint8Array | readonly string[]> {
  const id = asked++;
  const answer = Promise.withResolvers<Uint8Array | readonly string[]>();
  waiting.set(id, answer);
  parentPort!.postMessage({ ...question, id });
  return answer.promise;
}

const files: FileReader = {
  readFile: (path, limit) => ask({ kind: 'file', path, limit }) as Promise<Uint8Array>,
  readdir: (path) => ask({ kind: 'names', path, limit: 0 }) as Promise<readonly string[]>,
};

parentPort!.on('message', ({ id, value, error }: FileAnswer) => {
  const answer = waiting.get(id)!;
  waiting.delete(id);
  if (error === null) answer.resolve(value!);
  else answer.reject(errorOf(error));
});

function errorOf({ fault, message, ...fields }: NonNullable<FileAnswer['error']>): Error {
  return fault ? new FileFault(fields.code ?? 'file_fault', message) : Object.assign(new Error(message), fields);
}

/** The head of the result, then its environments in slices. */
async function load(): Promise<void> {
  const result = await loadConfig({ ...options, files });
  const environments = result.ok ? result.config.environments : [];
  // Without the environments, which may be ten thousand.
  results.postMessage(packed(result.ok ? { ...result, config: { ...result.config, environments: [] } } : result));
  for (let at = 0; at < environments.length; at += SLICE)
    results.postMessage(packed(environments.slice(at, at + SLICE)));
  parentPort!.postMessage('end');
}

// What it throws ends the thread, and the main thread hears of it.
void load();
