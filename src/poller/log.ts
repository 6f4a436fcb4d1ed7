import type { EpochMs } from '../base/clock.ts';
import type { LogEvent, LogFields, Logger } from '../base/logger.ts';
import type { Environment, Operation } from '../domain/environment.ts';
import {
  CHAIN_BROKEN_REMEDY,
  type Failure,
  failureFields,
  RATE_LIMITED_REMEDY,
  ROOMLESS_REMEDY,
} from '../domain/failure.ts';
import type { EnvironmentState, ItemsSnapshot } from '../state/environment-state.ts';
import type { StretchFactors } from './intervals.ts';
import type { SharedLines } from './shared-lines.ts';

/** Called when a poll has ended and its result is in the state. */
export interface PollLog {
  pollEnded(operation: Operation, before: EnvironmentState | undefined, after: EnvironmentState | undefined): void;
  /** The list is no longer as scans had learned, so all of it is read again. */
  listRescanned(environment: Environment, reason: string): void;
  /** The API answered 429: nothing is read through the connection until then. Logged once per pause. */
  connectionPaused(connection: string, until: EpochMs): void;
  connectionResumed(connection: string): void;
  /** The intervals of a connection were fitted to its budget. */
  intervalsScaled(connection: string, before: StretchFactors, after: StretchFactors): void;
  /** No poll ends after this: logs the changes that are still collected for a shared line. */
  end(): void;
}

const FAILING = 'environment cannot be read';

/**
 * One line when an environment starts or stops failing, or fails for another reason, which many may share; none for
 * routine.
 */
export function createPollLog(logger: Logger, shared: SharedLines): PollLog {
  return {
    pollEnded(operation, before, after) {
      if (after === undefined) return;
      const was = before?.operations[operation].failure ?? null;
      const is = after.operations[operation].failure;
      const { id, name, connection } = after.environment;
      const change = { connection, environmentId: id, operation };
      const fields = { environment_id: id, environment_name: name, operation };
      if (is !== null && is.reason !== was?.reason) {
        shared.add({
          ...change,
          kind: 'failing',
          reason: is.reason,
          line: failingLine(after, operation, is),
          message: FAILING,
        });
      }
      if (operation === 'list') reportList(logger, before?.items ?? null, after.items, fields);
      if (is === null && was !== null) {
        const end = after.operations[operation].lastSuccessAt ?? was.since;
        // Both are wall times: the clock may have been set back meanwhile.
        const outage = Math.round(Math.max(end - was.since, 0) / 100) / 10;
        const line = { event: 'environment.recovered', ...fields, reason: was.reason, outage_seconds: outage };
        shared.add({
          ...change,
          kind: 'recovered',
          reason: was.reason,
          line,
          message: 'environment can be read again',
        });
      }
    },
    intervalsScaled(connection, before, after) {
      const was = Math.max(before.idle, before.active);
      const is = Math.max(after.idle, after.active);
      const fields = { connection, stretch_factor_idle: round(after.idle), stretch_factor_active: round(after.active) };
      if (was === 1 && is > 1) {
        const remedy = 'Raise requests_per_minute, or watch fewer environments or less often.';
        logger.warn(
          { event: 'budget.stretched', ...fields, remedy },
          'the budget is too small for the configured intervals',
        );
      }
      if (was > 1 && is === 1) logger.info({ event: 'budget.relaxed', ...fields }, 'the budget is enough again');
    },
    connectionPaused(connection, until) {
      const fields = { event: 'connection.paused', connection, until: new Date(until).toISOString() };
      logger.warn({ ...fields, remedy: RATE_LIMITED_REMEDY }, 'the API answers 429: reads are paused');
    },
    connectionResumed(connection) {
      logger.info({ event: 'connection.resumed', connection }, 'the API takes requests again');
    },
    listRescanned({ id, name }, reason) {
      const fields = { event: 'list.surprise', environment_id: id, environment_name: name, reason };
      logger.info(fields, 'the list has what reads have not shown; the whole of it is read');
    },
    end: () => shared.end(),
  };
}

/** The line for an environment that began to fail, or now fails for another reason. */
export function logFailing(logger: Logger, state: EnvironmentState, operation: Operation): void {
  const { failure } = state.operations[operation];
  if (failure !== null) logger.warn(failingLine(state, operation, failure), FAILING);
}

function failingLine(state: EnvironmentState, operation: Operation, failure: Failure & { since: EpochMs }): LogEvent {
  return {
    event: 'environment.failing',
    environment_id: state.environment.id,
    environment_name: state.environment.name,
    operation,
    credential: state.operations[operation].credential,
    ...failureFields(failure),
    since: new Date(failure.since).toISOString(),
  };
}

const round = (factor: number) => Math.round(factor * 100) / 100;

/** What has changed about how the list of an environment can be read. */
function reportList(logger: Logger, was: ItemsSnapshot | null, is: ItemsSnapshot | null, fields: LogFields): void {
  if (is === null) return;
  if (is.mode !== (was?.mode ?? 'whole')) {
    logger.info({ event: 'list.order_learned', ...fields, order: is.mode }, 'the order of the list is now known');
  }
  if (is.lastFullRead?.truncated === true && was?.lastFullRead?.truncated !== true) {
    const { pages, items } = is.lastFullRead;
    const { what, remedy } = whyTruncated(is.lastFullRead);
    logger.warn({ event: 'list.truncated', ...fields, pages, items, remedy }, what);
  }
}

function whyTruncated({ chainBroken, roomless }: NonNullable<ItemsSnapshot['lastFullRead']>) {
  if (roomless === true) {
    return { what: 'the list shows more items than the exporter has memory for', remedy: ROOMLESS_REMEDY };
  }
  if (chainBroken === true) return { what: "the list's pages do not lead to its end", remedy: CHAIN_BROKEN_REMEDY };
  return {
    what: 'the list is longer than poll.max_list_pages',
    remedy: 'Raise poll.max_list_pages of the environment.',
  };
}
