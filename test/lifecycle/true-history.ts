import fc from 'fast-check';
import type { EpochMs } from '../../src/base/clock.ts';
import type { WorkItem, WorkState } from '../../src/domain/work.ts';

/** When the history begins; whole milliseconds after it keep sums exact. */
export const BIRTH: EpochMs = Date.UTC(2026, 10, 24, 12, 0, 0);

/** How a service treats stamps; each is something that a real one does. */
export interface Service {
  /** `started_at` is stamped when an item is queued. */
  readonly enqueueStamp: boolean;
  /** A requeued or lapsed item keeps the stamps of its earlier run. */
  readonly keepsStamps: boolean;
}

export const OPERATIONS = ['create', 'acknowledge', 'heartbeat', 'ask', 'stop', 'lapse', 'requeue', 'read'] as const;

export interface Step {
  readonly afterMs: number;
  readonly operation: (typeof OPERATIONS)[number];
  readonly item: number;
}

/** One run of one item as it truly was. */
export interface TrueRun {
  readonly queuedAt: EpochMs;
  acknowledgedAt: EpochMs | null;
  askedAt: EpochMs | null;
  stoppedAt: EpochMs | null;
}

/** An item of the world: what a read would show, and beside it which run each stamp belongs to. */
export class TrueItem {
  readonly id: string;
  readonly runs: TrueRun[] = [];
  row: WorkItem;
  acknowledgedRun = -1;
  stoppedRun = -1;
  askedRun = -1;
  readonly #service: Service;

  constructor(id: string, now: EpochMs, service: Service) {
    this.id = id;
    this.#service = service;
    this.row = {
      id,
      type: 'session',
      state: 'queued',
      metadata: {},
      createdAt: now,
      acknowledgedAt: null,
      startedAt: null,
      latestHeartbeatAt: null,
      stopRequestedAt: null,
      sessionId: null,
      stoppedAt: null,
    };
    this.#enqueue(now);
  }

  get run(): number {
    return this.runs.length - 1;
  }

  apply(operation: Step['operation'], now: EpochMs): void {
    const { state } = this.row;
    const run = this.runs.at(-1)!;
    const running = state === 'starting' || state === 'active' || state === 'stopping';
    if (operation === 'acknowledge' && state === 'queued') {
      run.acknowledgedAt = now;
      this.acknowledgedRun = this.run;
      this.#set('starting', { acknowledgedAt: now });
    } else if (operation === 'heartbeat' && (state === 'starting' || state === 'active')) {
      this.#set('active', { latestHeartbeatAt: now });
    } else if (operation === 'ask' && (state === 'starting' || state === 'active')) {
      run.askedAt = now;
      this.askedRun = this.run;
      this.#set('stopping', { stopRequestedAt: now });
    } else if (operation === 'stop' && state !== 'stopped') {
      run.stoppedAt = now;
      this.stoppedRun = this.run;
      this.#set('stopped', { stoppedAt: now });
    } else if (operation === 'lapse' && running) {
      this.#enqueue(now);
    } else if (operation === 'requeue' && state === 'stopped') {
      this.#enqueue(now);
    }
  }

  #set(state: WorkState, change: Partial<WorkItem>): void {
    this.row = { ...this.row, ...change, state };
  }

  #enqueue(now: EpochMs): void {
    this.runs.push({ queuedAt: now, acknowledgedAt: null, askedAt: null, stoppedAt: null });
    const cleared = { acknowledgedAt: null, stopRequestedAt: null, stoppedAt: null };
    if (!this.#service.keepsStamps) [this.acknowledgedRun, this.stoppedRun, this.askedRun] = [-1, -1, -1];
    this.#set('queued', {
      ...(this.#service.keepsStamps ? {} : cleared),
      latestHeartbeatAt: null,
      ...(this.#service.enqueueStamp ? { startedAt: now } : {}),
    });
  }
}

export const anyService: fc.Arbitrary<Service> = fc.record({ enqueueStamp: fc.boolean(), keepsStamps: fc.boolean() });

/** Random lives of a few items, with reads in between; the times leave room for what a slow poll misses. */
export const anySteps: fc.Arbitrary<Step[]> = fc.array(
  fc.record({
    afterMs: fc.integer({ min: 2000, max: 120_000 }),
    operation: fc.constantFrom(...OPERATIONS, 'acknowledge', 'acknowledge', 'requeue', 'lapse', 'read'),
    item: fc.integer({ min: 0, max: 1 }),
  }),
  { minLength: 8, maxLength: 60, size: 'max' },
);

/** Plays the steps; `read` gets every item there is. */
export function play(service: Service, steps: readonly Step[], read: (items: TrueItem[], now: EpochMs) => void): void {
  const items: TrueItem[] = [];
  let now = BIRTH + 1;
  items.push(new TrueItem('work_first', now, service));
  for (const { afterMs, operation, item } of steps) {
    now += afterMs;
    if (operation === 'read') read(items, now);
    else if (operation === 'create') items.push(new TrueItem(`work_${items.length}`, now, service));
    else items[item % Math.max(items.length, 1)]?.apply(operation, now);
  }
  read(items, now + 1);
}
