import { enableCompileCache, flushCompileCache } from 'node:module';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import { ROOT } from './processes.ts';

/** Each process loads what others have loaded: types are stripped once, and code is compiled once. */
enableCompileCache(join(ROOT, '.cache/compiled-tests'));

// Vitest ends its processes without an exit, at which Node would write what it keeps.
afterAll(() => flushCompileCache());
