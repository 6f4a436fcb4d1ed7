import type { Logger } from '../base/logger.ts';
import type { Operation } from '../domain/environment.ts';
import type { EnvironmentState } from '../state/environment-state.ts';

/** Told when a poll has ended and its result is in the state. */
export interface PollReporter {
  pollEnded(operation: Operation, before: EnvironmentState | undefined, after: EnvironmentState | undefined): void;
}

/** One line when an environment starts or stops failing, or fails for another reason; none for routine. */
export function logReporter(logger: Logger): PollReporter {
  return {
    pollEnded(operation, before, after) {
      if (after === undefined) return;
      const was = before?.operations[operation].failure ?? null;
      const is = after.operations[operation].failure;
      const { id, name } = after.environment;
      const fields = { environment_id: id, environment_name: name, operation };
      if (is !== null && is.reason !== was?.reason) {
        logger.warn(
          {
            event: 'environment.failing',
            ...fields,
            reason: is.reason,
            http_status: is.httpStatus,
            request_id: is.requestId,
            credential: after.operations[operation].credential,
            detail: is.message,
            remedy: is.remedy,
            since: new Date(is.since).toISOString(),
          },
          'environment cannot be read',
        );
      }
      if (is === null && was !== null) {
        const end = after.operations[operation].lastSuccessAt ?? was.since;
        const outage = Math.round((end - was.since) / 100) / 10;
        logger.info(
          { event: 'environment.recovered', ...fields, reason: was.reason, outage_seconds: outage },
          'environment can be read again',
        );
      }
    },
  };
}
