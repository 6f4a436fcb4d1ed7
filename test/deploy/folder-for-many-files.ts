import { existsSync, mkdtempSync, readdirSync, readFileSync, statfsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runAsRoot } from './as-root.ts';

/** A filesystem in memory, where Linux has one. */
const MEMORY = '/dev/shm';

/** What a build of the image takes there at its height is a third of this. */
const ENOUGH_BYTES = 6e9;

/** With the id of the process, as one that is killed leaves its folder behind, which would keep the memory. */
const OURS = /^image-(\d+)-/;

/**
 * Makes a folder for tens of thousands of files that are soon deleted. Half of the CPU of a build of the image is spent
 * on the search for free inodes on a disk that has just lost as many, so they go to memory if there is much to spare.
 */
export function makeFolderForManyFiles(): string {
  if (!isExecutableMemory()) return mkdtempSync(join(tmpdir(), 'image-'));
  for (const name of readdirSync(MEMORY)) {
    const [, id] = OURS.exec(name) ?? [];
    if (id !== undefined && !existsSync(`/proc/${id}`)) runAsRoot('rm', '-rf', join(MEMORY, name));
  }
  return mkdtempSync(join(free() > ENOUGH_BYTES ? MEMORY : tmpdir(), `image-${process.pid}-`));
}

function free(): number {
  const { bavail, bsize } = statfsSync(MEMORY);
  return Math.min(bavail * bsize, process.availableMemory());
}

/** A container often has a small one, from which nothing can be started. */
function isExecutableMemory(): boolean {
  if (process.platform !== 'linux') return false;
  const mount = readFileSync('/proc/self/mounts', 'utf8')
    .split('\n')
    .map((line) => line.split(' '))
    .find(([, path]) => path === MEMORY);
  return mount?.[2] === 'tmpfs' && !mount[3]!.split(',').some((option) => option === 'noexec' || option === 'ro');
}
