import { lstat, mkdtemp, readdir, readFile, stat, symlink, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { behindMarkAt } from '../../src/domain/state-file-start.ts';
import { formatLedger, formatStateFile } from '../../src/statefile/format.ts';
import { nodeStateFiles } from '../../src/statefile/port.ts';
import { PATH, StateFileRig } from './state-file-rig.ts';

const HOUR = 3_600_000;
const MINUTE = 60_000;

let { clock, files, logged, oks, open, onDisk, ledger, settled } = new StateFileRig();

beforeEach(() => {
  ({ clock, files, logged, oks, open, onDisk, ledger, settled } = new StateFileRig());
});

describe('a state file', () => {
  it('gives the next process everything back', async () => {
    const first = await open();
    const counted = ledger(3);
    await first.keep('env_1', counted, 'counted');
    await first.close();
    const restored = onDisk().get('env_1')!;
    expect(JSON.parse(formatLedger(restored))).toEqual(JSON.parse(formatLedger(counted)));
  });

  it('is there before what was counted may be published', async () => {
    const file = await open();
    const replaced = Promise.withResolvers<void>();
    const replace = files.replace.bind(files);
    files.replace = async (path, text) => {
      await replaced.promise;
      await replace(path, text);
    };
    const kept = file.keep('env_1', ledger(1), 'counted');
    expect(await settled(kept)).toBe(false);
    replaced.resolve();
    expect(await settled(kept)).toBe(true);
    expect(files.files.get(PATH)).toContain('"created":2');
  });

  it('is written at most once a second, for all who wait', async () => {
    const file = await open();
    await file.keep('env_1', ledger(1), 'counted');
    const later = [file.keep('env_1', ledger(2), 'counted'), file.keep('env_2', ledger(3), 'counted')];
    await clock.advance(999);
    expect(files.writes).toHaveLength(1);
    await clock.advance(1);
    await Promise.all(later);
    expect(files.writes).toHaveLength(2);
    const restored = onDisk();
    expect([...restored.values()].map(({ totals }) => totals.stopped)).toEqual([2, 3]);
  });

  it('loses nothing that came while it was being written', async () => {
    const file = await open();
    const first = file.keep('env_1', ledger(1), 'counted');
    const second = file.keep('env_1', ledger(2), 'counted');
    await clock.advance(2000);
    await Promise.all([first, second]);
    expect(onDisk().get('env_1')?.totals.stopped).toBe(2);
  });

  it('is written once more at the end, without waiting for the second', async () => {
    const file = await open();
    await file.keep('env_1', ledger(1), 'counted');
    const last = file.keep('env_1', ledger(2), 'counted');
    await file.close();
    await last;
    await file.keep('env_1', ledger(3), 'counted');
    expect(onDisk().get('env_1')?.totals.stopped).toBe(2);
  });

  it('is written soon for what was learned, and nobody waits for that', async () => {
    const file = await open();
    await file.keep('env_1', ledger(1), 'counted');
    await file.keep('env_1', ledger(2), 'learned');
    expect(files.writes).toHaveLength(1);
    await clock.advance(1000);
    expect(files.writes).toHaveLength(2);
    expect(onDisk().get('env_1')?.totals.stopped).toBe(2);
  });

  it('is not written for what was only seen, but takes it along with the next write', async () => {
    const file = await open();
    await file.keep('env_1', ledger(1), 'counted');
    await file.keep('env_1', ledger(2), 'seen');
    await clock.advance(HOUR);
    expect(files.writes).toHaveLength(1);
    await file.keep('env_2', ledger(1), 'counted');
    expect(onDisk().get('env_1')?.totals.stopped).toBe(2);
  });

  it('takes what was only seen along at the end, and is left alone when it lacks nothing', async () => {
    const file = await open();
    await file.keep('env_1', ledger(1), 'counted');
    await file.keep('env_1', ledger(2), 'seen');
    await file.close();
    expect(onDisk().get('env_1')?.totals.stopped).toBe(2);
    const second = await open('two');
    await second.close();
    expect(files.writes).toEqual([]);
  });

  it('takes what was only seen along after ten minutes: an old file counts for less', async () => {
    const file = await open();
    await file.keep('env_1', ledger(1), 'counted');
    await clock.advance(10 * MINUTE);
    await file.keep('env_1', ledger(2), 'seen');
    await clock.advance(0);
    expect(onDisk().get('env_1')?.totals.stopped).toBe(2);
  });

  it('leaves out an environment that is watched no more, after an hour', async () => {
    const file = await open();
    await file.keep('env_1', ledger(1), 'counted');
    file.forget('env_1');
    await clock.advance(1000);
    await file.keep('env_2', ledger(1), 'counted');
    expect([...onDisk().keys()]).toEqual(['env_1', 'env_2']);
    await clock.advance(HOUR);
    await file.keep('env_2', ledger(2), 'counted');
    expect([...onDisk().keys()]).toEqual(['env_2']);
    expect(file.resume('env_1')).toBeUndefined();
  });

  it('lets the counters of an environment go on that was lost for a round', async () => {
    const first = await open();
    await first.keep('env_1', ledger(1), 'counted');
    const second = await open('two');
    await second.keep('env_1', ledger(5), 'counted');
    second.forget('env_1');
    expect(second.resume('env_1')?.totals.stopped).toBe(5);
    second.forget('env_unknown');
    expect(second.resume('env_unknown')).toBeUndefined();
  });

  it('is found behind a link', async () => {
    files.links.set(PATH, '/volume/state.json');
    const file = await open();
    await file.keep('env_1', ledger(1), 'counted');
    expect([...files.files.keys()]).toEqual(['/volume/state.json']);
  });

  it('keeps for an hour what discovery has not found again yet', async () => {
    const first = await open();
    await first.keep('env_lost', ledger(1), 'counted');
    const second = await open('two');
    await second.keep('env_1', ledger(1), 'counted');
    expect([...onDisk().keys()].sort()).toEqual(['env_1', 'env_lost']);
    await clock.advance(HOUR + 1);
    await second.keep('env_1', ledger(2), 'counted');
    expect([...onDisk().keys()]).toEqual(['env_1']);
  });
});

describe('an old state file', () => {
  it('goes on with the counters, but what happened meanwhile is history', async () => {
    const first = await open();
    const counted = ledger(3);
    await first.keep('env_1', counted, 'counted');
    await clock.advance(HOUR + 1);
    const restored = (await open('two')).resume('env_1')!;
    expect(restored.totals).toEqual(counted.totals);
    expect([restored.settledUntil, restored.items.size, restored.provenFullScans]).toEqual([clock.now(), 0, 0]);
  });

  it('is one from the future, too: its times are those of a clock that was wrong', async () => {
    clock.jumpWall(30 * 24 * HOUR);
    const first = await open();
    const counted = ledger(3);
    await first.keep('env_1', counted, 'counted');
    clock.jumpWall(-30 * 24 * HOUR);
    const restored = (await open('two')).resume('env_1')!;
    expect(restored.totals).toEqual(counted.totals);
    expect([restored.settledUntil, restored.items.size]).toEqual([clock.now(), 0]);
  });
});

describe('a file that cannot be used', () => {
  const good = () =>
    formatStateFile({ instance: 'one', savedAt: clock.now(), ledgers: new Map([['env_1', ledger(1)]]) });

  it.each([
    ['half of a file', (text: string) => text.slice(0, 300)],
    ['cut in its first words', (text: string) => text.slice(0, 15)],
    ['no JSON', (text: string) => `${text.slice(0, 60)} created 7`],
    ['a counter below zero', (text: string) => text.replace('"created":2', '"created":-2')],
    ['a counter that is text', (text: string) => text.replace('"created":2', '"created":"2"')],
    ['other buckets', (text: string) => text.replace('"counts":[', '"counts":[0,')],
    ['a time without end', (text: string) => text.replace(/"settled_until":\d+/, '"settled_until":1e999')],
    ['an unknown state', (text: string) => text.replace('"state":"active"', '"state":"asleep"')],
    ['a stamp that is text', (text: string) => text.replace('"enqueuedAt":null', '"enqueuedAt":"today"')],
  ])('%s: is set aside with a warning, and counters start at 0', async (_, spoil) => {
    const spoiled = spoil(good());
    files.files.set(PATH, spoiled);
    const file = await open();
    expect(file.resume('env_1')).toBeUndefined();
    expect(files.files.get(`${PATH}.corrupt`)).toBe(spoiled);
    expect(logged).toMatchObject([{ level: 'warn', fields: { event: 'state_file.failing' } }]);
    expect(onDisk().size).toBe(0);
    await file.keep('env_1', ledger(1), 'counted');
    expect(onDisk().size).toBe(1);
  });

  it('of a newer version is set aside for that version', async () => {
    files.files.set(PATH, good().replace('"version":1', '"version":2'));
    expect((await open()).resume('env_1')).toBeUndefined();
    expect([...files.files.keys()].sort()).toEqual([PATH, `${PATH}.newer`]);
  });

  it.each([
    ['corrupt', (text: string) => text.slice(0, 300)],
    ['newer', (text: string) => text.replace('"version":1', '"version":2')],
  ])('is replaced, and so says the log, where something else is in the place of the %s one', async (kind, spoil) => {
    files.files.set(PATH, spoil(good()));
    files.files.set(`${PATH}.${kind}`, 'my notes');
    const file = await open('two');
    await file.keep('env_1', ledger(1), 'counted');
    expect(files.files.get(`${PATH}.${kind}`)).toBe('my notes');
    expect(onDisk().size).toBe(1);
    expect(oks).toEqual([true]);
    expect(logged.map(({ fields }) => fields.remedy)).toEqual([`Move away what lies at ${PATH}.${kind}.`]);
  });

  it.each(['created 7', '[]', '{"a":1}', '\0\0\0\0', 'sk-ant-oat01-AAAA', 'api: {}'])(
    'is not a state file: %j stays where it is',
    async (text) => {
      files.files.set(PATH, text);
      const file = await open();
      await file.keep('env_1', ledger(1), 'counted');
      await file.close();
      expect([...files.files]).toEqual([[PATH, text]]);
      expect(oks).toEqual([false]);
      expect(logged[0]?.fields.detail).toBe('it is not a state file');
    },
  );

  it('and took the place of a state file later stays as well', async () => {
    const file = await open();
    files.files.set(PATH, 'my notes');
    await file.keep('env_1', ledger(1), 'counted');
    await file.close();
    expect([...files.files]).toEqual([[PATH, 'my notes']]);
    expect(oks).toEqual([true, false]);
  });

  it('that cannot be read is no reason not to start, and is left as it is', async () => {
    files.files.set(PATH, good());
    const before = files.files.get(PATH);
    files.read = async () => {
      throw Object.assign(new Error('permission denied'), { code: 'EACCES' });
    };
    expect((await open()).resume('env_1')).toBeUndefined();
    expect([logged[0]?.level, oks]).toEqual(['warn', [false]]);
    expect(files.files.get(PATH)).toBe(before);
  });
});

describe('on a real disk', () => {
  it('is replaced in one step, readable by its owner only', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'state-file-'));
    const path = join(folder, 'state.json');
    const file = await open('one', { path, files: nodeStateFiles });
    await file.keep('env_1', ledger(2), 'counted');
    await file.close();
    expect(await readdir(folder)).toEqual(['state.json']);
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect(await readFile(path, 'utf8')).toMatch(/^\{"version":1,"instance":"one"/);
    const second = await open('two', { path, files: nodeStateFiles });
    expect(second.resume('env_1')?.totals.stopped).toBe(2);
    await second.keep('env_1', ledger(3), 'counted');
    await file.keep('env_1', ledger(9), 'counted');
    expect((await open('three', { path, files: nodeStateFiles })).resume('env_1')?.totals.stopped).toBe(3);
  });

  it('in a folder that is not there fails, and is no more than that', async () => {
    const path = join(tmpdir(), 'state-file-missing', 'state.json');
    const file = await open('one', { path, files: nodeStateFiles });
    await file.keep('env_1', ledger(2), 'counted');
    expect(oks).toEqual([false]);
  });

  it('removes what a write that was cut off left there long ago, and nothing else', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'state-file-'));
    const path = join(folder, 'state.json');
    for (const name of ['state.json.tmp-old', 'state.json.tmp-new', 'other.json.tmp-old'])
      await writeFile(join(folder, name), '');
    const longAgo = (clock.now() - 2 * HOUR) / 1000;
    for (const name of ['state.json.tmp-old', 'other.json.tmp-old']) await utimes(join(folder, name), longAgo, longAgo);
    await utimes(join(folder, 'state.json.tmp-new'), clock.now() / 1000, clock.now() / 1000);
    await open('one', { path, files: nodeStateFiles });
    expect((await readdir(folder)).sort()).toEqual(['other.json.tmp-old', 'state.json', 'state.json.tmp-new']);
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
    const folder = await mkdtemp(join(tmpdir(), 'state-file-'));
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
    const folder = await mkdtemp(join(tmpdir(), 'state-file-'));
    const path = join(folder, 'state.json');
    const file = await open('é-one', { path, files: nodeStateFiles });
    await file.keep('env_1', ledger(2), 'counted');
    await file.close();
    const before = await readFile(path, 'utf8');
    await nodeStateFiles.overwrite(path, behindMarkAt(before)!, '1');
    expect(await readFile(path, 'utf8')).toBe(before.replace('"behind":0', '"behind":1'));
    expect((await open('two', { path, files: nodeStateFiles })).resume('env_1')).toBeUndefined();
  });

  it('is emptied where it cannot be taken away', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'state-file-'));
    const path = join(folder, 'state.json');
    await writeFile(path, 'something');
    await nodeStateFiles.empty(path);
    expect(await readFile(path, 'utf8')).toBe('');
  });
});
