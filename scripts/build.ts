/** `npm run build`: puts the program together in dist/, as it is shipped. */
import { join, resolve } from 'node:path';
import { bundleProgram } from './build/bundle-program.ts';

const root = resolve(import.meta.dirname, '..');
await bundleProgram(root, join(root, 'dist'));
