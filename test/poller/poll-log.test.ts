import { describe, expect, it } from 'vitest';
import type { LogFields, Logger } from '../../src/base/logger.ts';
import { createPollLog } from '../../src/poller/poll-log.ts';
import { initialState } from '../../src/state/initial-state.ts';
import { pollFailed, pollSucceeded } from '../../src/state/transitions.ts';
import { failure } from '../support/api-errors.ts';
import { environment } from '../support/environments.ts';

const facts = { operation: 'list' as const, at: 60_000, durationSeconds: 1, requests: 1 };
const fresh = initialState(environment('env_1'), { stats: true, list: true }, 0);
const failed = pollFailed(fresh, { ...facts, failure: failure('unauthorized', { httpStatus: 401 }) });
const well = pollSucceeded(failed, { ...facts, endedAt: 90_000, credential: 'environment_key', httpStatus: 200 });

function lines(...steps: Array<typeof fresh | undefined>) {
  const written: Array<LogFields & { level: string; message: string }> = [];
  const log = (level: string) => (fields: LogFields, message: string) => written.push({ level, message, ...fields });
  const logger: Logger = { debug: log('debug'), info: log('info'), warn: log('warn'), error: log('error') };
  const pollLog = createPollLog(logger);
  for (let n = 1; n < steps.length; n++) pollLog.pollEnded('list', steps[n - 1], steps[n]);
  return written;
}

describe('createPollLog', () => {
  it('writes nothing for routine', () => {
    expect(lines(fresh, well, well)).toEqual([]);
  });

  it('writes one line when an environment starts to fail, with what to do', () => {
    expect(lines(fresh, failed, failed, failed)).toMatchObject([
      {
        level: 'warn',
        event: 'environment.failing',
        environment_id: 'env_1',
        operation: 'list',
        reason: 'unauthorized',
        http_status: 401,
        request_id: 'req_failed',
        remedy: 'do this',
        since: '1970-01-01T00:01:00.000Z',
      },
    ]);
  });

  it('writes another when the reason changes', () => {
    const other = pollFailed(failed, { ...facts, failure: failure('timeout') });
    expect(lines(fresh, failed, other).map(({ reason }) => reason)).toEqual(['unauthorized', 'timeout']);
  });

  it('says how long it lasted when it is over', () => {
    expect(lines(failed, well)).toMatchObject([
      { level: 'info', event: 'environment.recovered', reason: 'unauthorized', outage_seconds: 30 },
    ]);
  });

  it('has nothing to say about an environment that left', () => {
    expect(lines(failed, undefined)).toEqual([]);
  });

  it('says when the budget becomes too small and when it is enough again, and nothing between', () => {
    const written: LogFields[] = [];
    const log = (fields: LogFields) => void written.push(fields);
    const pollLog = createPollLog({ debug: log, info: log, warn: log, error: log });
    const steps = [
      { idle: 1, active: 1 },
      { idle: 1.2, active: 1 },
      { idle: 4, active: 1.3 },
      { idle: 1, active: 1 },
      { idle: 1, active: 1 },
    ];
    for (let n = 1; n < steps.length; n++) pollLog.intervalsScaled('default', steps[n - 1]!, steps[n]!);
    expect(written).toMatchObject([
      { event: 'budget.stretched', connection: 'default', stretch_factor_idle: 1.2, stretch_factor_active: 1 },
      { event: 'budget.relaxed', connection: 'default' },
    ]);
  });
});
