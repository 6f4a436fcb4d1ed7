import { describe, expect, it } from 'vitest';
import { ENVIRONMENT_ID } from '../../src/config/options/environment-options.ts';
import { isSafeSegment } from '../../src/wire/read.ts';

describe('an environment id', () => {
  it.each(['env_1', 'A-b_9', 'polls', 'my-poll', 'status', 'a'.repeat(128)])('may be %s', (id) => {
    expect([ENVIRONMENT_ID.test(id), isSafeSegment(id)]).toEqual([true, true]);
  });

  it.each(['poll', 'POLL', 'Poll', 'stats', 'sTaTs', '', 'a'.repeat(129), 'a/b', '..', 'env 1', 'env_1\n', 'é'])(
    'cannot be %j, neither in the configuration nor in a path',
    (id) => {
      expect([ENVIRONMENT_ID.test(id), isSafeSegment(id)]).toEqual([false, false]);
    },
  );

  it('of the configuration cannot be a key either', () => {
    expect([ENVIRONMENT_ID.test('sk-ant-oat01-x'), ENVIRONMENT_ID.test('xsk-ant-')]).toEqual([false, true]);
  });
});
