import { getHeapStatistics } from 'node:v8';

const TURNS = 50;
/** Code that is not compiled yet allocates more, and how soon it is depends on the machine. */
const MOST_ROUNDS = 60;

/** What Node 26 counts; its types do not know it yet. */
function allocatedBytes(): number {
  return (getHeapStatistics() as unknown as { total_allocated_bytes: number }).total_allocated_bytes;
}

/** Bytes that a turn allocates in the first round that is within the limit; where there is none, in the last one. */
export async function bytesATurn(turn: () => Promise<void>, limit: number): Promise<number> {
  let bytes = Number.POSITIVE_INFINITY;
  for (let round = 0; round < MOST_ROUNDS && bytes > limit; round++) {
    const before = allocatedBytes();
    for (let n = 0; n < TURNS; n++) await turn();
    bytes = (allocatedBytes() - before) / TURNS;
  }
  return bytes;
}
