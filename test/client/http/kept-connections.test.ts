import type { Dispatcher } from 'undici';
import { describe, expect, it } from 'vitest';
import type { AnswerReceiver, NotReceived, Received } from '../../../src/client/http/answer-receiver.ts';
import { KeptConnections } from '../../../src/client/http/kept-connections.ts';
import { FAILURE_REASONS } from '../../../src/domain/failure.ts';
import { ManualClock } from '../../support/manual-clock.ts';

const STATS = { operation: 'stats', environmentId: 'env_1' } as const;
const LIST = { operation: 'list', environmentId: 'env_1' } as const;
const OTHER = { operation: 'stats', environmentId: 'env_2' } as const;

/** Pools that are just numbered. */
function rig() {
  const clock = new ManualClock();
  const events: string[] = [];
  let pools = 0;
  const create = () => {
    const number = pools++;
    const dispatch = () => events.push(`send ${number}`);
    const destroy = async () => void events.push(`destroy ${number}`);
    return { dispatch, destroy } as unknown as Dispatcher;
  };
  const connections = new KeptConnections(create, clock);
  /** Begins a request; the returned function ends it. */
  const send = () => {
    const { promise, resolve } = Promise.withResolvers<NotReceived | Received>();
    const receiver = { ended: promise } as unknown as AnswerReceiver;
    const over = connections.send({ path: '/', method: 'GET' }, receiver, clock.monotonic());
    return (status: number | null = null) => {
      resolve(status === null ? { error: null, begun: false } : ({ status } as Received));
      return over;
    };
  };
  const current = () => {
    send();
    return Number(events.at(-1)!.slice('send '.length));
  };
  return { clock, events, connections, send, current };
}

it('are left after a failure that another connection may be spared, and after no other', () => {
  const leaves = FAILURE_REASONS.filter((reason) => {
    const { connections, current } = rig();
    connections.failed(reason, STATS);
    return current() === 1;
  });
  expect(leaves).toEqual(['timeout', 'network', 'server_error']);
});

it('are left once a minute at most', () => {
  const { clock, connections, current } = rig();
  const left = [0, 59_999, 1, 30_000, 30_000].map((ms) => {
    clock.advanceNow(ms);
    connections.failed('network', STATS);
    return current();
  });
  expect(left).toEqual([1, 1, 2, 2, 3]);
});

describe('an hour after they came', () => {
  const HOUR = 3_600_000;

  it('new ones are tried by one request, and used by the others once that is answered', async () => {
    const { clock, events, send } = rig();
    clock.advanceNow(HOUR - 1);
    const earlier = send();
    clock.advanceNow(1);
    const first = send();
    send();
    await first(200);
    send();
    expect(events).toEqual(['send 0', 'send 1', 'send 0', 'send 1']);
    clock.advanceNow(HOUR - 1);
    await earlier();
    send();
    clock.advanceNow(1);
    send();
    expect(events.slice(4)).toEqual(['send 1', 'send 2']);
  });

  it('they end when what is under way there has ended', async () => {
    const { clock, events, send } = rig();
    const earlier = send();
    clock.advanceNow(HOUR);
    await send()(404);
    expect(events).toEqual(['send 0', 'send 1']);
    await earlier();
    expect(events.slice(2)).toEqual(['destroy 0']);
  });

  it.each([null, 500, 503])('they go on where new ones bring %j instead of an answer', async (status) => {
    const { clock, connections, current, events, send } = rig();
    clock.advanceNow(HOUR);
    await send()(status);
    connections.failed('network', STATS);
    expect(events).toEqual(['send 1', 'destroy 1']);
    clock.advanceNow(HOUR - 1);
    expect(current()).toBe(0);
    clock.advanceNow(1);
    expect(current()).toBe(2);
  });

  it('after a failure, the hour begins with the new ones', () => {
    const { clock, connections, current } = rig();
    clock.advanceNow(HOUR - 1);
    connections.failed('network', STATS);
    clock.advanceNow(HOUR - 1);
    expect(current()).toBe(1);
    clock.advanceNow(1);
    expect(current()).toBe(2);
  });

  it('they can be left for a failure while new ones are tried, and all end', async () => {
    const { clock, connections, current, events, send } = rig();
    clock.advanceNow(HOUR);
    const first = send();
    connections.failed('timeout', STATS);
    expect(current()).toBe(2);
    await first(200);
    expect(current()).toBe(1);
    expect(events).toEqual(['send 1', 'destroy 0', 'send 2', 'send 1']);
    await connections.destroy();
    expect(events.slice(4)).toEqual(['destroy 1', 'destroy 2']);
  });

  it('new ones are tried once at a time, and end with the others', async () => {
    const { clock, connections, events, send } = rig();
    for (const _ of [0, 1]) {
      clock.advanceNow(HOUR);
      send();
    }
    await connections.destroy();
    expect(events).toEqual(['send 1', 'send 0', 'destroy 0', 'destroy 1']);
  });
});

