import { basename } from 'node:path';
import type { Clock } from '../../src/base/clock.ts';
import { countRead } from '../../src/lifecycle/count-read.ts';
import { type Ledger, newLedger } from '../../src/lifecycle/ledger.ts';
import { parseStateFile } from '../../src/statefile/parse-state-file.ts';
import type { StateFiles } from '../../src/statefile/port.ts';
import { buildItem } from '../support/states.ts';

/** Files in memory that remember what was done to them, and fail when told to. */
export class MemoryFiles implements StateFiles {
  readonly files = new Map<string, string>();
  readonly writes: string[] = [];
  readonly links = new Map<string, string>();
  failing: { replace?: boolean; overwrite?: boolean; unlink?: boolean; empty?: boolean } = {};

  async read(path: string): Promise<string> {
    const text = this.files.get(path);
    if (text === undefined) throw Object.assign(new Error('no such file'), { code: 'ENOENT' });
    return text;
  }

  async readStart(path: string, bytes: number): Promise<string> {
    return (await this.read(path)).slice(0, bytes);
  }

  async resolve(path: string): Promise<string> {
    return this.links.get(path) ?? path;
  }

  async removeAbandoned(): Promise<void> {}

  /** The order of the map is that of the last writes. */
  async hasNewerSibling(path: string, isCompared: (name: string) => boolean): Promise<boolean> {
    const names = [...this.files.keys()];
    return names.slice(names.indexOf(path) + 1).some((file) => isCompared(basename(file)));
  }

  async overwrite(path: string, at: number, text: string): Promise<void> {
    if (this.failing.overwrite) throw new Error('read-only file system');
    const before = await this.read(path);
    this.files.set(path, before.slice(0, at) + text + before.slice(at + text.length));
  }

  async empty(path: string): Promise<void> {
    if (this.failing.empty) throw new Error('not permitted either');
    this.files.set(path, '');
  }

  async replace(path: string, text: string, ..._temporary: string[]): Promise<void> {
    if (this.failing.replace) throw Object.assign(new Error('no space left on device'), { code: 'ENOSPC' });
    this.files.delete(path);
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

  /** What the next process would find. */
  ledgers(path: string): ReadonlyMap<string, Ledger> {
    const text = this.files.get(path);
    return text === undefined || text === '' ? new Map() : parseStateFile(text).ledgers;
  }
}

/** A ledger that has counted so many finished sessions and still follows one. */
export function ledgerOf(finished: number, clock: Pick<Clock, 'now'>): Ledger {
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
  return countRead(newLedger(at - 1), { sightings, gone: [], fullScan: null }, options);
}
