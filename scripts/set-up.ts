/**
 * Gets a machine ready for the tests, as CI does: installs what is missing, as root or with sudo, and builds what
 * `test/tools/` pins, once, into a cache outside the checkout.
 */
import { setUp } from '../test/tools/set-up.ts';

try {
  setUp('install');
} catch (error) {
  process.stderr.write(`${(error as Error).message}\n`);
  process.exitCode = 1;
}
