import { describe, expect, it } from 'vitest';
import type { LogEvent } from '../../src/base/logger.ts';
import { countRead } from '../../src/lifecycle/count-read.ts';
import { type Ledger, ledgerAt, newLedger } from '../../src/lifecycle/ledger.ts';
import { StateFile } from '../../src/statefile/state-file.ts';
import { ManualClock } from '../support/manual-clock.ts';
import { MemoryDisk, systemError } from '../support/memory-disk.ts';
import { buildItem, NOW } from '../support/states.ts';

const PATH = 'state.json';
const HOUR = 3_600_000;

/** A disk and a clock that outlive processes, and what these log. */
class Machine {
  readonly disk = new MemoryDisk();
  readonly clock = new ManualClock(NOW);
  readonly lines: (LogEvent & { readonly level: string; readonly text: string })[] = [];
  readonly oks: boolean[] = [];
  #processes = 0;

  async start(isOwn: (id: string) => boolean = () => true): Promise<StateFile> {
    const { disk, clock } = this;
    const log = (level: string) => (line: LogEvent, text: string) => void this.lines.push({ ...line, level, text });
    const logger = { debug: log('debug'), info: log('info'), warn: log('warn'), error: log('error') };
    const instance = `process-${++this.#processes}`;
    const opening = StateFile.open({
      path: PATH,
      disk,
      clock,
      logger,
      instance,
      isOwn,
      onOk: (ok) => void this.oks.push(ok),
    });
    await this.clock.advance(20_000);
    return await opening;
  }

  /** What the file says was created in an environment; null without a file, undefined without the environment. */
  created(id = 'env'): number | null | undefined {
    const text = this.disk.files.get(PATH);
    return text === undefined ? null : JSON.parse(text).environments[id]?.counters.created;
  }

  /** Whether something has resolved once a second has passed. */
  async isDone(promise: Promise<void>): Promise<boolean> {
    let done = false;
    void promise.then(() => {
      done = true;
    });
    await this.clock.advance(1100);
    return done;
  }
}

/** A ledger that has counted so many items, and follows them. */
function counted(items: number, at = NOW): Ledger {
  const sightings = Array.from({ length: items }, (_, n) => ({
    item: buildItem(`work_${n}`, { createdAt: at + n, startedAt: at + n }).item,
    at: at + 1000,
  }));
  const read = { sightings, fullScan: null };
  return countRead(newLedger(at - 1), read, { startedAtIsEnqueueStamp: true, exemplars: false });
}

describe('what was counted', () => {
  it('is on the disk before it may be shown, and the next process goes on from it', async () => {
    const machine = new Machine();
    const file = await machine.start();
    const ledger = counted(3);
    expect(await machine.isDone(file.save('env', ledger, true))).toBe(true);
    expect(machine.created()).toBe(3);
    const next = await machine.start();
    expect(next.resume('env')).toEqual(ledger);
    expect(machine.oks).toEqual([true, true]);
  });

  it('waits for the write that holds it: all who wait share one, at most one a second', async () => {
    const machine = new Machine();
    const file = await machine.start();
    const before = machine.disk.steps.filter((step) => step.startsWith('replace')).length;
    const all = Array.from({ length: 50 }, (_, n) => file.save(`env_${n}`, counted(1), true));
    await machine.clock.advance(1100);
    await Promise.all(all);
    const writes = machine.disk.steps.filter((step) => step.startsWith('replace')).length - before;
    expect(writes).toBeLessThanOrEqual(2);
    expect(machine.created('env_49')).toBe(1);
  });

  it('waits for nothing where nothing was counted, and is written within half a minute', async () => {
    const machine = new Machine();
    const file = await machine.start();
    await machine.isDone(file.save('env', newLedger(NOW), true));
    await file.save('env', counted(1), false);
    expect(machine.created()).toBe(0);
    await machine.clock.advance(31_000);
    expect(machine.created()).toBe(1);
  });

  it('is written at the end without a rest, also while another write is under way', async () => {
    const machine = new Machine();
    const file = await machine.start();
    const { promise, resolve } = Promise.withResolvers<void>();
    machine.disk.before = (step) => (step === 'replace' ? promise : null);
    void file.save('env', counted(1), true);
    await machine.clock.advance(10);
    void file.save('env', counted(2), true);
    const closed = file.close();
    machine.disk.before = () => null;
    resolve();
    await closed;
    expect(machine.created()).toBe(2);
  });

  it('of an environment that is gone is kept for an hour', async () => {
    const machine = new Machine();
    const file = await machine.start();
    await machine.isDone(file.save('env', counted(2), true));
    file.forget('env');
    expect(file.resume('env')?.totals.created).toBe(2);
    file.forget('env');
    await machine.clock.advance(HOUR + 1000);
    await machine.isDone(file.save('other', counted(1), true));
    expect(file.resume('env')).toBeUndefined();
    expect(machine.created()).toBeUndefined();
  });
});

