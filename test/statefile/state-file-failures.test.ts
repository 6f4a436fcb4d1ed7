import { beforeEach, describe, expect, it } from 'vitest';
import { PATH, StateFileRig } from './state-file-rig.ts';

let { clock, files, logged, oks, open, onDisk, ledger, settled } = new StateFileRig();

beforeEach(() => {
  ({ clock, files, logged, oks, open, onDisk, ledger, settled } = new StateFileRig());
});

describe('a write that fails', () => {
  it('lets publish, marks the file as behind, and says so once', async () => {
    const file = await open();
    await file.keep('env_1', ledger(1), 'counted');
    files.failing = { replace: true };
    await clock.advance(5000);
    await file.keep('env_1', ledger(2), 'counted');
    await clock.advance(5000);
    await file.keep('env_1', ledger(3), 'counted');
    expect([files.files.get(PATH)?.slice(0, 43), oks]).toEqual([
      '{"version":1,"instance":"one","behind":1,"s',
      [true, false],
    ]);
    expect(logged.map(({ fields }) => fields.event)).toEqual(['state_file.failing']);
    expect(onDisk().size).toBe(0);
  });

  it('is tried again at the end', async () => {
    const file = await open();
    files.failing = { replace: true };
    await file.keep('env_1', ledger(1), 'counted');
    files.failing = {};
    await file.close();
    expect(onDisk().get('env_1')?.totals.stopped).toBe(1);
  });

  it('is made good by the next one that works', async () => {
    const file = await open();
    files.failing = { replace: true, unlink: true };
    await file.keep('env_1', ledger(1), 'counted');
    files.failing = {};
    await clock.advance(5000);
    await file.keep('env_1', ledger(2), 'counted');
    expect(onDisk().get('env_1')?.totals.stopped).toBe(2);
    // One write that works is not the end of the trouble.
    expect(oks).toEqual([true, false]);
    for (const finished of [3, 4]) {
      await clock.advance(1000);
      await file.keep('env_1', ledger(finished), 'counted');
    }
    expect(oks).toEqual([true, false, true]);
  });
});

describe('a second process with the same file', () => {
  it('makes the first one stop writing, and publish all the same', async () => {
    const first = await open('one');
    await first.keep('env_1', ledger(1), 'counted');
    const second = await open('two');
    await second.keep('env_1', ledger(2), 'counted');
    await clock.advance(1000);
    await first.keep('env_1', ledger(5), 'counted');
    await first.keep('env_1', ledger(6), 'counted');
    expect(onDisk().get('env_1')?.totals.stopped).toBe(2);
    expect(oks).toEqual([true, true, false]);
    expect(logged.filter(({ level }) => level === 'error')).toHaveLength(1);
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
    await file.keep('env_1', ledger(1), 'counted');
    full();
    for (let finished = 2; finished < 12; finished++) {
      await clock.advance(1000);
      await file.keep('env_1', ledger(finished), 'counted');
      expect(files.files.get(PATH)).toContain('"behind":1');
    }
    expect(oks).toEqual([true, false]);
    expect((await open('two')).resume('env_1')).toBeUndefined();
  });

  it('that flips all the same is failing until three writes in a row succeed', async () => {
    const file = await open();
    for (let finished = 1; finished < 20; finished++) {
      files.failing = { replace: finished % 3 === 0 };
      await clock.advance(1000);
      await file.keep('env_1', ledger(finished), 'counted');
    }
    expect(oks).toEqual([true, false]);
  });

  it.each(['overwrite', 'unlink'] as const)('is left no number that is behind where %s fails as well', async (step) => {
    const file = await open();
    await file.keep('env_1', ledger(1), 'counted');
    files.failing = { replace: true, overwrite: true, [step]: true };
    await clock.advance(1000);
    await file.keep('env_1', ledger(2), 'counted');
    files.failing = {};
    expect((await open('two')).resume('env_1')).toBeUndefined();
  });
});

