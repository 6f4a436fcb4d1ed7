import { beforeEach, describe, expect, it } from 'vitest';
import { PATH, StateFileRig } from './state-file-rig.ts';

let { clock, files, logged, oks, open, onDisk, ledger } = new StateFileRig();

beforeEach(() => {
  ({ clock, files, logged, oks, open, onDisk, ledger } = new StateFileRig());
});

describe('a write that fails', () => {
  it('lets publish, marks the file as behind, and says so once', async () => {
    const file = await open();
    await file.save('env_1', ledger(1), 'counted');
    files.failing = { replace: true };
    await clock.advance(5000);
    await file.save('env_1', ledger(2), 'counted');
    await clock.advance(5000);
    await file.save('env_1', ledger(3), 'counted');
    expect([files.files.get(PATH)?.slice(0, 70), oks]).toEqual([
      '{"version":1,"instance":"one","behind":1,"crc32":"00000000","saved_at"',
      [true, false],
    ]);
    expect(logged.map(({ fields }) => fields.event)).toEqual(['state_file.failing']);
    expect(onDisk().size).toBe(0);
  });

  it('is tried again at the end', async () => {
    const file = await open();
    files.failing = { replace: true };
    await file.save('env_1', ledger(1), 'counted');
    files.failing = {};
    await file.close();
    expect(onDisk().get('env_1')?.totals.stopped).toBe(1);
  });

  it('is made good by the next one that works', async () => {
    const file = await open();
    files.failing = { replace: true, unlink: true };
    await file.save('env_1', ledger(1), 'counted');
    files.failing = {};
    await clock.advance(5000);
    await file.save('env_1', ledger(2), 'counted');
    expect(onDisk().get('env_1')?.totals.stopped).toBe(2);
    // One write that works is not the end of the trouble. So it is tried twice more at once, without waiting for news.
    expect(oks).toEqual([true, false]);
    await clock.advance(2000);
    expect(oks).toEqual([true, false, true]);
    expect(files.writes).toHaveLength(3);
    await clock.advance(60_000);
    expect(files.writes).toHaveLength(3);
  });
});

describe('a disk with room for one copy', () => {
  /** A write fails while there is an old file beside it, whatever is in it. */
  const full = () => {
    const replace = files.replace.bind(files);
    files.replace = async (path, text, ...rest) => {
      const old = files.files.get(path) ?? '';
      if (old !== '') throw Object.assign(new Error('no space left on device'), { code: 'ENOSPC' });
      await replace(path, text, ...rest);
    };
  };

  it('does not flip: the old file stays, marked, and the alert sees a failing file all the time', async () => {
    const file = await open();
    await file.save('env_1', ledger(1), 'counted');
    full();
    for (let finished = 2; finished < 12; finished++) {
      await clock.advance(1000);
      await file.save('env_1', ledger(finished), 'counted');
      expect(files.files.get(PATH)).toContain('"behind":1');
    }
    expect(oks).toEqual([true, false]);
    expect((await open('two')).resume('env_1')).toBeUndefined();
  });

  it('that flips all the same is failing until three writes in a row succeed', async () => {
    const file = await open();
    const replace = files.replace.bind(files);
    let writes = 0;
    files.replace = async (...all) => {
      files.failing = { replace: ++writes % 3 === 0 };
      await replace(...all);
    };
    for (let finished = 1; finished < 20; finished++) {
      void file.save('env_1', ledger(finished), 'counted');
      await clock.advance(1000);
    }
    expect(writes).toBeGreaterThan(12);
    expect(oks).toEqual([true, false]);
  });

  it.each(['overwrite', 'unlink'] as const)('is left no number that is behind where %s fails as well', async (step) => {
    const file = await open();
    await file.save('env_1', ledger(1), 'counted');
    files.failing = { replace: true, overwrite: true, [step]: true };
    await clock.advance(1000);
    await file.save('env_1', ledger(2), 'counted');
    files.failing = {};
    expect((await open('two')).resume('env_1')).toBeUndefined();
  });
});

describe('a file that cannot be taken away when a write fails', () => {
  it('is emptied, so that the next process begins at 0', async () => {
    const file = await open();
    await file.save('env_1', ledger(1), 'counted');
    files.failing = { replace: true, overwrite: true, unlink: true };
    await clock.advance(5000);
    await file.save('env_1', ledger(2), 'counted');
    expect(files.files.get(PATH)).toBe('');
    files.failing = {};
    expect((await open('two')).resume('env_1')).toBeUndefined();
  });

  it('is told of when it cannot be emptied either', async () => {
    const file = await open();
    await file.save('env_1', ledger(1), 'counted');
    files.failing = { replace: true, overwrite: true, unlink: true, empty: true };
    await clock.advance(5000);
    await file.save('env_1', ledger(2), 'counted');
    expect(logged.map(({ level, fields }) => [level, fields.event])).toEqual([
      ['error', 'state_file.failing'],
      ['error', 'state_file.failing'],
    ]);
    expect(logged[1]?.fields.remedy).toContain('Remove the file');
  });

  it('gives nothing back at the start: what is published from then on would be ahead of it', async () => {
    await (await open()).save('env_1', ledger(1), 'counted');
    files.failing = { replace: true, overwrite: true, unlink: true, empty: true };
    oks.length = 0;
    const second = await open('two');
    expect([second.resume('env_1'), oks]).toEqual([undefined, [false]]);
  });
});
