import { setPriority } from 'node:os';
import { expect } from 'vitest';
import { isWaiting } from './long-tests.ts';

/** Nicer than the tests that wait for real time, whose programs must answer in time: their children inherit it. */
const POLITE = 10;

if (!isWaiting(expect.getState().testPath ?? '')) setPriority(POLITE);
