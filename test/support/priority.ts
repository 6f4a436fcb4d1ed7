import { setPriority } from 'node:os';
import { expect } from 'vitest';
import { isWaiting } from './long-tests.ts';

/** Tests that wait for real time go first, whose programs must answer in time: their children inherit it. */
const FIRST = -10;
const POLITE = 10;

if (isWaiting(expect.getState().testPath ?? '')) goFirst();
else setPriority(POLITE);

/** Only root may; others wait beside tests that are polite. */
function goFirst(): void {
  try {
    setPriority(FIRST);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EACCES') throw error;
  }
}
