import { join } from 'node:path';
import { build } from 'rolldown';

/** One file of a program of this folder and all that it imports; its path, from this folder. */
export async function bundle(file: string): Promise<string> {
  const output = join('..', 'node_modules', '.bench', 'bundle.mjs');
  await build({
    input: join(import.meta.dirname, '..', file),
    platform: 'node',
    // It finds its compiled half by a path from its own file.
    external: ['bcrypt'],
    output: { file: join(import.meta.dirname, '..', output), format: 'esm', minify: true, codeSplitting: false },
    logLevel: 'silent',
  });
  return output;
}
