import { mkdtemp, readdir, readFile, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import type { LogFields, Logger } from '../../src/base/logger.ts';
import { countRead, type Ledger, newLedger } from '../../src/state/ledger.ts';
import { openStateFile, type StateFile, type StateFileDeps } from '../../src/state/state-file.ts';
import { formatStateFile } from '../../src/state/state-file-format.ts';
import { nodeStateFiles, type StateFiles } from '../../src/state/state-file-port.ts';
import { ManualClock } from '../support/manual-clock.ts';
import { buildItem } from '../support/states.ts';

const PATH = '/state/counters.json';
const HOUR = 3_600_000;

/** Files in memory that remember what was done to them, and fail when told to. */
class MemoryFiles implements StateFiles {
  readonly files = new Map<string, string>();
  readonly writes: string[] = [];
  failing: { replace?: boolean; unlink?: boolean } = {};

  async read(path: string): Promise<string> {
    const text = this.files.get(path);
    if (text === undefined) throw Object.assign(new Error('no such file'), { code: 'ENOENT' });
    return text;
  }

  async readStart(path: string, bytes: number): Promise<string> {
    return (await this.read(path)).slice(0, bytes);
  }

  async replace(path: string, text: string): Promise<void> {
    if (this.failing.replace) throw Object.assign(new Error('no space left on device'), { code: 'ENOSPC' });
    this.files.set(path, text);
    this.writes.push(text);
  }

  async rename(from: string, to: string): Promise<void> {
    this.files.set(to, await this.read(from));
    this.files.delete(from);
  }

  async unlink(path: string): Promise<void> {
    if (this.failing.unlink) throw new Error('not permitted');
    this.files.delete(path);
  }
}

let clock: ManualClock;
let files: MemoryFiles;
let logged: Array<{ level: string; fields: LogFields }>;
let oks: boolean[];

const logger: Logger = {
  debug: () => {},
  info: (fields) => logged.push({ level: 'info', fields }),
  warn: (fields) => logged.push({ level: 'warn', fields }),
  error: (fields) => logged.push({ level: 'error', fields }),
};

beforeEach(() => {
  clock = new ManualClock();
  files = new MemoryFiles();
  logged = [];
  oks = [];
});

function open(instance = 'one', change: Partial<StateFileDeps> = {}): Promise<StateFile> {
  return openStateFile({ path: PATH, files, clock, logger, instance, onOk: (ok) => oks.push(ok), ...change });
}

/** A ledger that has counted so many finished sessions and still follows one. */
function ledger(finished: number): Ledger {
  const at = clock.now();
  const done = Array.from({ length: finished }, (_, n) =>
    buildItem(`done_${n}`, {
      state: 'stopped',
      createdAt: at,
      startedAt: at + 100,
      acknowledgedAt: at + 2000,
      stopRequestedAt: at + 7000,
      stoppedAt: at + 9000,
    }),
  );
  const active = buildItem('active_1', { state: 'active', createdAt: at, acknowledgedAt: at + 500.125 });
  const sightings = [...done, active].map(({ item }) => ({ item, at: at + 10_000 }));
  const options = { startedAtIsEnqueueStamp: true, exemplars: false };
  return countRead(newLedger(at - 1), { sightings, gone: [], walk: null }, options);
}

/** Whether a promise is settled once everything that is due has run. */
async function settled(promise: Promise<unknown>): Promise<boolean> {
  let done = false;
  void promise.then(() => {
    done = true;
  });
  await clock.advance(0);
  return done;
}

describe('a state file', () => {
  it('gives the next process everything back', async () => {
    const first = await open();
    const counted = ledger(3);
    await first.keep('env_1', counted, 'counted');
    await first.close();
    const { restored } = await open('two');
    expect(restored).toEqual(new Map([['env_1', counted]]));
  });

  it('is there before what was counted may be published', async () => {
    const file = await open();
    const replaced = Promise.withResolvers<void>();
    const replace = files.replace.bind(files);
    files.replace = async (path, text) => {
      await replaced.promise;
      await replace(path, text);
    };
    const kept = file.keep('env_1', ledger(1), 'counted');
    expect(await settled(kept)).toBe(false);
    replaced.resolve();
    expect(await settled(kept)).toBe(true);
    expect(files.files.get(PATH)).toContain('"created":2');
  });

  it('is written at most once a second, for all who wait', async () => {
    const file = await open();
    await file.keep('env_1', ledger(1), 'counted');
    const later = [file.keep('env_1', ledger(2), 'counted'), file.keep('env_2', ledger(3), 'counted')];
    await clock.advance(999);
    expect(files.writes).toHaveLength(1);
    await clock.advance(1);
    await Promise.all(later);
    expect(files.writes).toHaveLength(2);
    const { restored } = await open('two');
    expect([...restored.values()].map(({ totals }) => totals.stopped)).toEqual([2, 3]);
  });

  it('loses nothing that came while it was being written', async () => {
    const file = await open();
    const first = file.keep('env_1', ledger(1), 'counted');
    const second = file.keep('env_1', ledger(2), 'counted');
    await clock.advance(2000);
    await Promise.all([first, second]);
    expect((await open('two')).restored.get('env_1')?.totals.stopped).toBe(2);
  });

  it('is written once more at the end, without waiting for the second', async () => {
    const file = await open();
    await file.keep('env_1', ledger(1), 'counted');
    const last = file.keep('env_1', ledger(2), 'counted');
    await file.close();
    await last;
    await file.keep('env_1', ledger(3), 'counted');
    expect((await open('two')).restored.get('env_1')?.totals.stopped).toBe(2);
  });

  it('is written soon for what was learned, and nobody waits for that', async () => {
    const file = await open();
    await file.keep('env_1', ledger(1), 'counted');
    await file.keep('env_1', ledger(2), 'learned');
    expect(files.writes).toHaveLength(1);
    await clock.advance(1000);
    expect(files.writes).toHaveLength(2);
    expect((await open('two')).restored.get('env_1')?.totals.stopped).toBe(2);
  });

  it('is not written for what was only seen, but takes it along with the next write', async () => {
    const file = await open();
    await file.keep('env_1', ledger(1), 'counted');
    await file.keep('env_1', ledger(2), 'seen');
    await clock.advance(HOUR);
    expect(files.writes).toHaveLength(1);
    await file.keep('env_2', ledger(1), 'counted');
    expect((await open('two')).restored.get('env_1')?.totals.stopped).toBe(2);
  });

  it('takes what was only seen along at the end, and is left alone when it lacks nothing', async () => {
    const file = await open();
    await file.keep('env_1', ledger(1), 'counted');
    await file.keep('env_1', ledger(2), 'seen');
    await file.close();
    expect((await open('two')).restored.get('env_1')?.totals.stopped).toBe(2);
    const second = await open('three');
    await second.close();
    expect(files.writes).toHaveLength(2);
  });

  it('leaves out an environment that is watched no more', async () => {
    const file = await open();
    await file.keep('env_1', ledger(1), 'counted');
    file.forget('env_1');
    const kept = file.keep('env_2', ledger(1), 'counted');
    await clock.advance(1000);
    await kept;
    expect([...(await open('two')).restored.keys()]).toEqual(['env_2']);
  });

  it('keeps for an hour what discovery has not found again yet', async () => {
    const first = await open();
    await first.keep('env_lost', ledger(1), 'counted');
    const second = await open('two');
    await second.keep('env_1', ledger(1), 'counted');
    expect([...(await open('three')).restored.keys()].sort()).toEqual(['env_1', 'env_lost']);
    await clock.advance(HOUR + 1);
    await second.keep('env_1', ledger(2), 'counted');
    expect([...(await open('three')).restored.keys()]).toEqual(['env_1']);
  });
});

describe('an old state file', () => {
  it('goes on with the counters, but what happened meanwhile is history', async () => {
    const first = await open();
    const counted = ledger(3);
    await first.keep('env_1', counted, 'counted');
    await clock.advance(HOUR + 1);
    const restored = (await open('two')).restored.get('env_1')!;
    expect(restored.totals).toEqual(counted.totals);
    expect([restored.settledUntil, restored.items.size, restored.provenWalks]).toEqual([clock.now(), 0, 0]);
  });
});

describe('a write that fails', () => {
  it('lets publish, takes the file away, and says so once', async () => {
    const file = await open();
    await file.keep('env_1', ledger(1), 'counted');
    files.failing = { replace: true };
    await clock.advance(5000);
    await file.keep('env_1', ledger(2), 'counted');
    await clock.advance(5000);
    await file.keep('env_1', ledger(3), 'counted');
    expect([files.files.size, oks]).toEqual([0, [true, false]]);
    expect(logged.map(({ fields }) => fields.event)).toEqual(['state_file.failing']);
    expect((await open('two')).restored.size).toBe(0);
  });

  it('is tried again at the end', async () => {
    const file = await open();
    files.failing = { replace: true };
    await file.keep('env_1', ledger(1), 'counted');
    files.failing = {};
    await file.close();
    expect((await open('two')).restored.get('env_1')?.totals.stopped).toBe(1);
  });

  it('is made good by the next one that works', async () => {
    const file = await open();
    files.failing = { replace: true, unlink: true };
    await file.keep('env_1', ledger(1), 'counted');
    files.failing = {};
    await clock.advance(5000);
    await file.keep('env_1', ledger(2), 'counted');
    expect(oks).toEqual([true, false, true]);
    expect((await open('two')).restored.get('env_1')?.totals.stopped).toBe(2);
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
    expect((await open('three')).restored.get('env_1')?.totals.stopped).toBe(2);
    expect(oks).toEqual([true, true, false, true]);
    expect(logged.filter(({ level }) => level === 'error')).toHaveLength(1);
  });
});

describe('a file that cannot be used', () => {
  const good = () =>
    formatStateFile({ instance: 'one', savedAt: clock.now(), ledgers: new Map([['env_1', ledger(1)]]) });

  it.each([
    ['half of a file', (text: string) => text.slice(0, 300)],
    ['no JSON', () => 'created 7'],
    ['JSON of something else', () => '[]'],
    ['a counter below zero', (text: string) => text.replace('"created":2', '"created":-2')],
    ['a counter that is text', (text: string) => text.replace('"created":2', '"created":"2"')],
    ['other buckets', (text: string) => text.replace('"counts":[', '"counts":[0,')],
    ['an unknown state', (text: string) => text.replace('"state":"active"', '"state":"asleep"')],
    ['a stamp that is text', (text: string) => text.replace('"enqueuedAt":null', '"enqueuedAt":"today"')],
  ])('%s: is set aside with a warning, and counters start at 0', async (_, spoil) => {
    const spoiled = spoil(good());
    files.files.set(PATH, spoiled);
    const file = await open();
    expect(file.restored.size).toBe(0);
    expect([...files.files]).toEqual([[`${PATH}.corrupt`, spoiled]]);
    expect(logged).toMatchObject([{ level: 'warn', fields: { event: 'state_file.failing' } }]);
    await file.keep('env_1', ledger(1), 'counted');
    expect((await open('two')).restored.size).toBe(1);
  });

  it('of a newer version is set aside for that version', async () => {
    files.files.set(PATH, good().replace('"version":1', '"version":2'));
    expect((await open()).restored.size).toBe(0);
    expect([...files.files.keys()]).toEqual([`${PATH}.newer`]);
  });

  it('that cannot be read is no reason not to start', async () => {
    files.read = async () => {
      throw Object.assign(new Error('permission denied'), { code: 'EACCES' });
    };
    expect((await open()).restored.size).toBe(0);
    expect(logged).toMatchObject([{ level: 'warn' }]);
  });
});

describe('on a real disk', () => {
  it('is replaced in one step, readable by its owner only', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'state-file-'));
    const path = join(folder, 'state.json');
    const file = await open('one', { path, files: nodeStateFiles });
    await file.keep('env_1', ledger(2), 'counted');
    await file.close();
    expect(await readdir(folder)).toEqual(['state.json']);
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect(await readFile(path, 'utf8')).toMatch(/^\{"version":1,"instance":"one"/);
    const second = await open('two', { path, files: nodeStateFiles });
    expect(second.restored.get('env_1')?.totals.stopped).toBe(2);
    await second.keep('env_1', ledger(3), 'counted');
    await file.keep('env_1', ledger(9), 'counted');
    expect((await open('three', { path, files: nodeStateFiles })).restored.get('env_1')?.totals.stopped).toBe(3);
  });

  it('in a folder that is not there fails, and is no more than that', async () => {
    const path = join(tmpdir(), 'state-file-missing', 'state.json');
    const file = await open('one', { path, files: nodeStateFiles });
    await file.keep('env_1', ledger(2), 'counted');
    expect(oks).toEqual([true, false]);
  });
});