describe('a file that cannot be taken away when a write fails', () => {
  it('is emptied, so that the next process begins at 0', async () => {
    const file = await open();
    await file.keep('env_1', ledger(1), 'counted');
    files.failing = { replace: true, overwrite: true, unlink: true };
    await clock.advance(5000);
    await file.keep('env_1', ledger(2), 'counted');
    expect(files.files.get(PATH)).toBe('');
    files.failing = {};
    expect((await open('two')).resume('env_1')).toBeUndefined();
  });

  it('is told of when it cannot be emptied either', async () => {
    const file = await open();
    await file.keep('env_1', ledger(1), 'counted');
    files.failing = { replace: true, overwrite: true, unlink: true, empty: true };
    await clock.advance(5000);
    await file.keep('env_1', ledger(2), 'counted');
    expect(logged.map(({ level, fields }) => [level, fields.event])).toEqual([
      ['error', 'state_file.failing'],
      ['error', 'state_file.failing'],
    ]);
    expect(logged[1]?.fields.remedy).toContain('Remove the file');
  });

  it('gives nothing back at the start: what is published from then on would be ahead of it', async () => {
    await (await open()).keep('env_1', ledger(1), 'counted');
    files.failing = { replace: true, overwrite: true, unlink: true, empty: true };
    oks.length = 0;
    const second = await open('two');
    expect([second.resume('env_1'), oks]).toEqual([undefined, [false]]);
  });
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
    const kept = file.keep('env_1', ledger(1), 'counted');
    await clock.advance(9999);
    expect([await settled(kept), oks]).toEqual([false, [true]]);
    await clock.advance(1);
    expect([await settled(kept), oks]).toEqual([true, [true, false]]);
    expect(logged).toMatchObject([{ level: 'error', fields: { event: 'state_file.failing' } }]);
    expect(await settled(file.keep('env_1', ledger(2), 'counted'))).toBe(true);
  });

  it('is behind when it answers at last: the file is marked and written anew', async () => {
    const file = await open();
    const release = hold();
    void file.keep('env_1', ledger(1), 'counted');
    await clock.advance(15_000);
    await file.keep('env_1', ledger(2), 'counted');
    release();
    await clock.advance(2000);
    expect(onDisk().get('env_1')?.totals.stopped).toBe(2);
    for (const finished of [3, 4]) {
      await clock.advance(1000);
      await file.keep('env_1', ledger(finished), 'counted');
    }
    expect(oks).toEqual([true, false, true]);
  });

  it('does not hold the end of the process', async () => {
    const file = await open();
    hold();
    void file.keep('env_1', ledger(1), 'counted');
    await clock.advance(11_000);
    expect(await settled(file.close())).toBe(true);
  });

  it('does not hold the start either, and gives nothing back', async () => {
    await (await open()).keep('env_1', ledger(1), 'counted');
    hold();
    const opening = open('two');
    await clock.advance(10_000);
    expect((await opening).resume('env_1')).toBeUndefined();
  });
});

describe('two processes that start at once', () => {
  it('do not write into the same temporary file', async () => {
    const temporaries: string[] = [];
    const replace = files.replace.bind(files);
    files.replace = async (path, text, temporary) => {
      temporaries.push(temporary);
      await replace(path, text);
    };
    await Promise.all([open('one'), open('two')]);
    expect(new Set(temporaries).size).toBe(2);
  });

  it('leave the file of the other alone when a write of theirs fails', async () => {
    const first = await open('one');
    await open('two');
    files.failing = { replace: true };
    await first.keep('env_1', ledger(1), 'counted');
    expect(files.files.get(PATH)).toContain('"instance":"two"');
  });
});

describe('a disk that does not answer while the exporter starts', () => {
  const never = () => new Promise<never>(() => {});

  it.each([
    ['where a link leads', 'resolve'],
    ['what else is in the folder', 'tidy'],
    ['what the file holds', 'read'],
    ['how it begins', 'readStart'],
    ['a write', 'replace'],
  ] as const)('when asked for %s: the exporter starts without what was kept', async (_, step) => {
    const before = await open('one');
    await before.keep('env_1', ledger(1), 'counted');
    await before.close();
    files[step] = never;
    const opening = open('two');
    for (let waited = 0; waited < 5 && !(await settled(opening)); waited++) await clock.advance(10_000);
    expect(await settled(opening)).toBe(true);
    const file = await opening;
    // The first two are not needed for anything that is kept.
    const isLost = step !== 'resolve' && step !== 'tidy';
    expect(file.resume('env_1') === undefined).toBe(isLost);
    expect(oks.at(-1)).toBe(!isLost);
    const publishing = file.keep('env_1', ledger(2), 'counted');
    for (let waited = 0; waited < 2 && !(await settled(publishing)); waited++) await clock.advance(10_000);
    expect(await settled(publishing)).toBe(true);
  });
});
