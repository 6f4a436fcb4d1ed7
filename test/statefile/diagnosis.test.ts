import { beforeEach, describe, expect, it } from 'vitest';
import { PATH, StateFileRig, withoutChecksum } from './state-file-rig.ts';

const MINUTE = 60_000;
const MEMORY = { version: 1, subjects: [{ kind: 'connection', id: 'default' }] };

let { clock, files, open, ledger } = new StateFileRig();

beforeEach(() => {
  ({ clock, files, open, ledger } = new StateFileRig());
});

describe('what the diagnosis remembers', () => {
  it('is in the file a second after news, whatever else happens', async () => {
    const file = await open();
    expect(file.diagnosis).toBeNull();
    await clock.advance(MINUTE);
    file.saveDiagnosis(() => MEMORY, true);
    await clock.advance(1000);
    expect((await open('two')).diagnosis).toEqual(MEMORY);
  });

  it('stays in the file until there is another', async () => {
    const file = await open();
    file.saveDiagnosis(() => MEMORY, true);
    await clock.advance(1000);
    await (await open('two')).save('env_1', ledger(1), 'counted');
    expect((await open('three')).diagnosis).toEqual(MEMORY);
  });

  it('is written with the next count, at the end, or after ten minutes, where it has no news', async () => {
    const file = await open();
    await clock.advance(MINUTE);
    file.saveDiagnosis(() => MEMORY, false);
    await clock.advance(MINUTE);
    expect(files.writes).toEqual([]);
    await clock.advance(9 * MINUTE);
    file.saveDiagnosis(() => MEMORY, false);
    await clock.advance(1000);
    expect(files.writes).toHaveLength(1);
    file.saveDiagnosis(() => ({ ...MEMORY, subjects: [] }), false);
    await file.close();
    expect((await open('two')).diagnosis).toEqual({ ...MEMORY, subjects: [] });
  });

  it.each([
    ['29 minutes ago', 29 * MINUTE, MEMORY],
    ['31 minutes ago', 31 * MINUTE, null],
    ['by a clock that was ahead', -31 * MINUTE, null],
  ])('is recalled or not, if it was written %s', async (_, passed, recalled) => {
    const file = await open();
    file.saveDiagnosis(() => MEMORY, true);
    await file.close();
    clock.jumpWall(passed);
    expect((await open('two')).diagnosis).toEqual(recalled);
  });

  it('is missing in a file of an earlier version, and unread by it', async () => {
    const file = await open();
    await file.save('env_1', ledger(3), 'counted');
    file.saveDiagnosis(() => MEMORY, false);
    await file.close();
    const { diagnosis, ...earlier } = JSON.parse(withoutChecksum(files.files.get(PATH)!));
    const { lost, begun, sessionRuns, shortSessionRuns, ...counters } = earlier.environments.env_1.counters;
    const { losses, ...rest } = earlier.environments.env_1;
    expect([diagnosis, begun, losses]).not.toContain(undefined);
    files.files.set(PATH, JSON.stringify({ ...earlier, environments: { env_1: { ...rest, counters } } }));
    const second = await open('two');
    expect(second.diagnosis).toBeNull();
    expect(second.resume('env_1')!.totals).toMatchObject({ stopped: 3, begun: 0, lost: 0 });
  });
});
