import { extname } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { MessageChannel, type MessagePort, receiveMessageOnPort, Worker } from 'node:worker_threads';
import { errorText, systemErrorCode } from '../../base/errors.ts';
import { FileFault, nodeFiles } from '../../base/files.ts';
import type { EnvironmentConfig } from '../config.ts';
import { unpacked } from './carried.ts';
import type { LoadOptions, LoadResult } from './load-config.ts';

export interface FileQuestion {
  readonly id: number;
  readonly kind: 'file' | 'names';
  readonly path: string;
  readonly limit: number;
}

export interface FileAnswer {
  readonly id: number;
  readonly value: Uint8Array | readonly string[] | null;
  /** `code`: the system's or, with `fault`, that of a `FileFault`. */
  readonly error: {
    readonly fault: boolean;
    readonly message: string;
    readonly code: string | null;
    readonly path: string;
  } | null;
}

/** Next to this file, in the sources and in a build. */
const LOAD_WORKER = new URL(`./load-worker${extname(import.meta.url)}`, import.meta.url);

/**
 * Loads a configuration on a thread of its own: for ten thousand environments that takes seconds, in which this thread
 * answers scrapes and reads queues.
 *
 * @throws Error if the thread ends before it has a result
 */
export async function loadInThread({ env, ...options }: Omit<LoadOptions, 'files'>): Promise<LoadResult> {
  const { port1: results, port2 } = new MessageChannel();
  const worker = new Worker(LOAD_WORKER, {
    env: {},
    execArgv: [],
    workerData: { options: { ...options, env: { ...env } }, results: port2 },
    transferList: [port2],
  });
  // A stop does not wait for it.
  worker.unref();
  try {
    await new Promise<void>((resolve, reject) => {
      worker
        .on('error', reject)
        .on('exit', () => reject(new Error('the thread that loads the configuration has ended')));
      worker.on('message', async (message: FileQuestion | 'end') => {
        if (message === 'end') resolve();
        else worker.postMessage(await answerTo(message));
      });
    });
    return await received(results);
  } finally {
    results.close();
    void worker.terminate();
  }
}

async function answerTo({ id, kind, path, limit }: FileQuestion): Promise<FileAnswer> {
  try {
    const value = kind === 'file' ? await nodeFiles.readFile(path, limit) : await nodeFiles.readdir(path);
    return { id, value, error: null };
  } catch (error) {
    const fault = error instanceof FileFault;
    const code = fault ? error.code : systemErrorCode(error);
    return { id, value: null, error: { fault, code, message: errorText(error), path } };
  }
}

/** Puts the result together, a slice at a time: between them everything else has its turn. */
async function received(results: MessagePort): Promise<LoadResult> {
  const next = () => receiveMessageOnPort(results)?.message as unknown;
  const head = unpacked(next()) as LoadResult;
  const environments: EnvironmentConfig[] = [];
  for (let slice = next(); slice !== undefined; slice = next()) {
    environments.push(...(unpacked(slice) as readonly EnvironmentConfig[]));
    await nextTurn();
  }
  return head.ok ? { ...head, config: { ...head.config, environments } } : head;
}