describe('an old file', () => {
  it.each([
    ['within the hour, everything goes on', HOUR / 2, 2],
    ['after the hour, the counters go on and the items do not', HOUR + 60_000, 0],
    ['from a clock that was set, what the clock of the API says counts', -2 * HOUR, 2],
  ])('%s', async (_, later, items) => {
    const machine = new Machine();
    const file = await machine.start();
    await machine.isDone(file.save('env', counted(2, machine.clock.now()), true));
    const apiNow = machine.clock.now() + Math.max(0, later);
    machine.clock.jumpWall(later);
    const resumed = ledgerAt((await machine.start()).resume('env')!, apiNow);
    expect([resumed.totals.created, resumed.items.size]).toEqual([2, items]);
  });

  it('says nothing of environments of another shard: what that one counted since would count twice', async () => {
    const machine = new Machine();
    await machine.isDone((await machine.start()).save('env', counted(2), true));
    expect((await machine.start(() => false)).resume('env')).toBeUndefined();
    expect(machine.created()).toBeUndefined();
  });

  it.each([
    ['cut', (text: string) => text.slice(0, 60)],
    ['no counts', (text: string) => text.replace('"created":2', '"created":-2')],
    ['a number that is none', (text: string) => text.replace('"created":2', '"created":1e999')],
    ['other buckets', (text: string) => text.replace('"counts":[0,', '"counts":[')],
    ['a later version', (text: string) => text.replace('"version":1', '"version":2')],
  ])('that cannot be used is set aside: %s', async (_, edit) => {
    const machine = new Machine();
    const file = await machine.start();
    await machine.isDone(file.save('env', counted(2), true));
    const spoilt = edit(machine.disk.files.get(PATH)!);
    machine.disk.files.set(PATH, spoilt);
    expect((await machine.start()).resume('env')).toBeUndefined();
    expect(machine.disk.files.get(`${PATH}.corrupt`)).toBe(spoilt);
    expect(machine.lines).toMatchObject([{ level: 'warn', event: 'state_file.failing', kept_as: `${PATH}.corrupt` }]);
    expect(machine.created()).toBeUndefined();
  });
});

it('a file that can neither be used nor set aside is left as it is', async () => {
  const machine = new Machine();
  machine.disk.files.set(PATH, '{"version":1,"insta');
  machine.disk.before = (step) => (step === 'rename' ? systemError('EISDIR') : null);
  const file = await machine.start();
  await machine.isDone(file.save('env', counted(1), true));
  expect([machine.disk.files.get(PATH), file.isOk]).toEqual(['{"version":1,"insta', false]);
});

