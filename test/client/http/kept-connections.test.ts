import type { Dispatcher } from 'undici';
import { expect, it } from 'vitest';
import { KeptConnections } from '../../../src/client/http/kept-connections.ts';
import { FAILURE_REASONS } from '../../../src/domain/failure.ts';
import { ManualClock } from '../../support/manual-clock.ts';

/** Pools that are just numbered, and end when the test says so. */
function rig() {
  const clock = new ManualClock();
  const events: string[] = [];
  const ends: Array<() => void> = [];
  const create = () => {
    const number = ends.length;
    const ended = Promise.withResolvers<void>();
    ends.push(ended.resolve);
    const close = () => {
      events.push(`close ${number}`);
      return ended.promise;
    };
    const destroy = async () => void events.push(`destroy ${number}`);
    return { number, close, destroy } as unknown as Dispatcher;
  };
  const connections = new KeptConnections(create, clock);
  const current = () => (connections.current as unknown as { readonly number: number }).number;
  return { clock, events, ends, connections, current };
}

it('are left after a failure that another connection may be spared, and after no other', () => {
  const leaves = FAILURE_REASONS.filter((reason) => {
    const { connections, current } = rig();
    connections.failed(reason);
    return current() === 1;
  });
  expect(leaves).toEqual(['timeout', 'network', 'server_error']);
});

it('are left once a minute at most', () => {
  const { clock, connections, current } = rig();
  const left = [0, 59_999, 1, 30_000, 30_000].map((ms) => {
    clock.advanceNow(ms);
    connections.failed('network');
    return current();
  });
  expect(left).toEqual([1, 1, 2, 2, 3]);
});

it('may finish what is under way, until all end at once', async () => {
  const { clock, connections, events, ends } = rig();
  for (const _ of [0, 1]) {
    connections.failed('timeout');
    clock.advanceNow(60_000);
  }
  expect(events).toEqual(['close 0', 'close 1']);
  ends[0]!();
  await clock.advance(0);
  await connections.destroy();
  expect(events.slice(2)).toEqual(['destroy 2', 'destroy 1']);
});
