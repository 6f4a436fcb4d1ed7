import { delimiter, join } from 'node:path';
import { bringPrograms, UNPACKED } from './bring.ts';
import { buildTools, toolsToBuild } from './go-builds.ts';
import { GO_TOOLS } from './go-tools.ts';
import { DEPLOY_PROGRAMS, GO, PROGRAMS, PYTHON } from './programs.ts';
import { bringPythonPackages } from './python-packages.ts';

/** Puts what `npm test` runs on the PATH of this process. @throws when a program is missing even so, with what helps. */
export function setUp(): void {
  process.env.PATH = [process.env.PATH, join(UNPACKED, 'start'), join(UNPACKED, 'usr/bin')].join(delimiter);
  bringPrograms(PROGRAMS, 'unpack');
}

/** What `npm run test:deploy` needs more: programs that are installed, as root, and in the cache those that Go builds and the packages for Python. */
export default function setUpForDeploy(): void {
  const isBuilt = toolsToBuild(GO_TOOLS).length === 0;
  const programs = [...DEPLOY_PROGRAMS, PYTHON];
  bringPrograms(isBuilt ? programs : [...programs, GO], 'install');
  bringPythonPackages();
  buildTools(GO_TOOLS);
}
