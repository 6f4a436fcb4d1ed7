import { lstat, mkdtemp, readdir, readFile, rm, stat, symlink, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { isOfOtherDivision } from '../../src/domain/shard.ts';
import { behindMark } from '../../src/domain/state-file-start.ts';
import { formatStateFile } from '../../src/statefile/format.ts';
import { nodeStateFiles } from '../../src/statefile/port.ts';
import { StateFileRig } from './state-file-rig.ts';

const HOUR = 3_600_000;

let { clock, oks, open, ledger } = new StateFileRig();

beforeEach(() => {
  ({ clock, oks, open, ledger } = new StateFileRig());
});

describe('on a real disk', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'state-file-'));
  });
  afterEach(() => rm(folder, { recursive: true }));

  it('is replaced in one step, readable by its owner only', async () => {
    const path = join(folder, 'state.json');
    const file = await open('one', { path, files: nodeStateFiles });
    await file.save('env_1', ledger(2), 'counted');
    await file.close();
    expect(await readdir(folder)).toEqual(['state.json']);
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect(await readFile(path, 'utf8')).toMatch(/^\{"version":1,"instance":"one"/);
    const second = await open('two', { path, files: nodeStateFiles });
    expect(second.resume('env_1')?.totals.stopped).toBe(2);
    await second.save('env_1', ledger(3), 'counted');
    await file.save('env_1', ledger(9), 'counted');
    expect((await open('three', { path, files: nodeStateFiles })).resume('env_1')?.totals.stopped).toBe(3);
  });

  it.each([
    ['a shard wrote later', { 'state.0': 10 }, true],
    ['one of several shards did', { 'state.0': -10, 'state.11': 10 }, true],
    ['shards wrote earlier', { 'state.0': -10 }, false],
    ['another kind of file is younger', { 'state.corrupt': 10, other: 10 }, false],
    ['nothing lies beside it', {}, false],
  ])('is overtaken or not: %s', async (_, others: Readonly<Record<string, number>>, expected) => {
    const path = join(folder, 'state');
    for (const [name, later] of Object.entries({ state: 0, ...others })) {
      await writeFile(join(folder, name), '');
      await utimes(join(folder, name), 1_800_000_000 + later, 1_800_000_000 + later);
    }
    const isCompared = (name: string) => isOfOtherDivision(name, 'state', { index: 0, count: 1 });
    expect(await nodeStateFiles.hasNewerSibling(path, isCompared)).toBe(expected);
    expect(await nodeStateFiles.hasNewerSibling(join(folder, 'missing', 'state'), isCompared)).toBe(false);
  });

  it('in a folder that is not there fails, and is no more than that', async () => {
    const path = join(folder, 'missing', 'state.json');
    const file = await open('one', { path, files: nodeStateFiles });
    await file.save('env_1', ledger(2), 'counted');
    expect(oks).toEqual([false]);
  });

  it('removes what a write that was cut off left there long ago, and nothing else', async () => {
    const path = join(folder, 'state.json');
    for (const name of ['state.json.tmp-old', 'state.json.tmp-new', 'other.json.tmp-old'])
      await writeFile(join(folder, name), '');
    const longAgo = (clock.now() - 2 * HOUR) / 1000;
    for (const name of ['state.json.tmp-old', 'other.json.tmp-old']) await utimes(join(folder, name), longAgo, longAgo);
    await utimes(join(folder, 'state.json.tmp-new'), clock.now() / 1000, clock.now() / 1000);
    await open('one', { path, files: nodeStateFiles });
    expect((await readdir(folder)).sort()).toEqual(['other.json.tmp-old', 'state.json', 'state.json.tmp-new']);
  });

  it('leaves what it cannot look at, such as a link that leads nowhere, and goes on', async () => {
    const path = join(folder, 'state.json');
    await symlink(join(folder, 'gone'), join(folder, 'state.json.tmp-link'));
    const file = await open('one', { path, files: nodeStateFiles });
    await file.save('env_1', ledger(2), 'counted');
    expect(oks).toEqual([true]);
    expect((await readdir(folder)).sort()).toEqual(['state.json', 'state.json.tmp-link']);
  });

  it.each<[what: string, links: Record<string, string>, exists: boolean, written: boolean]>([
    ['to a file', { 'link.json': '/real.json' }, true, true],
    ['to a file that is not there yet', { 'link.json': '/real.json' }, false, true],
    ['without a folder to a file that is not there yet', { 'link.json': 'real.json' }, false, true],
    ['over a second link', { 'link.json': 'second.json', 'second.json': '/real.json' }, false, true],
    ['over a folder that is a link', { 'link.json': '/volume/real.json', volume: '.' }, false, true],
    ['to a volume that is not there', { 'link.json': '/missing/real.json' }, false, false],
    ['to itself', { 'link.json': 'link.json' }, false, false],
  ])('follows a link %s, and leaves the link', async (_, links, exists, written) => {
    const [path, target] = [join(folder, 'link.json'), join(folder, 'real.json')];
    const before = formatStateFile({ instance: 'zero', savedAt: clock.now(), ledgers: new Map() });
    if (exists) await writeFile(target, before);
    for (const [name, to] of Object.entries(links)) {
      await symlink(to.startsWith('/') ? join(folder, to) : to, join(folder, name));
    }
    await open('one', { path, files: nodeStateFiles });
    expect((await lstat(path)).isSymbolicLink()).toBe(true);
    expect(oks).toEqual([written]);
    expect(await readFile(target, 'utf8').catch(() => '')).toContain(written ? '"instance":"one"' : '');
  });

  it('is marked as behind in place', async () => {
    const path = join(folder, 'state.json');
    const file = await open('é-one', { path, files: nodeStateFiles });
    await file.save('env_1', ledger(2), 'counted');
    await file.close();
    const before = await readFile(path, 'utf8');
    const mark = behindMark(before)!;
    await nodeStateFiles.overwrite(path, mark.at, mark.text);
    const marked = before.replace(/"behind":0,"crc32":"[0-9a-f]+"/, '"behind":1,"crc32":"00000000"');
    expect(await readFile(path, 'utf8')).toBe(marked);
    expect((await open('two', { path, files: nodeStateFiles })).resume('env_1')).toBeUndefined();
  });

  it('is emptied where it cannot be taken away', async () => {
    const path = join(folder, 'state.json');
    await writeFile(path, 'something');
    await nodeStateFiles.empty(path);
    expect(await readFile(path, 'utf8')).toBe('');
  });
});
