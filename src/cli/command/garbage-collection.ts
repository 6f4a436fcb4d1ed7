import { setFlagsFromString } from 'node:v8';

/** The most that the heap grows before V8 looks at all of it for what is no longer used. */
const GROWTH_PERCENT = 40;

/**
 * Called once the start is over. V8 decides from how quickly a program allocates how far its heap may grow, and what it
 * saw of the start, when all is new, would let the heap grow to three times of what is in use. New objects are freed by
 * one thread: there is so little to keep of them that sharing the work takes more CPU than the work. These are flags of
 * V8 that NODE_OPTIONS does not take. During the start, they would be in the way: V8 compiles again what it finds
 * compiled under other flags, Node's own modules included.
 */
export function tuneGarbageCollection(): void {
  setFlagsFromString(`--heap-growing-percent=${GROWTH_PERCENT}`);
  setFlagsFromString('--no-parallel-scavenge');
}
