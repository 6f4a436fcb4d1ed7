import type { EpochMs } from '../../base/clock.ts';
import type { Random } from '../../base/random.ts';
import { randomId } from './identity.ts';
import type { Switches } from './switches.ts';
import type { RecordType, SessionConduct, ToolCall, WorkRecord } from './work-record.ts';

export interface NewWork {
  readonly type?: RecordType;
  readonly metadata?: Readonly<Record<string, string>>;
  readonly toolCall?: ToolCall | null;
  readonly claimable?: boolean;
  readonly conduct?: SessionConduct;
  readonly runSeconds?: WorkRecord['runSeconds'];
}

/** What every new record of a queue shares. */
export interface RecordMaker {
  readonly switches: Switches;
  readonly random: Random;
}

/** For invented history: time in the queue, to the first heartbeat, and of the run, milliseconds. */
const HISTORY = { wait: 2000, firstHeartbeat: 2500, run: 30_000, enqueueStamp: 120 } as const;

/** A queued item of a new session. `seq` is its place in the order of creation. */
export function newRecord(
  { switches, random }: RecordMaker,
  { seq, createdAt }: { seq: number; createdAt: EpochMs },
  work: NewWork = {},
): WorkRecord {
  const sessionId = randomId(switches.sessionPrefix, random);
  return {
    seq,
    id: switches.idForm === 'session' ? sessionId : randomId('work', random),
    sessionId,
    type: work.type ?? 'session',
    state: 'queued',
    metadata: { ...work.metadata },
    createdAt,
    queuedAt: createdAt,
    startedAt: null,
    acknowledgedAt: null,
    latestHeartbeatAt: null,
    stopRequestedAt: null,
    stoppedAt: null,
    claimedAt: null,
    lease: null,
    deliveries: 0,
    acknowledgements: 0,
    claimable: work.claimable ?? true,
    toolCall: work.toolCall ?? null,
    conduct: work.conduct ?? 'turns',
    runSeconds: work.runSeconds ?? null,
  };
}

/** Sessions that ended long ago, oldest first; `created` gives the time of each. */
export function endedRecords(
  maker: RecordMaker,
  past: { readonly firstSeq: number; readonly count: number; readonly created: (number: number) => EpochMs },
): readonly WorkRecord[] {
  const { firstSeq, count, created } = past;
  return Array.from({ length: count }, (_, number) =>
    endedRecord(maker, { seq: firstSeq + number, createdAt: created(number) }),
  );
}

/** A session that was created at `createdAt` and ended long ago. */
function endedRecord(maker: RecordMaker, at: { seq: number; createdAt: EpochMs }): WorkRecord {
  const { createdAt } = at;
  const startedAfter = maker.switches.startedAt === 'enqueue' ? HISTORY.enqueueStamp : HISTORY.firstHeartbeat;
  return {
    ...newRecord(maker, at),
    state: 'stopped',
    startedAt: createdAt + startedAfter,
    acknowledgedAt: createdAt + HISTORY.wait,
    latestHeartbeatAt: createdAt + HISTORY.firstHeartbeat,
    stopRequestedAt: createdAt + HISTORY.run,
    stoppedAt: createdAt + HISTORY.run,
  };
}
