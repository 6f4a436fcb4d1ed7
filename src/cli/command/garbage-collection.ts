import { setFlagsFromString } from 'node:v8';

/** The most that the heap grows before V8 runs a full garbage collection. */
const GROWTH_PERCENT = 25;

/**
 * Tunes V8 for a process that runs for months. Call it once the start is over: during the start these flags would be
 * harmful, because V8 discards code that was compiled under other flags, Node's own modules included. NODE_OPTIONS does
 * not accept them.
 *
 * - `heap-growing-percent`: V8 derives the growth of the heap from the allocation rate. From that of the start, it would
 *   let the heap grow to three times of what is in use.
 * - `no-parallel-scavenge`: so few new objects survive that sharing the work between threads costs more CPU than the work.
 * - `no-allocation-site-pretenuring`: V8 would allocate objects in the old generation where most of those from one place
 *   live long, such as the parts of a state. The others would wait for a full collection, which would run a third more
 *   often.
 */
export function tuneGarbageCollection(): void {
  setFlagsFromString(`--heap-growing-percent=${GROWTH_PERCENT}`);
  setFlagsFromString('--no-parallel-scavenge');
  setFlagsFromString('--no-allocation-site-pretenuring');
}
