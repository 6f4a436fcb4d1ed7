import type { EpochMs } from '../../src/base/clock.ts';
import type { CredentialUse, PageRequest, Reply, WorkPage } from '../../src/client/work-api.ts';
import type { ApiOperation } from '../../src/domain/environment.ts';
import type { QueueStats, WorkItem } from '../../src/domain/work.ts';
import { apiError, ScriptedWorkApi } from './scripted-work-api.ts';

export interface FakeListOptions {
  readonly order: 'newest' | 'oldest' | 'none';
  /** What a cursor names: the last item of its page, or how many items come before the next one. */
  readonly cursors: 'keyset' | 'offset';
  /** A larger `limit` gets a 400. */
  maxPageSize?: number;
  readonly retrieve?: boolean;
}

/** Positions are counted from here, so that a fraction still tells items of one millisecond apart. */
const EPOCH: EpochMs = Date.UTC(2026, 10, 24);

interface Row {
  item: WorkItem;
  /** Where it stands: its created_at, or a scrambled number that no clock explains. */
  readonly position: number;
}

/** An environment's list in memory, behind the port: cheap enough for a hundred thousand items. */
export class FakeWorkList extends ScriptedWorkApi {
  readonly options: FakeListOptions;
  readonly requests: Array<{ kind: 'page' | 'retrieve'; page: string | null; id: string | null }> = [];
  /** The page sizes that were asked for. */
  readonly limits: number[] = [];
  /** Called before each answer: what happens between two pages, or an error to throw. */
  before: (request: { page: string | null; id: string | null }) => void = () => {};
  /** Sorted by position. */
  #rows: Row[] = [];
  readonly #byId = new Map<string, Row>();
  #count = 0;

  constructor(options: FakeListOptions) {
    super();
    this.options = options;
  }

  get size(): number {
    return this.#rows.length;
  }

  items(): WorkItem[] {
    return this.#rows.map(({ item }) => item);
  }

  get(id: string): WorkItem | undefined {
    return this.#byId.get(id)?.item;
  }

  /** Adds an item; its created_at decides where it stands, so an old one is a late commit. */
  add(createdAt: EpochMs, change: Partial<WorkItem> = {}): string {
    const n = this.#count++;
    const id = change.id ?? `work_${n}`;
    const item: WorkItem = {
      id,
      type: 'session',
      state: 'queued',
      metadata: {},
      createdAt,
      acknowledgedAt: null,
      startedAt: createdAt,
      latestHeartbeatAt: null,
      stopRequestedAt: null,
      sessionId: null,
      stoppedAt: null,
      ...change,
    };
    const scrambled = (Math.imul(n ^ 0x5bd1e995, 0x9e3779b1) >>> 0) + n / 2 ** 32;
    const row = { item, position: this.options.order === 'none' ? scrambled : createdAt - EPOCH + n / 1e6 };
    this.#rows.splice(this.#firstAfter(row.position), 0, row);
    this.#byId.set(id, row);
    return id;
  }

  change(id: string, change: Partial<WorkItem>): void {
    const row = this.#byId.get(id);
    if (row !== undefined) row.item = { ...row.item, ...change };
  }

  remove(ids: Iterable<string>): void {
    const gone = new Set(ids);
    this.#rows = this.#rows.filter(({ item }) => !gone.has(item.id));
    for (const id of gone) this.#byId.delete(id);
  }

  override async listPage(_environmentId: string, { limit, page }: PageRequest): Promise<Reply<WorkPage>> {
    this.requests.push({ kind: 'page', page, id: null });
    this.limits.push(limit);
    this.before({ page, id: null });
    if (limit > (this.options.maxPageSize ?? 1000)) throw apiError('client_error', { httpStatus: 400 });
    const { cursors, order } = this.options;
    const descending = order === 'newest';
    const start = page === null ? 0 : cursors === 'offset' ? Number(page) : this.#indexAfter(Number(page), descending);
    const total = this.#rows.length;
    const rows: Row[] = [];
    for (let i = start; i < Math.min(start + limit, total); i++) rows.push(this.#rows[descending ? total - 1 - i : i]!);
    const more = start + limit < total;
    const next = cursors === 'offset' ? start + limit : rows.at(-1)?.position;
    const items = rows.map(({ item }) => item);
    const nextPage = more ? String(next) : null;
    return reply({ items, nextPage });
  }

  override async retrieve(_environmentId: string, id: string): Promise<Reply<WorkItem>> {
    this.requests.push({ kind: 'retrieve', page: null, id });
    this.before({ page: null, id });
    const item = this.get(id);
    if (item === undefined) throw apiError('not_found', { httpStatus: 404 });
    return reply(item);
  }

  override async stats(): Promise<Reply<QueueStats>> {
    const depth = this.#rows.filter(({ item }) => item.state === 'queued').length;
    return reply({ depth, pending: 0, oldestQueuedAt: null, workersPolling: 1 });
  }

  override credentialFor(operation: ApiOperation): CredentialUse | null {
    if (operation === 'session') return null;
    if (operation === 'retrieve' && this.options.retrieve === false) return null;
    return { kind: 'environment_key', source: 'the test' };
  }

  /** Index, in the order of the list, of the first row after a position. */
  #indexAfter(position: number, descending: boolean): number {
    if (!descending) return this.#firstAfter(position);
    const at = this.#firstAfter(position);
    return this.#rows.length - (this.#rows[at - 1]?.position === position ? at - 1 : at);
  }

  #firstAfter(position: number): number {
    let low = 0;
    let high = this.#rows.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#rows[middle]!.position > position) high = middle;
      else low = middle + 1;
    }
    return low;
  }
}

function reply<T>(value: T): Reply<T> {
  return { value, requests: 1 };
}
