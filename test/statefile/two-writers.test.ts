import { beforeEach, describe, expect, it } from 'vitest';
import { PATH, StateFileRig } from './state-file-rig.ts';

let { clock, files, logged, oks, open, onDisk, ledger } = new StateFileRig();

beforeEach(() => {
  ({ clock, files, logged, oks, open, onDisk, ledger } = new StateFileRig());
});

describe('a second process with the same file', () => {
  it('makes the first one stop writing, and publish all the same', async () => {
    const first = await open('one');
    await first.save('env_1', ledger(1), 'counted');
    const second = await open('two');
    await second.save('env_1', ledger(2), 'counted');
    await clock.advance(1000);
    await first.save('env_1', ledger(5), 'counted');
    await first.save('env_1', ledger(6), 'counted');
    expect(onDisk().get('env_1')?.totals.stopped).toBe(2);
    expect(oks).toEqual([true, true, false]);
    expect(logged.filter(({ level }) => level === 'error')).toHaveLength(1);
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
    await first.save('env_1', ledger(1), 'counted');
    expect(files.files.get(PATH)).toContain('"instance":"two"');
  });
});
