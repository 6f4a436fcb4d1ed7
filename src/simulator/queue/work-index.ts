import type { EpochMs } from '../../base/clock.ts';
import { Rejection } from './rejection.ts';
import type { Switches } from './switches.ts';
import { type ListPage, type ListPageRequest, WorkList } from './work-list.ts';
import type { WorkRecord } from './work-record.ts';

/** All items of an environment: by id, by session, and as the list that the API pages through. */
export class WorkIndex {
  readonly #list = new WorkList();
  readonly #byId = new Map<string, WorkRecord>();
  readonly #bySession = new Map<string, WorkRecord>();

  /** In order of creation. */
  all(): readonly WorkRecord[] {
    return this.#list.all();
  }

  /** Adds the newest item. */
  add(work: WorkRecord): void {
    this.#list.append(work);
    this.#remember(work);
  }

  /** Adds items older than all others, oldest first. */
  addOlder(history: readonly WorkRecord[]): void {
    this.#list.prepend(history);
    for (const work of history) this.#remember(work);
  }

  has(work: WorkRecord): boolean {
    return this.#byId.get(work.id) === work;
  }

  /** @throws Rejection 404 when no item has the id. */
  find(id: string): WorkRecord {
    const work = this.#byId.get(id);
    if (work === undefined) throw new Rejection(404, `Work item ${id} not found`);
    return work;
  }

  findSession(sessionId: string): WorkRecord | null {
    return this.#bySession.get(sessionId) ?? null;
  }

  page(request: ListPageRequest, order: Switches['listOrder']): ListPage {
    return this.#list.page(request, order);
  }

  /** Gives an item another id; the old one no longer exists. */
  rename(work: WorkRecord, id: string): void {
    this.#byId.delete(work.id);
    work.id = id;
    this.#byId.set(id, work);
  }

  /** Forgets items that stopped at or before `before`; returns when the next one is due, or null. */
  forgetStopped(before: EpochMs): EpochMs | null {
    const gone = new Set<WorkRecord>();
    let next: EpochMs | null = null;
    for (const work of this.#list.all()) {
      if (work.stoppedAt === null || work.state !== 'stopped') continue;
      if (work.stoppedAt <= before) gone.add(work);
      else next = Math.min(next ?? work.stoppedAt, work.stoppedAt);
    }
    if (gone.size > 0) this.#list.remove(gone);
    for (const work of gone) {
      this.#byId.delete(work.id);
      this.#bySession.delete(work.sessionId);
    }
    return next;
  }

  #remember(work: WorkRecord): void {
    this.#byId.set(work.id, work);
    this.#bySession.set(work.sessionId, work);
  }
}
