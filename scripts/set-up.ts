/** Gets a machine ready for the tests, as CI does: installs what is missing, as root or with sudo. */
import { setUpPrograms } from '../test/tools/set-up.ts';

try {
  setUpPrograms('install');
} catch (error) {
  process.stderr.write(`${(error as Error).message}\n`);
  process.exitCode = 1;
}
