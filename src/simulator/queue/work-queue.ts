import type { EpochMs } from '../../base/clock.ts';
import { acceptHeartbeat } from './accept-heartbeat.ts';
import type { HeartbeatAnswer, HeartbeatRequest } from './heartbeat.ts';
import { randomId } from './identity.ts';
import { countQueued, firstClaimable, PollWindow, type QueueCounts } from './queue-counts.ts';
import { Rejection } from './rejection.ts';
import type { ListPage, ListPageRequest } from './work-list.ts';
import { mergeMetadata, type WorkRecord } from './work-record.ts';
import { WorkStore } from './work-store.ts';

/** Default of `reclaim_older_than_ms` (docs/design/work-api.md#query-parameters-and-limits). */
const DEFAULT_RECLAIM_MS = 5000;

export interface PollRequest {
  /** Null when the poller sent no worker id: then it does not count as polling. */
  readonly workerId: string | null;
  readonly reclaimOlderThanMs?: number;
}

/**
 * The work of one environment with the operations of the API: the state machine of
 * docs/design/work-api.md#life-of-a-work-item.
 *
 * The workers inside the simulated world call the same methods as the HTTP routes. They throw a `Rejection` where the
 * API would answer with an error.
 */
export class WorkQueue extends WorkStore {
  readonly #polls = new PollWindow();

  /** Hands out the longest-waiting item; null when there is none. */
  poll(now: EpochMs, { workerId, reclaimOlderThanMs = DEFAULT_RECLAIM_MS }: PollRequest): WorkRecord | null {
    this.expire(now);
    if (workerId !== null) this.#polls.seen(workerId, now);
    const work = firstClaimable(this.transitions.queued, now - reclaimOlderThanMs);
    if (work === null) return null;
    this.transitions.claim(now, work);
    const handedOutAgain = work.deliveries > 1;
    if (handedOutAgain && this.switches.rotateIds) this.index.rename(work, randomId('work', this.maker.random));
    return work;
  }

  ack(now: EpochMs, id: string): WorkRecord {
    const work = this.#current(now, id);
    if (work.state === 'queued') this.transitions.acknowledge(now, work);
    else if (this.switches.repeatedAck === 'conflict' || (work.state !== 'starting' && work.state !== 'active')) {
      throw new Rejection(409, `Work item ${id} must be in QUEUED state to acknowledge. Current state: ${work.state}.`);
    }
    return work;
  }

  heartbeat(now: EpochMs, id: string, request: HeartbeatRequest): HeartbeatAnswer {
    return acceptHeartbeat(
      { transitions: this.transitions, switches: this.switches, stamps: this.stamps },
      this.#current(now, id),
      {
        now,
        request,
      },
    );
  }

  /** Graceful: asks the worker to stop; forced: stops it at once. Stopping a stopped item changes nothing. */
  stop(now: EpochMs, id: string, force: boolean): WorkRecord {
    const work = this.#current(now, id);
    if (work.state !== 'stopped') this.transitions.stop(now, work, force);
    return work;
  }

  /** Merges metadata: a string sets a key, null removes it. */
  update(now: EpochMs, id: string, patch: Readonly<Record<string, string | null>>): WorkRecord {
    const work = this.#current(now, id);
    work.metadata = mergeMetadata(work.metadata, patch);
    return work;
  }

  list(now: EpochMs, request: ListPageRequest): ListPage {
    this.expire(now);
    return this.index.page(request, this.switches.listOrder);
  }

  counts(now: EpochMs): QueueCounts {
    this.expire(now);
    return { ...countQueued(this.transitions.queued), workersPolling: this.#polls.count(now) };
  }

  #current(now: EpochMs, id: string): WorkRecord {
    this.expire(now);
    return this.find(id);
  }
}
