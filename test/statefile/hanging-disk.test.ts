import { beforeEach, describe, expect, it } from 'vitest';
import { FileFault } from '../../src/base/files/file-reader.ts';
import { StateFileRig } from './state-file-rig.ts';

let { clock, files, logged, oks, open, onDisk, ledger, settled } = new StateFileRig();

beforeEach(() => {
  ({ clock, files, logged, oks, open, onDisk, ledger, settled } = new StateFileRig());
});

describe('a disk that does not answer', () => {
  /** Writes that end when the test says so. */
  function hold(): () => void {
    const replace = files.replace.bind(files);
    const held = Promise.withResolvers<void>();
    files.replace = async (path, text) => {
      await held.promise;
      await replace(path, text);
    };
    return () => {
      files.replace = replace;
      held.resolve();
    };
  }

  it('keeps nobody waiting for more than ten seconds, and says so', async () => {
    const file = await open();
    hold();
    const kept = file.save('env_1', ledger(1), 'counted');
    await clock.advance(9999);
    expect([await settled(kept), oks]).toEqual([false, [true]]);
    await clock.advance(1);
    expect([await settled(kept), oks]).toEqual([true, [true, false]]);
    expect(logged).toMatchObject([{ level: 'error', fields: { event: 'state_file.failing' } }]);
    expect(await settled(file.save('env_1', ledger(2), 'counted'))).toBe(true);
  });

  it('is behind when it answers at last: the file is marked and written anew', async () => {
    const file = await open();
    const release = hold();
    void file.save('env_1', ledger(1), 'counted');
    await clock.advance(15_000);
    await file.save('env_1', ledger(2), 'counted');
    release();
    await clock.advance(2000);
    expect(onDisk().get('env_1')?.totals.stopped).toBe(2);
    for (const finished of [3, 4]) {
      await clock.advance(1000);
      await file.save('env_1', ledger(finished), 'counted');
    }
    expect(oks).toEqual([true, false, true]);
  });

  it('is written anew when it answers at last, although nothing is counted any more', async () => {
    const file = await open();
    const release = hold();
    void file.save('env_1', ledger(1), 'counted');
    await clock.advance(15_000);
    release();
    await clock.advance(5000);
    expect(onDisk().get('env_1')?.totals.stopped).toBe(1);
    expect(oks).toEqual([true, false, true]);
  });

  it('does not hold the end of the process', async () => {
    const file = await open();
    hold();
    void file.save('env_1', ledger(1), 'counted');
    await clock.advance(11_000);
    expect(await settled(file.close())).toBe(true);
  });

  it('does not hold the start either, and gives nothing back', async () => {
    await (await open()).save('env_1', ledger(1), 'counted');
    hold();
    const opening = open('two');
    await clock.advance(10_000);
    expect((await opening).resume('env_1')).toBeUndefined();
  });
});

describe('a disk that does not answer while the exporter starts', () => {
  const never = () => new Promise<never>(() => {});

  it.each([
    ['where a link leads', 'resolve'],
    ['what else is in the folder', 'removeAbandoned'],
    ['what the file holds', 'read'],
    ['how it begins', 'readStart'],
    ['a write', 'replace'],
  ] as const)('when asked for %s: the exporter starts without what was kept', async (_, step) => {
    const before = await open('one');
    await before.save('env_1', ledger(1), 'counted');
    await before.close();
    files[step] = never;
    const opening = open('two');
    for (let waited = 0; waited < 5 && !(await settled(opening)); waited++) await clock.advance(10_000);
    expect(await settled(opening)).toBe(true);
    const file = await opening;
    // The first two are not needed for anything that is kept.
    const isLost = step !== 'resolve' && step !== 'removeAbandoned';
    expect(file.resume('env_1') === undefined).toBe(isLost);
    const publishing = file.save('env_1', ledger(2), 'counted');
    for (let waited = 0; waited < 2 && !(await settled(publishing)); waited++) await clock.advance(10_000);
    expect(await settled(publishing)).toBe(true);
    expect(oks.at(-1)).toBe(!isLost);
  });

  /** Replaces these steps by ones that never end. */
  function hang(...steps: readonly (keyof typeof files)[]): void {
    for (const step of steps) Object.assign(files, { [step]: never });
  }
  const READING = ['read', 'readStart', 'hasNewerSibling'] as const;
  const ALL = ['resolve', 'removeAbandoned', ...READING, 'replace', 'overwrite', 'unlink', 'empty', 'rename'] as const;

  it.each([
    ['not at all', ALL],
    ['to anything that reads', READING],
  ])('%s: the start waits ten seconds, and a second each for what is read and written', async (_, steps) => {
    const startsAfterMs = 12_000;
    hang(...steps);
    const opening = open('two');
    await clock.advance(startsAfterMs - 1);
    expect(await settled(opening)).toBe(false);
    await clock.advance(1);
    expect(await settled(opening)).toBe(true);
    expect(logged[0]?.fields.detail).toBe('it does not answer: nothing was read within 1 s');
  });

  it.each([
    ['no read of it ends', never, 12_000],
    ['reads of it fail because they hang', () => Promise.reject(new FileFault('file_hangs', 'does not answer')), 0],
  ])('is asked nothing more that would keep one of the threads of Node: %s', async (_, read, startsAfterMs) => {
    const asked: string[] = [];
    for (const step of ['resolve', 'removeAbandoned', 'hasNewerSibling'] as const) {
      Object.assign(files, { [step]: () => asked.push(step) && never() });
    }
    Object.assign(files, { read, readStart: read });
    const opening = open('two');
    await clock.advance(startsAfterMs);
    expect([await settled(opening), asked]).toEqual([true, []]);
  });

  it('has what was counted meanwhile, once the disk answers', async () => {
    const before = await open('one');
    await before.save('env_1', ledger(1), 'counted');
    await before.close();
    const answers = Promise.withResolvers<void>();
    const read = files.read.bind(files);
    files.read = async (path) => {
      await answers.promise;
      return await read(path);
    };
    const opening = open('two');
    await clock.advance(12_000);
    const file = await opening;
    expect(file.resume('env_1')).toBeUndefined();
    const publishing = file.save('env_1', ledger(5), 'counted');
    await clock.advance(10_000);
    expect(await settled(publishing)).toBe(true);
    answers.resolve();
    await clock.advance(5000);
    expect(onDisk().get('env_1')?.totals.stopped).toBe(5);
  });
});
