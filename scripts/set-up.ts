/**
 * Gets a machine ready to work on the project, as CI does: installs what the tests need and the machine lacks, as root
 * or with sudo, builds what `test/tools/` pins, once, into a cache outside the checkout, and turns the hooks on.
 */
import { resolve } from 'node:path';
import { setUp } from '../test/tools/set-up.ts';
import { HOOKS, useHooks } from './use-hooks.ts';

if (useHooks(resolve(import.meta.dirname, '..'))) {
  process.stderr.write(
    `Commits run the hooks of ${HOOKS} from now on; \`git config --unset core.hooksPath\` ends that.\n`,
  );
}
try {
  setUp('install');
} catch (error) {
  process.stderr.write(`${(error as Error).message}\n`);
  process.exitCode = 1;
}
