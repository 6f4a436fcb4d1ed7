import type { Failure } from '../domain/failure.ts';
import type { QueueStats, WorkType } from '../domain/work.ts';
import type { EnvironmentState, ItemsSnapshot } from './environment-state.ts';
import { type PollFacts, type PollSuccess, pollFailed, pollSucceeded } from './operation-changes.ts';
import {
  countedNotSelfHosted,
  declaredNotSelfHostedFailure,
  isDeclaredNotSelfHosted,
  looksNotSelfHosted,
  markedNotSelfHosted,
  notSelfHostedFailure,
} from './self-hosted.ts';
import { nextShownValues } from './shown-metadata.ts';

/** A successful poll, without its value. */
export interface GoodPoll extends Omit<PollFacts, 'operation'>, PollSuccess {}

export interface BadPoll extends PollFacts {
  readonly failure: Failure;
}

/**
 * Stats were read. If discovery or the list says that the environment has no queue, they prove nothing, so both
 * operations stay down.
 */
export function statsRead(state: EnvironmentState, poll: GoodPoll, stats: QueueStats): EnvironmentState {
  const listFailure = state.operations.list.failure;
  const queue = { observedAt: poll.endedAt, stats };
  const facts = { ...poll, operation: 'stats' as const };
  if (isDeclaredNotSelfHosted({ ...state, queue })) {
    const failure = { ...declaredNotSelfHostedFailure(state), httpStatus: poll.httpStatus };
    return { ...countedNotSelfHosted(pollFailed(state, { ...facts, failure })), queue: null };
  }
  if (stats.workersPolling === null && looksNotSelfHosted({ ...state, queue }, listFailure)) {
    const failure = notSelfHostedFailure(listFailure!);
    return { ...pollFailed(state, { ...facts, failure }), queue: null };
  }
  return { ...pollSucceeded(state, facts), queue };
}

/** The list was read. Types and metadata values that had a series keep it. */
export function listRead(state: EnvironmentState, poll: GoodPoll, items: ItemsSnapshot): EnvironmentState {
  const before = state.items?.shownMetadata;
  const remembered = before === undefined ? items : { ...items, shownMetadata: before };
  return {
    ...pollSucceeded(state, { ...poll, operation: 'list' }),
    items: {
      ...items,
      typesSeen: typesSeen(state, items),
      shownMetadata: nextShownValues(remembered, state.environment.metadata),
    },
  };
}

/** A type of work that was live once keeps its series, at 0: a series that comes and goes cannot be alerted on. */
function typesSeen({ items }: EnvironmentState, { live }: ItemsSnapshot): readonly WorkType[] {
  let seen = items?.typesSeen ?? [];
  for (const { item } of live) if (!seen.includes(item.type)) seen = [...seen, item.type];
  return seen;
}

/**
 * A read failed. The failure of a list may show that the environment is not self-hosted: then both operations are down.
 */
export function readFailed(state: EnvironmentState, poll: BadPoll): EnvironmentState {
  if (poll.operation !== 'list' || !looksNotSelfHosted(state, poll.failure)) return pollFailed(state, poll);
  const failure = notSelfHostedFailure(poll.failure);
  return markedNotSelfHosted(pollFailed(state, { ...poll, failure }), failure);
}
