import { setImmediate } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

type Collect = () => void;

let known: Collect | null = null;

/** Once, since each context takes memory that a test may measure. */
function collector(): Collect {
  setFlagsFromString('--expose-gc');
  known ??= runInNewContext('gc') as Collect;
  return known;
}

/** Frees all memory that nothing needs any more. */
export async function collectGarbage(): Promise<void> {
  const gc = collector();
  // What a weak reference was asked for lives until the end of the turn.
  for (let round = 0; round < 3; round++) {
    await setImmediate();
    gc();
  }
}