it('end when what is under way there has ended, the last of it, and at once without any', async () => {
  const { clock, connections, events, send } = rig();
  const ends = [send(), send()];
  connections.failed('timeout', STATS);
  await ends[0]!();
  expect(events).toEqual(['send 0', 'send 0']);
  await ends[1]!();
  clock.advanceNow(60_000);
  connections.failed('timeout', STATS);
  expect(events.slice(2)).toEqual(['destroy 0', 'destroy 1']);
});

it('stay while they are in use, however many requests have ended there', async () => {
  const { events, send } = rig();
  await send()();
  await send()();
  expect(events).toEqual(['send 0', 'send 0']);
});

it('end all at once, also where something is under way, and are not followed by others', async () => {
  const { clock, connections, events, send, current } = rig();
  for (const _ of [0, 1]) {
    send();
    connections.failed('timeout', STATS);
    clock.advanceNow(60_000);
  }
  await connections.destroy();
  expect(events.slice(2)).toEqual(['destroy 2', 'destroy 0', 'destroy 1']);
  connections.failed('network', STATS);
  clock.advanceNow(3_600_000);
  expect(current()).toBe(2);
});

describe('in each of four minutes', () => {
  const FAILS = 'server_error';
  it.each([
    {
      what: 'the same read fails, and others succeed',
      left: [true, false, false, false],
      fails: [STATS],
      well: [LIST],
    },
    { what: 'the same read fails, and nothing succeeds', left: [true, true, true, true], fails: [STATS], well: [] },
    { what: 'all reads fail', left: [true, true, true, true], fails: [STATS, LIST, OTHER], well: [] },
    {
      what: 'the same two reads fail of three',
      left: [true, false, false, false],
      fails: [STATS, LIST],
      well: [OTHER],
    },
    { what: 'reads fail by turns', left: [true, true, true, true], fails: [STATS], well: [LIST], byTurns: true },
  ])('$what', ({ left, fails, well, byTurns = false }) => {
    const { clock, connections, current } = rig();
    const seen = left.map((_, minute) => {
      const before = current();
      const [failing, succeeding] = byTurns && minute % 2 === 1 ? [well, fails] : [fails, well];
      for (const read of failing) connections.failed(FAILS, read);
      for (const read of succeeding) connections.succeeded(read);
      clock.advanceNow(60_000);
      return current() !== before;
    });
    expect(seen).toEqual(left);
  });
});

it('are left for a read that fails again after it had succeeded', () => {
  const { clock, connections, current } = rig();
  connections.failed('timeout', STATS);
  clock.advanceNow(60_000);
  connections.succeeded(STATS);
  connections.failed('timeout', STATS);
  expect(current()).toBe(2);
});

it('do not remember without end what has failed', () => {
  const { clock, connections, current } = rig();
  connections.failed('timeout', STATS);
  for (let n = 0; n < 20_000; n++) connections.failed('timeout', { operation: 'list', environmentId: `env_${n}` });
  clock.advanceNow(60_000);
  connections.succeeded(OTHER);
  connections.failed('timeout', STATS);
  expect(current()).toBe(2);
});
