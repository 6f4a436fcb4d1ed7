import { delimiter, join, resolve } from 'node:path';
import { bringPrograms } from './bring.ts';
import { buildTools, toolsToBuild } from './build-tools.ts';
import { GO_TOOLS } from './go-tools.ts';
import { thisMachine } from './machine.ts';
import { DEPLOY_PROGRAMS, GO, PROGRAMS } from './programs.ts';

const UNPACKED = resolve(import.meta.dirname, '../../.cache/real-parts');
const say = (line: string) => process.stderr.write(`${line}\n`);

/** Puts what `npm test` runs on the PATH of this process. @throws when a program is missing even so, with what helps. */
export function setUp(): void {
  process.env.PATH = [process.env.PATH, join(UNPACKED, 'start'), join(UNPACKED, 'usr/bin')].join(delimiter);
  bringPrograms(PROGRAMS, thisMachine(UNPACKED), 'unpack', say);
}

/** What `npm run test:deploy` needs more: programs that are installed, as root, and those that Go builds, in the cache. */
export function setUpForDeploy(): void {
  const wanted = toolsToBuild(GO_TOOLS).length === 0 ? DEPLOY_PROGRAMS : [...DEPLOY_PROGRAMS, GO];
  bringPrograms(wanted, thisMachine(UNPACKED), 'install', say);
  buildTools(GO_TOOLS, say);
}
