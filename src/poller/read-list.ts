import { sleep } from '../base/clock.ts';
import { ApiError } from '../client/failures.ts';
import type { Reply } from '../client/work-api.ts';
import type { Environment } from '../domain/environment.ts';
import { countRead, hasCounted } from '../lifecycle/count-read.ts';
import { type Ledger, type LedgerRead, lastTransition, ledgerKey } from '../lifecycle/ledger.ts';
import type { ListFacts, ListReader, ListSource } from '../scan/list-reader.ts';
import type { Counting } from '../scan/seen-items.ts';
import { type GoodPoll, ledgerOf, listRead, snapshotItems } from '../state/changes.ts';
import type { EnvironmentState } from '../state/environment-state.ts';
import { type EndedRead, type ReadContext, readInto } from './reads.ts';

export interface ListJob {
  readonly environment: Environment;
  readonly list: ListReader;
  readonly intervalMs: number;
  /** As in `ListFacts`. */
  scanWaitMs(): number;
}

/** One read of an environment's list: if it succeeds, what it saw is counted and published at once. Never throws. */
export function readList(job: ListJob, context: ReadContext): Promise<EndedRead> {
  const { environment, list } = job;
  const { connection, states, clock, signal } = context;
  const { startedAtIsEnqueueStamp, idsRotate } = connection;
  return readInto(environment, 'list', context, async () => {
    const { source, reply } = sourceOf(job, context);
    const read = await list.read(source, factsOf(job, context)).catch((error: unknown) => {
      throw error instanceof ApiError ? error.after(reply().requests) : error;
    });
    const answeredAt = clock.monotonic();
    const ledger = signal.aborted ? null : await countAndSave(read);
    const apply = (state: EnvironmentState, poll: GoodPoll) => {
      if (ledger === null) return state;
      const items = snapshotItems(list.live, { ledger, idsRotate }, { ...list.facts, observedAt: clock.now() });
      return { ...listRead(state, poll, items), ledger, lifecycle: ledger.totals };
    };
    return { ...reply(), answeredAt, apply };
  });

  /** What is about to be published must be on the disk first. */
  async function countAndSave(read: LedgerRead): Promise<Ledger> {
    const known = ledgerOf(states.get(environment.id), clock, connection.skewMs());
    const { exemplars } = environment;
    const ledger = countRead(known, read, { startedAtIsEnqueueStamp, idsRotate, exemplars });
    const isNews = hasCounted(known, ledger);
    const saved = context.saveLedger?.(environment, ledger, isNews) ?? null;
    if (saved !== null && isNews) context.leaveSlot();
    await saved;
    return ledger;
  }
}

/** The requests of one read. `reply` is what the first answer said, with the number of all requests so far. */
function sourceOf({ environment, intervalMs }: ListJob, { api, clock, signal }: ReadContext) {
  const { id, poll, metadata } = environment;
  const options = { signal, maxAgeMs: intervalMs, metadataKeys: metadata.keys };
  let first: Reply<unknown> | undefined;
  let requests = 0;
  const counted = async <T>(request: Promise<Reply<T>>): Promise<T> => {
    try {
      const answer = await request;
      requests += answer.requests;
      first ??= { ...answer, value: null };
      return answer.value;
    } catch (error) {
      if (error instanceof ApiError) requests += error.requests;
      throw error;
    } finally {
      // A read that is called off stops between requests.
      signal.throwIfAborted();
    }
  };
  const mayRetrieve = poll.singleReads === 'auto' && api().credentialFor('retrieve', id) !== null;
  const source: ListSource = {
    page: (page, limit) => counted(api().listPage(id, { limit, page }, options)),
    retrieve: mayRetrieve ? (workId) => counted(api().retrieve(id, workId, options)) : null,
    sleep: (ms) => sleep(clock, ms, signal),
  };
  const none = { httpStatus: 0, requestId: null, credential: 'environment_key' as const };
  return { source, reply: () => ({ ...(first ?? none), requests }) };
}

function factsOf(job: ListJob, { connection, states, clock }: ReadContext): ListFacts {
  const { poll, thresholds, id } = job.environment;
  const { pageSize, fallbackPageSize, startedAtIsEnqueueStamp, idsRotate } = connection;
  const before = states.get(id);
  return {
    clock,
    poll,
    pageSize,
    fallbackPageSize,
    apiNow: () => clock.now() + connection.skewMs(),
    intervalMs: before?.operations.list.scheduledIntervalMs ?? poll.listIntervalMs,
    scanWaitMs: () => job.scanWaitMs(),
    queue: before?.queue ?? null,
    staleHeartbeatSeconds: thresholds.staleHeartbeatSeconds,
    counting,
  };

  function counting(): Counting {
    const { items, settledUntil } = ledgerOf(before, clock, connection.skewMs());
    const follows: Counting['follows'] = (item) => items.has(ledgerKey(item, idsRotate));
    return {
      size: items.size,
      follows,
      isHistory: (item) => {
        const enqueuedAt = startedAtIsEnqueueStamp ? item.startedAt : null;
        return lastTransition({ ...item, enqueuedAt }) <= settledUntil && !follows(item);
      },
    };
  }
}
