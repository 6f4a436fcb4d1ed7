import { beforeEach, describe, expect, it } from 'vitest';
import { formatStateFile } from '../../src/statefile/format.ts';
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
      expect(logged[0]?.fields.detail).toBe('it is not a state file');
    },
  );

  it('and took the place of a state file later stays as well', async () => {
    const file = await open();
    files.files.set(PATH, 'my notes');
    await file.save('env_1', ledger(1), 'counted');
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
