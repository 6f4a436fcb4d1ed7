import { isRunning, type WorkItem } from '../domain/work.ts';
import type { LedgerItem, Recognized } from './ledger-item.ts';

/** Whether somebody has begun to work on a running item: until its first heartbeat it is only acknowledged. */
export function hasBegun({ state, latestHeartbeatAt }: WorkItem): boolean {
  return state === 'active' || (isRunning(state) && latestHeartbeatAt !== null);
}

/**
 * The same with whether its present run has begun, and how many runs this sighting shows for the first time to have begun: by
 * a heartbeat, or by a stop that ended them before a read saw one.
 */
export function withBeginning(known: LedgerItem | undefined, recognized: Recognized, item: WorkItem): Recognized {
  const { events } = recognized;
  const isNewRun = known === undefined || events.lapsed === true || events.requeued === true;
  const wasBegun = !isNewRun && known.begun;
  const begun = isRunning(item.state) && (wasBegun || hasBegun(item));
  // What was acknowledged before history was settled has begun then.
  const begins = begun && !wasBegun && (known !== undefined || events.acknowledged === true);
  // After a lapse, the run that has ended is a later one than the one that was known.
  const endsUnseen = events.runMs !== undefined && (known?.begun !== true || events.lapsed === true);
  const count = Number(begins) + Number(endsUnseen);
  return {
    item: recognized.item.begun === begun ? recognized.item : { ...recognized.item, begun },
    events: count === 0 ? events : { ...events, begun: count },
  };
}
