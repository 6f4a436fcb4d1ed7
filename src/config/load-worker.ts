import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import { loadConfig } from './load.ts';
import { packed, type ThreadOptions } from './load-thread.ts';

/** How many environments are in a slice: the main thread takes one in a few milliseconds. */
const SLICE = 250;

/** The head of the result, then its environments in slices. What this throws ends the thread, and the main thread hears of it. */
async function load(): Promise<void> {
  const { options, results } = workerData as { readonly options: ThreadOptions; readonly results: MessagePort };
  const result = await loadConfig(options);
  if (result.ok) {
    const { environments } = result.config;
    results.postMessage(packed({ ...result, config: { ...result.config, environments: [] } }));
    for (let at = 0; at < environments.length; at += SLICE)
      results.postMessage(packed(environments.slice(at, at + SLICE)));
  } else results.postMessage(result);
  parentPort!.postMessage('end');
}

void load();
