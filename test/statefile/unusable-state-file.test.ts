import { beforeEach, describe, expect, it } from 'vitest';
import { formatStateFile } from '../../src/statefile/format.ts';
import type { StateFile } from '../../src/statefile/state-file.ts';
import { StateFileStorage } from '../../src/statefile/storage.ts';
import { PATH, StateFileRig, withoutChecksum } from './state-file-rig.ts';

let { clock, files, logged, oks, open, onDisk, ledger } = new StateFileRig();

beforeEach(() => {
  ({ clock, files, logged, oks, open, onDisk, ledger } = new StateFileRig());
});

describe('a file that cannot be used', () => {
  // Of an earlier version: with a checksum, each of these is refused for that alone.
  const good = () =>
    withoutChecksum(
      formatStateFile({ instance: 'one', savedAt: clock.now(), ledgers: new Map([['env_1', ledger(1)]]) }),
    );

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
    await file.save('env_1', ledger(1), 'counted');
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
    await file.save('env_1', ledger(1), 'counted');
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
      await file.save('env_1', ledger(1), 'counted');
      await file.close();
      expect([...files.files]).toEqual([[PATH, text]]);
      expect(oks).toEqual([false]);
      expect(logged[0]?.fields.remedy).toBe('Name a file that only the exporter writes, or move this one away.');
    },
  );

  it('is not a state file, and is moved away for that of another process: that one is not replaced', async () => {
    files.files.set(PATH, 'my notes');
    const file = await open('two');
    files.files.delete(PATH);
    await saved(await open('three'), 20);
    await saved(file, 7);
    expect(onDisk().get('env_1')?.totals.stopped).toBe(20);
  });

  it('and took the place of a state file later stays as well', async () => {
    const file = await open();
    files.files.set(PATH, 'my notes');
    await file.save('env_1', ledger(1), 'counted');
    await file.close();
    expect([...files.files]).toEqual([[PATH, 'my notes']]);
    expect(oks).toEqual([true, false]);
  });

  /** The file of a process before this one, and a disk on which reads and what comes before a write fail. */
  function brokenDisk() {
    files.files.set(PATH, good());
    const { read, readStart } = files;
    const fails = async () => {
      throw Object.assign(new Error('i/o error'), { code: 'EIO' });
    };
    Object.assign(files, { read: fails, readStart: fails });
    return { before: files.files.get(PATH), repair: () => Object.assign(files, { read, readStart }) };
  }

  async function saved(file: StateFile, finished: number) {
    const kept = file.save('env_1', ledger(finished), 'counted');
    await clock.advance(1000);
    await kept;
  }

  it('that cannot be read is no reason not to start, and is left as it is for so long', async () => {
    const { before } = brokenDisk();
    const file = await open('two');
    expect(file.resume('env_1')).toBeUndefined();
    await saved(file, 7);
    expect([logged[0]?.level, oks]).toEqual(['warn', [false]]);
    expect(files.files.get(PATH)).toBe(before);
  });

  it('and can be read again is replaced by what was counted since, so that nothing counts twice', async () => {
    const { repair } = brokenDisk();
    const file = await open('two');
    await saved(file, 7);
    repair();
    for (let finished = 8; finished < 11; finished++) {
      await saved(file, finished);
    }
    expect(oks).toEqual([false, true]);
    expect((await open('three')).resume('env_1')?.totals.stopped).toBe(10);
  });

  it('could be read again only while it cannot be written is marked, and the next process starts at 0', async () => {
    const { repair } = brokenDisk();
    const file = await open('two');
    repair();
    const replace = files.replace.bind(files);
    files.replace = async () => {
      throw new Error('no space');
    };
    await saved(file, 7);
    await file.close();
    files.replace = replace;
    expect((await open('three')).resume('env_1')).toBeUndefined();
  });

  it('cannot be read, and is removed: one that another process then writes is not replaced', async () => {
    const storage = new StateFileStorage({ path: PATH, files, instance: 'two' }, { instance: null, isUnread: true });
    expect(await storage.write(good())).toBe(true);
    files.files.set(PATH, good());
    expect(await storage.write('{}')).toBe(false);
    expect(files.files.get(PATH)).toBe(good());
  });

  it('is that of another process once it has been read and replaced there', async () => {
    const { repair } = brokenDisk();
    const file = await open('two');
    repair();
    await saved(file, 7);
    const other = await open('three');
    await saved(other, 20);
    await saved(file, 8);
    expect(onDisk().get('env_1')?.totals.stopped).toBe(20);
  });
});
