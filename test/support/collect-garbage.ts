import { setImmediate } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** Frees all memory that nothing needs any more. */
export async function collectGarbage(): Promise<void> {
  setFlagsFromString('--expose-gc');
  const gc = runInNewContext('gc') as () => void;
  // What a weak reference was asked for lives until the end of the turn.
  for (let round = 0; round < 3; round++) {
    await setImmediate();
    gc();
  }
}
