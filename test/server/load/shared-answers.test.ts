import { EventEmitter } from 'node:events';
import type { ServerResponse } from 'node:http';
import { setImmediate } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { MOST_VERSIONS, SharedAnswers } from '../../../src/server/load/shared-answers.ts';
import { ManualClock } from '../../support/manual-clock.ts';
import { NOW } from '../../support/states.ts';

/** Someone who reads until told that the socket is gone. */
function reader(): ServerResponse & { destroyed: boolean } {
  const response = Object.assign(new EventEmitter(), {
    destroyed: false,
    destroy() {
      response.destroyed = true;
      response.emit('close');
    },
  });
  return response as unknown as ServerResponse & { destroyed: boolean };
}

function counted() {
  const clock = new ManualClock(NOW);
  let builds = 0;
  const shared = new SharedAnswers(clock);
  const take = async (who: ServerResponse, key = 'a') =>
    String((await shared.take(key, who, async () => [Buffer.from(`${++builds}`)]))[0]);
  return { clock, shared, take };
}

it('whoever asks while an answer is read gets the same, another key its own', async () => {
  const { take } = counted();
  expect(await take(reader())).toBe('1');
  expect(await take(reader())).toBe('1');
  expect(await take(reader(), 'b')).toBe('2');
});

it('an answer that nobody reads any more is made anew', async () => {
  const { take } = counted();
  const first = reader();
  expect(await take(first)).toBe('1');
  first.destroy();
  await setImmediate();
  expect(await take(reader())).toBe('2');
});

it('a request that waited behind the one that has just ended shares its answer', async () => {
  const { take } = counted();
  const first = reader();
  expect(await take(first)).toBe('1');
  first.destroy();
  expect(await take(reader())).toBe('1');
});

it('nobody gets what is older than a second', async () => {
  const { take, clock } = counted();
  await take(reader());
  await clock.advance(999);
  expect(await take(reader())).toBe('1');
  await clock.advance(1);
  expect(await take(reader())).toBe('2');
});

it('one that is being made is waited for, however long that takes', async () => {
  const { shared, clock } = counted();
  const gate = Promise.withResolvers<Buffer[]>();
  let builds = 0;
  const build = () => {
    builds++;
    return gate.promise;
  };
  const answers = [shared.take('a', reader(), build)];
  await clock.advance(5000);
  answers.push(shared.take('a', reader(), build));
  gate.resolve([Buffer.from('late')]);
  expect((await Promise.all(answers)).map(String)).toEqual(['late', 'late']);
  expect(builds).toBe(1);
});

it('slow readers keep a few versions alive at most: those of the oldest are cut', async () => {
  const { take, clock } = counted();
  const slow = [];
  for (let version = 0; version <= MOST_VERSIONS; version++) {
    slow.push(reader());
    await take(slow.at(-1)!);
    await clock.advance(1000);
  }
  expect(slow.map(({ destroyed }) => destroyed)).toEqual([true, ...Array(MOST_VERSIONS).fill(false)]);
});

it('a failure is not kept', async () => {
  const { shared } = counted();
  const failing = shared.take('a', reader(), async () => Promise.reject(new Error('broken')));
  await expect(failing).rejects.toThrow('broken');
  expect(String(await shared.take('a', reader(), async () => [Buffer.from('fine')]))).toBe('fine');
});

it('a reader that is gone holds nothing', async () => {
  const { shared, take } = counted();
  const gone = reader();
  gone.destroy();
  expect(await shared.take('a', gone, async () => [Buffer.from('unread')])).toEqual([]);
  expect(await take(reader())).toBe('1');
});
