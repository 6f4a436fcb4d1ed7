import { beforeEach, describe, expect, it } from 'vitest';
import { formatLedger } from '../../src/statefile/format.ts';
import { PATH, StateFileRig } from './state-file-rig.ts';

const HOUR = 3_600_000;
const MINUTE = 60_000;

let { clock, files, open, onDisk, ledger, settled } = new StateFileRig();

beforeEach(() => {
  ({ clock, files, open, onDisk, ledger, settled } = new StateFileRig());
});

describe('a state file', () => {
  it('gives the next process everything back', async () => {
    const first = await open();
    const counted = ledger(3);
    await first.save('env_1', counted, 'counted');
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
    const kept = file.save('env_1', ledger(1), 'counted');
    expect(await settled(kept)).toBe(false);
    replaced.resolve();
    expect(await settled(kept)).toBe(true);
    expect(files.files.get(PATH)).toContain('"created":2');
  });

  it('is written at most once a second, for all who wait', async () => {
    const file = await open();
    await file.save('env_1', ledger(1), 'counted');
    const later = [file.save('env_1', ledger(2), 'counted'), file.save('env_2', ledger(3), 'counted')];
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
    const first = file.save('env_1', ledger(1), 'counted');
    const second = file.save('env_1', ledger(2), 'counted');
    await clock.advance(2000);
    await Promise.all([first, second]);
    expect(onDisk().get('env_1')?.totals.stopped).toBe(2);
  });

  it('is written once more at the end, without waiting for the second', async () => {
    const file = await open();
    await file.save('env_1', ledger(1), 'counted');
    const last = file.save('env_1', ledger(2), 'counted');
    await file.close();
    await last;
    await file.save('env_1', ledger(3), 'counted');
    expect(onDisk().get('env_1')?.totals.stopped).toBe(2);
  });

  it('is written soon for what was learned, and nobody waits for that', async () => {
    const file = await open();
    await file.save('env_1', ledger(1), 'counted');
    await file.save('env_1', ledger(2), 'learned');
    expect(files.writes).toHaveLength(1);
    await clock.advance(1000);
    expect(files.writes).toHaveLength(2);
    expect(onDisk().get('env_1')?.totals.stopped).toBe(2);
  });

  it('is not written for what was only seen, but takes it along with the next write', async () => {
    const file = await open();
    await file.save('env_1', ledger(1), 'counted');
    await file.save('env_1', ledger(2), 'seen');
    await clock.advance(HOUR);
    expect(files.writes).toHaveLength(1);
    await file.save('env_2', ledger(1), 'counted');
    expect(onDisk().get('env_1')?.totals.stopped).toBe(2);
  });

  it('takes what was only seen along at the end, and is left alone when it lacks nothing', async () => {
    const file = await open();
    await file.save('env_1', ledger(1), 'counted');
    await file.save('env_1', ledger(2), 'seen');
    await file.close();
    expect(onDisk().get('env_1')?.totals.stopped).toBe(2);
    const second = await open('two');
    await second.close();
    expect(files.writes).toEqual([]);
  });

  it.each([
    ['right after the start', null, 0, false],
    ['less than ten minutes after the start', null, 10 * MINUTE - 1, false],
    ['ten minutes after the start', null, 10 * MINUTE, true],
    ['right after a write, long after the start', HOUR, 0, false],
    ['less than ten minutes after a write, long after the start', HOUR, 10 * MINUTE - 1, false],
    ['ten minutes after a write', HOUR, 10 * MINUTE, true],
  ])(
    'is as old as it may be, and counts for less the older it is: what is only seen %s',
    async (_when, wrote, later, isWritten) => {
      const file = await open();
      if (wrote !== null) {
        await clock.advance(wrote);
        await file.save('env_1', ledger(1), 'counted');
      }
      const before = files.writes.length;
      await clock.advance(later);
      await file.save('env_1', ledger(2), 'seen');
      await clock.advance(1000);
      expect(files.writes.length > before).toBe(isWritten);
      if (isWritten) expect(onDisk().get('env_1')?.totals.stopped).toBe(2);
    },
  );

  it('leaves out an environment that is watched no more, after an hour', async () => {
    const file = await open();
    await file.save('env_1', ledger(1), 'counted');
    file.forget('env_1');
    await clock.advance(1000);
    await file.save('env_2', ledger(1), 'counted');
    expect([...onDisk().keys()]).toEqual(['env_1', 'env_2']);
    await clock.advance(HOUR);
    await file.save('env_2', ledger(2), 'counted');
    expect([...onDisk().keys()]).toEqual(['env_2']);
    expect(file.resume('env_1')).toBeUndefined();
  });

  it.each([
    ['one after the other, of a fleet of one', { watched: 1, leave: 300, kept: 100 }],
    ['one after the other, of a large fleet', { watched: 150, leave: 300, kept: 150 }],
    ['all at once', { watched: 300, leave: 300, kept: 300 }],
  ])('keeps the last that left: %s', async (_, { watched, leave, kept }) => {
    const before = await open();
    for (const n of [1, 2, 3]) void before.save(`env_of_the_file_${n}`, ledger(1), 'counted');
    await before.close();
    const file = await open('two');
    for (let n = 0; n < leave + watched; n++) {
      if (n >= watched) file.forget(`env_${n - watched}`);
      if (n < leave) void file.save(`env_${n}`, ledger(n), 'counted');
    }
    await file.close();
    const written = [...onDisk().keys()].filter((id) => /^env_\d+$/.test(id));
    expect(written).toEqual(Array.from({ length: kept }, (__, n) => `env_${leave - kept + n}`));
    // Of these nobody knows yet whether they are watched.
    expect(onDisk().size).toBe(kept + 3);
  });

  it('lets the counters of an environment go on that was lost for a round', async () => {
    const first = await open();
    await first.save('env_1', ledger(1), 'counted');
    const second = await open('two');
    await second.save('env_1', ledger(5), 'counted');
    second.forget('env_1');
    expect(second.resume('env_1')?.totals.stopped).toBe(5);
    second.forget('env_unknown');
    expect(second.resume('env_unknown')).toBeUndefined();
  });

  it('a state file is found behind a link', async () => {
    files.links.set(PATH, '/volume/state.json');
    const file = await open();
    await file.save('env_1', ledger(1), 'counted');
    expect([...files.files.keys()]).toEqual(['/volume/state.json']);
  });

  it('keeps for an hour what discovery has not found again yet', async () => {
    const first = await open();
    await first.save('env_lost', ledger(1), 'counted');
    const second = await open('two');
    await second.save('env_1', ledger(1), 'counted');
    expect([...onDisk().keys()].sort()).toEqual(['env_1', 'env_lost']);
    await clock.advance(HOUR + 1);
    await second.save('env_1', ledger(2), 'counted');
    expect([...onDisk().keys()]).toEqual(['env_1']);
  });

  it('keeps what is watched, however long it cannot be read', async () => {
    const first = await open();
    await first.save('env_unreadable', ledger(1), 'counted');
    const second = await open('two');
    expect(second.resume('env_unreadable')?.totals.stopped).toBe(1);
    await clock.advance(2 * HOUR);
    await second.save('env_1', ledger(1), 'counted');
    expect([...onDisk().keys()].sort()).toEqual(['env_1', 'env_unreadable']);
    second.forget('env_unreadable');
    await clock.advance(HOUR + 1);
    await second.save('env_1', ledger(2), 'counted');
    expect([...onDisk().keys()]).toEqual(['env_1']);
  });
});
