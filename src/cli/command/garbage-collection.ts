import { setFlagsFromString } from 'node:v8';

/** The most that the heap grows before V8 looks at all of it for what is no longer used. */
const GROWTH_PERCENT = 25;

/**
 * Called once the start is over. V8 decides from how quickly a program allocates how far its heap may grow, and what it
 * saw of the start, when all is new, would let the heap grow to three times of what is in use. New objects are freed by
 * one thread: there is so little to keep of them that sharing the work takes more CPU than the work. And no object begins
 * as an old one: V8 would make those so of which most live for long at a place, such as the parts of a state, and the
 * rest of them would be freed only when it looks at the whole heap, a third more often. These are flags of
 * V8 that NODE_OPTIONS does not take. During the start, they would be in the way: V8 compiles again what it finds
 * compiled under other flags, Node's own modules included.
 */
export function tuneGarbageCollection(): void {
  setFlagsFromString(`--heap-growing-percent=${GROWTH_PERCENT}`);
  setFlagsFromString('--no-parallel-scavenge');
  setFlagsFromString('--no-allocation-site-pretenuring');
}
