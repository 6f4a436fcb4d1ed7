import { extname } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { MessageChannel, type MessagePort, receiveMessageOnPort, Worker } from 'node:worker_threads';
import { Secret } from '../base/secret.ts';
import type { EnvironmentConfig } from './config.ts';
import type { LoadOptions, LoadResult } from './load.ts';

/** Next to this file, in the source and in a build. */
const LOAD_WORKER = new URL(`./load-worker${extname(import.meta.url)}`, import.meta.url);

export type ThreadOptions = Omit<LoadOptions, 'files'>;

/**
 * Loads a configuration on a thread of its own: for ten thousand environments that takes seconds, in which this thread answers
 * scrapes and reads queues.
 *
 * @throws Error if the thread ends before it has a result
 */
export async function loadInThread({ env, ...options }: ThreadOptions): Promise<LoadResult> {
  const { port1: results, port2 } = new MessageChannel();
  const workerData = { options: { ...options, env: { ...env } }, results: port2 };
  const worker = new Worker(LOAD_WORKER, { env: {}, execArgv: [], workerData, transferList: [port2] });
  // A stop does not wait for it.
  worker.unref();
  try {
    await new Promise<void>((resolve, reject) => {
      worker.on('error', reject).on('message', resolve);
      worker.on('exit', () => reject(new Error('the thread that loads the configuration has ended')));
    });
    return await received(results);
  } finally {
    results.close();
    void worker.terminate();
  }
}

/** Puts the result together, a slice of environments at a time: between them everything else has its turn. */
async function received(results: MessagePort): Promise<LoadResult> {
  const next = () => receiveMessageOnPort(results)?.message as unknown;
  const head = unpacked(next()) as LoadResult;
  if (!head.ok) return head;
  const environments: EnvironmentConfig[] = [];
  for (let slice = next(); slice !== undefined; slice = next()) {
    environments.push(...(unpacked(slice) as readonly EnvironmentConfig[]));
    await nextTurn();
  }
  return { ...head, config: { ...head.config, environments } };
}

/** How a secret is carried between threads. No option has a key of this name. */
const SECRET = '$secret';

/** Plain data with its secrets as plain data: what a message between threads can hold. */
export function packed(value: unknown): unknown {
  if (value instanceof Secret) return { [SECRET]: [value.reveal(), value.source, value.file] };
  if (value instanceof Map) return new Map([...value].map(([key, item]) => [key, packed(item)]));
  if (Array.isArray(value)) return value.map(packed);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, packed(item)]));
}

/** The same with secrets again. Changes what it is given, which a message has just brought. */
function unpacked(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (value instanceof Map) {
    for (const [key, item] of value) value.set(key, unpacked(item));
    return value;
  }
  const object = value as Record<string, unknown>;
  const secret = object[SECRET];
  if (Array.isArray(secret)) return new Secret(...(secret as [string, string, string | null]));
  for (const name in object) object[name] = unpacked(object[name]);
  return object;
}
