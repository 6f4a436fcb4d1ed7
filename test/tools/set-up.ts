import { delimiter, join } from 'node:path';
import { bringPrograms, UNPACKED } from './bring.ts';
import { buildTools, toolsToBuild } from './go-builds.ts';
import { GO_TOOLS } from './go-tools.ts';
import { DEPLOY_PROGRAMS, GO, PROGRAMS } from './programs.ts';

/** Puts what `npm test` runs on the PATH of this process. @throws when a program is missing even so, with what helps. */
export function setUp(): void {
  process.env.PATH = [process.env.PATH, join(UNPACKED, 'start'), join(UNPACKED, 'usr/bin')].join(delimiter);
  bringPrograms(PROGRAMS, 'unpack');
}

/** What `npm run test:deploy` needs more: programs that are installed, as root, and those that Go builds, in the cache. */
export default function setUpForDeploy(): void {
  const isBuilt = toolsToBuild(GO_TOOLS).length === 0;
  bringPrograms(isBuilt ? DEPLOY_PROGRAMS : [...DEPLOY_PROGRAMS, GO], 'install');
  buildTools(GO_TOOLS);
}
