import type { EpochMs } from '../base/clock.ts';
import type { WorkItem } from '../domain/work.ts';
import type { LedgerItem } from './ledger-item.ts';

type KnownItems = Pick<ReadonlyMap<string, LedgerItem>, 'entries'>;

/**
 * Finds an item under its previous id, where an item that is handed out again gets a new one
 * (docs/design/counting.md#ids-that-rotate): same session, same creation time. The index is built when the first
 * unknown id appears.
 */
export class RotatedIds {
  readonly #items: KnownItems;
  #ids: Map<string, string> | null = null;

  constructor(items: KnownItems) {
    this.#items = items;
  }

  /** The id under which the ledger has the item; undefined for a new item. */
  idBefore({ sessionId, createdAt }: WorkItem): string | undefined {
    if (sessionId === null || createdAt === null) return undefined;
    this.#ids ??= this.#index();
    return this.#ids.get(originOf(sessionId, createdAt));
  }

  /** Notes an item under its present id: one read may show it under several ids in succession. */
  seen({ id, sessionId, createdAt }: WorkItem): void {
    if (sessionId !== null && createdAt !== null) this.#ids?.set(originOf(sessionId, createdAt), id);
  }

  #index(): Map<string, string> {
    const ids = new Map<string, string>();
    for (const [id, { sessionId, createdAt }] of this.#items.entries()) {
      if (sessionId !== null && createdAt !== null) ids.set(originOf(sessionId, createdAt), id);
    }
    return ids;
  }
}

function originOf(sessionId: string, createdAt: EpochMs): string {
  return `${createdAt} ${sessionId}`;
}
