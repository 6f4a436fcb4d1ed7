import { beforeEach, describe, expect, it } from 'vitest';
import { PATH, StateFileRig } from './state-file-rig.ts';

let { clock, files, logged, open, ledger, settled } = new StateFileRig();

beforeEach(() => {
  ({ clock, files, logged, open, ledger, settled } = new StateFileRig());
});

/** The disk takes what is written only when the returned function is called. */
function slowDisk(): () => void {
  const { promise, resolve } = Promise.withResolvers<void>();
  const replace = files.replace.bind(files);
  files.replace = async (...given) => {
    await promise;
    await replace(...given);
  };
  return resolve;
}

describe('whoever comes while a write is under way', () => {
  it('is published with those before when the disk does not answer', async () => {
    const file = await open();
    slowDisk();
    const first = file.save('env_1', ledger(1), 'counted');
    await clock.advance(9000);
    const second = file.save('env_2', ledger(1), 'counted');
    expect([await settled(first), await settled(second)]).toEqual([false, false]);
    await clock.advance(1000);
    expect([await settled(first), await settled(second)]).toEqual([true, true]);
    expect(await settled(file.save('env_3', ledger(1), 'counted'))).toBe(true);
  });

  it('is published when another process has taken the file', async () => {
    const file = await open();
    const readStart = files.readStart.bind(files);
    const { promise, resolve } = Promise.withResolvers<void>();
    files.readStart = async (...given) => {
      await promise;
      return await readStart(...given);
    };
    const kept = [file.save('env_1', ledger(1), 'counted'), file.save('env_2', ledger(2), 'counted')];
    files.files.set(PATH, '{"version":1,"instance":"another"');
    resolve();
    expect(await settled(Promise.all(kept))).toBe(true);
    expect(files.writes).toEqual([]);
    expect(logged.map(({ fields }) => fields.event)).toEqual(['state_file.failing']);
  });

  it('finds what was kept in the file when the process ends', async () => {
    const file = await open();
    const answer = slowDisk();
    void file.save('env_1', ledger(1), 'counted');
    const kept = file.save('env_2', ledger(2), 'counted');
    const closed = file.close();
    // What comes now is too late.
    void file.save('env_3', ledger(3), 'counted');
    answer();
    expect(await settled(Promise.all([kept, closed]))).toBe(true);
    expect([...files.ledgers(PATH).keys()]).toEqual(['env_1', 'env_2']);
  });

  it('is written after that write and not beside it when the process ends', async () => {
    const file = await open();
    const events: string[] = [];
    const answer = slowDisk();
    const replace = files.replace.bind(files);
    files.replace = async (...given) => {
      events.push('begins');
      await replace(...given);
      events.push('ends');
    };
    void file.save('env_1', ledger(1), 'counted');
    void file.save('env_2', ledger(2), 'counted');
    const closed = file.close();
    expect(await settled(closed)).toBe(false);
    answer();
    await closed;
    expect(events).toEqual(['begins', 'ends', 'begins', 'ends']);
  });

  it('does not keep the process from ending while the disk does not answer', async () => {
    const file = await open();
    slowDisk();
    void file.save('env_1', ledger(1), 'counted');
    const kept = file.save('env_2', ledger(2), 'counted');
    const closed = file.close();
    await clock.advance(9999);
    expect([await settled(kept), await settled(closed)]).toEqual([false, false]);
    await clock.advance(1);
    expect([await settled(kept), await settled(closed)]).toEqual([true, true]);
  });
});