describe('a file that cannot be written', () => {
  it('is removed, so that no counter goes down; three writes prove that it works again', async () => {
    const machine = new Machine();
    const file = await machine.start();
    await machine.isDone(file.save('env', counted(1), true));
    machine.disk.before = (step) => (step === 'replace' ? systemError('ENOSPC') : null);
    expect(await machine.isDone(file.save('env', counted(2), true))).toBe(true);
    expect(machine.created()).toBeNull();
    await machine.isDone(file.save('env', counted(3), true));
    expect(machine.lines.map(({ level, event }) => [level, event])).toEqual([['error', 'state_file.failing']]);
    machine.disk.before = () => null;
    await machine.isDone(file.save('env', counted(4), true));
    expect([machine.created(), machine.oks.at(-1)]).toEqual([4, false]);
    await machine.clock.advance(3000);
    expect(machine.oks).toEqual([true, false, true]);
    expect(machine.lines.at(-1)).toMatchObject({ level: 'info', event: 'state_file.recovered' });
  });

  it('is not used at the start: it would fall behind', async () => {
    const machine = new Machine();
    await machine.isDone((await machine.start()).save('env', counted(2), true));
    machine.disk.before = (step) => (step === 'replace' ? systemError('EROFS') : null);
    expect((await machine.start()).resume('env')).toBeUndefined();
    expect(machine.created()).toBeNull();
  });

  it('that belongs to another program, or to another process, is left alone', async () => {
    const machine = new Machine();
    const file = await machine.start();
    const other = '{"version":1,"instance":"another","environments":{}}';
    for (const text of ['[1]', other]) {
      machine.disk.files.set(PATH, text);
      expect(await machine.isDone(file.save('env', counted(1), true))).toBe(true);
      expect(machine.disk.files.get(PATH)).toBe(text);
    }
    expect(machine.lines.at(-1)).toMatchObject({
      level: 'error',
      remedy: 'Give each process a state_file of its own.',
    });
    machine.disk.files.delete(PATH);
    await machine.isDone(file.save('env', counted(2), true));
    expect(machine.created()).toBeNull();
  });
});

describe('a disk that does not answer', () => {
  const never = new Promise<void>(() => {});

  it.each(['read', 'readStart', 'replace'] as const)('delays the start by ten seconds: %s', async (hanging) => {
    const machine = new Machine();
    await machine.isDone((await machine.start()).save('env', counted(2), true));
    machine.disk.before = (step) => (step === hanging ? never : null);
    const file = await machine.start();
    expect([file.resume('env'), file.isOk]).toEqual([undefined, false]);
    await file.save('env', counted(1), true);
    await file.close();
  });

  it('delays what is shown by ten seconds, and the file is written whole once it answers', async () => {
    const machine = new Machine();
    const file = await machine.start();
    const { promise, resolve } = Promise.withResolvers<void>();
    machine.disk.before = (step) => (step === 'replace' ? promise : null);
    const saved = file.save('env', counted(1), true);
    expect(await machine.isDone(saved)).toBe(false);
    await machine.clock.advance(10_000);
    await saved;
    await file.save('env', counted(2), true);
    machine.disk.before = () => null;
    resolve();
    await machine.clock.advance(5000);
    expect([machine.created(), machine.oks]).toEqual([2, [true, false, true]]);
  });

  it('that answers late is not gone on from, and its file is replaced', async () => {
    const machine = new Machine();
    await machine.isDone((await machine.start()).save('env', counted(2), true));
    const { promise, resolve } = Promise.withResolvers<void>();
    machine.disk.before = (step) => (step === 'read' ? promise : null);
    const file = await machine.start();
    await file.save('env', counted(1), true);
    resolve();
    await machine.clock.advance(5000);
    expect([machine.created(), file.resume('env')?.totals.created]).toEqual([1, 1]);
  });
});

describe('what the diagnosis remembers', () => {
  it.each([
    ['goes on after half an hour', 1_700_000, { said: 1 }],
    ['is of no use later', 1_900_000, null],
  ])('%s', async (_, later, remembered) => {
    const machine = new Machine();
    const file = await machine.start();
    file.saveDiagnosis(() => ({ said: 1 }), true);
    await machine.clock.advance(2000);
    machine.clock.jumpWall(later);
    expect((await machine.start()).diagnosis).toEqual(remembered);
  });
});
