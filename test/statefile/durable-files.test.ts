import { expect, it } from 'vitest';
import { durableFiles } from '../../src/statefile/durable-files.ts';
import { VolatileDisk } from './volatile-disk.ts';

const PATH = '/state/file';
const TEMPORARY = '/state/file.tmp-one';
type Files = ReturnType<typeof durableFiles>;

function diskWith(before: string | null, folderFault: string | null = null) {
  const disk = new VolatileDisk('/state', { folderFault });
  if (before !== null) disk.put(PATH, before);
  return { disk, files: durableFiles(disk) };
}

it.each<[what: string, before: string | null, change: (files: Files) => Promise<void>, after: string | null]>([
  ['is replaced', 'old', (files) => files.replace(PATH, 'new', TEMPORARY), 'new'],
  ['is written for the first time', null, (files) => files.replace(PATH, 'new', TEMPORARY), 'new'],
  ['is marked in place', '{"behind":0}', (files) => files.overwrite(PATH, 10, '1'), '{"behind":1}'],
  ['is removed', 'old', (files) => files.unlink(PATH), null],
  ['is emptied', 'old', (files) => files.empty(PATH), ''],
])('a machine that loses power right after the file %s keeps that', async (_, before, change, after) => {
  const { disk, files } = diskWith(before);
  await change(files);
  expect(disk.text(PATH)).toBe(after);
  expect(disk.afterPowerLoss(PATH)).toBe(after);
  expect(disk.afterPowerLoss(TEMPORARY)).toBeNull();
});

it.each(['EINVAL', 'ENOTSUP', 'EACCES', 'EBADF'])(
  'a file system that does not sync folders (%s) is written as well as it can be',
  async (code) => {
    const { disk, files } = diskWith('old', code);
    await files.replace(PATH, 'new', TEMPORARY);
    expect(disk.text(PATH)).toBe('new');
    await files.unlink(PATH);
    expect(disk.text(PATH)).toBeNull();
  },
);

it.each(['EIO', 'ENOSPC', 'EDQUOT'])(
  'a folder that cannot be synced for a fault of the disk (%s) is a failed write',
  async (code) => {
    const { files } = diskWith('old', code);
    await expect(files.replace(PATH, 'new', TEMPORARY)).rejects.toMatchObject({ code });
    await expect(files.unlink(PATH)).rejects.toMatchObject({ code });
  },
);

it('the text is on the disk before the file has its name, so that no power loss leaves half of it', async () => {
  const seen = new Set<string | null>();
  const disk = new VolatileDisk('/state');
  disk.put(PATH, 'old');
  const rename = disk.rename.bind(disk);
  disk.rename = async (from, to) => {
    await rename(from, to);
    // Some file systems keep the new name although nobody asked them to.
    await (await disk.open('/state', 'r')).sync();
    seen.add(disk.afterPowerLoss(PATH));
  };
  await durableFiles(disk).replace(PATH, 'new', TEMPORARY);
  expect([...seen]).toEqual(['new']);
});

it('a write that fails leaves the old file, and no temporary one', async () => {
  const { disk, files } = diskWith('old');
  disk.rename = async () => {
    throw new Error('no space');
  };
  await expect(files.replace(PATH, 'new', TEMPORARY)).rejects.toThrow('no space');
  expect([disk.text(PATH), disk.text(TEMPORARY)]).toEqual(['old', null]);
});
