import { enableCompileCache, flushCompileCache } from 'node:module';
import { setPriority } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect } from 'vitest';
import { ROOT } from './processes.ts';
import { pathInCheckout, WAITING } from './test-projects.ts';

/** Each process loads what others have loaded: types are stripped once, and code is compiled once. */
enableCompileCache(join(ROOT, '.cache/compiled-tests'));

// Vitest ends its processes without an exit, at which Node would write what it keeps.
afterAll(() => flushCompileCache());

/** Tests that wait for real time go first, whose programs must answer in time: their children inherit it. Only root may. */
const isWaiting = WAITING.includes(pathInCheckout(expect.getState().testPath ?? ''));
if (!isWaiting || process.getuid?.() === 0) setPriority(isWaiting ? -10 : 10);
