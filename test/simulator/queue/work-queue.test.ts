import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../../src/base/random.ts';
import { Rejection } from '../../../src/simulator/queue/rejection.ts';
import { type Switches, switchesFor } from '../../../src/simulator/queue/switches.ts';
import { WorkQueue } from '../../../src/simulator/queue/work-queue.ts';

const START = Date.UTC(2026, 10, 24, 12);
const s = (seconds: number) => START + seconds * 1000;

function queueWith(changes: Partial<Switches> = {}): WorkQueue {
  return new WorkQueue({ switches: switchesFor('anthropic', changes), random: seededRandom(1) });
}

function refusalOf(run: () => unknown): Rejection {
  try {
    run();
  } catch (error) {
    if (error instanceof Rejection) return error;
    throw error;
  }
  throw new Error('it was not refused');
}

const poller = { workerId: 'w1' };

/** An item that is active since second 1. */
function activeItem(queue: WorkQueue): { id: string; heartbeat: string } {
  const { id } = queue.create(s(0));
  queue.poll(s(0.5), poller);
  queue.ack(s(0.6), id);
  return { id, heartbeat: queue.heartbeat(s(1), id, { expected: 'NO_HEARTBEAT' }).lastHeartbeat };
}

describe('poll', () => {
  it('hands out the oldest item once, and again when nobody acknowledged it in time', () => {
    const queue = queueWith();
    const first = queue.create(s(0));
    const second = queue.create(s(1));
    expect(queue.poll(s(2), poller)).toBe(first);
    expect(queue.poll(s(2), poller)).toBe(second);
    expect(queue.poll(s(6.9), poller)).toBeNull();
    expect(queue.poll(s(7), { workerId: 'w2' })).toBe(first);
    expect(queue.poll(s(8), { workerId: 'w2', reclaimOlderThanMs: 2000 })).toBe(second);
  });

  it('moves an item from depth to pending, and an acknowledgement takes it out of both', () => {
    const queue = queueWith();
    const { id } = queue.create(s(0));
    expect(queue.counts(s(1))).toMatchObject({ depth: 1, pending: 0, oldestQueuedAt: s(0) });
    queue.poll(s(1), poller);
    expect(queue.counts(s(1))).toMatchObject({ depth: 0, pending: 1, oldestQueuedAt: s(0) });
    queue.ack(s(1), id);
    expect(queue.counts(s(1))).toMatchObject({ depth: 0, pending: 0, oldestQueuedAt: null });
  });

  it('counts workers for thirty seconds, by id, and not those without one', () => {
    const queue = queueWith();
    queue.poll(s(0), { workerId: 'a' });
    queue.poll(s(0), { workerId: null });
    queue.poll(s(10), { workerId: 'b' });
    queue.poll(s(11), { workerId: 'b' });
    expect(queue.counts(s(29)).workersPolling).toBe(2);
    expect(queue.counts(s(30)).workersPolling).toBe(1);
    expect(queue.counts(s(41)).workersPolling).toBe(0);
  });

  it('gives an item handed out again a new id where ids rotate', () => {
    const queue = queueWith({ rotateIds: true, idForm: 'work' });
    const { id } = queue.create(s(0));
    queue.poll(s(0), poller);
    const again = queue.poll(s(10), poller)!;
    expect(again.id).not.toBe(id);
    expect(refusalOf(() => queue.ack(s(10), id)).status).toBe(404);
    expect(queue.ack(s(10), again.id).state).toBe('starting');
  });
});

describe('stamps', () => {
  it('started_at is an enqueue stamp, a tenth of a second after created_at', () => {
    const { startedAt, createdAt } = queueWith().create(s(0));
    expect(startedAt! - createdAt).toBeGreaterThanOrEqual(100);
    expect(startedAt! - createdAt).toBeLessThanOrEqual(150);
  });

  it('started_at is never later than the claim', () => {
    const queue = queueWith();
    const work = queue.create(s(0));
    queue.poll(s(0.01), poller);
    expect(work.startedAt).toBe(s(0.01));
    const unpolled = queue.create(s(1));
    queue.ack(s(1.01), unpolled.id);
    expect(unpolled.startedAt).toBe(s(1.01));
    expect(queue.totals.wait).toEqual({ count: 1, sum: 0 });
  });

  it('started_at is the first heartbeat where the switch says so', () => {
    const queue = queueWith({ startedAt: 'first-heartbeat' });
    const work = queue.create(s(0));
    queue.ack(s(1), work.id);
    expect(work.startedAt).toBeNull();
    const { lastHeartbeat } = queue.heartbeat(s(2), work.id, { expected: 'NO_HEARTBEAT' });
    queue.heartbeat(s(3), work.id, { expected: lastHeartbeat });
    expect(work.startedAt).toBe(s(2));
  });

  it('carry the skew of the API clock, and leases do not', () => {
    const queue = queueWith();
    queue.skewMs = 90_000;
    const { id } = activeItem(queue);
    expect(queue.find(id).createdAt).toBe(s(90));
    queue.skewMs = 0;
    expect(queue.counts(s(300.9)).depth).toBe(0);
    expect(queue.counts(s(301)).depth).toBe(1);
  });
});

describe('heartbeat', () => {
  it('makes a starting item active and grants 300 s, or less when asked', () => {
    const queue = queueWith();
    const { id, heartbeat } = activeItem(queue);
    expect(queue.find(id).state).toBe('active');
    const next = queue.heartbeat(s(31), id, { expected: heartbeat, desiredTtlSeconds: 120 });
    expect(next).toMatchObject({ leaseExtended: true, ttlSeconds: 120, state: 'active' });
    const most = queue.heartbeat(s(61), id, { expected: next.lastHeartbeat, desiredTtlSeconds: 9999 });
    expect(most.ttlSeconds).toBe(300);
  });

  it('never stamps two heartbeats alike, so that each can be told from the last', () => {
    const queue = queueWith();
    const { id, heartbeat } = activeItem(queue);
    const second = queue.heartbeat(s(1), id, { expected: heartbeat });
    expect(second.lastHeartbeat).not.toBe(heartbeat);
    expect(refusalOf(() => queue.heartbeat(s(1), id, { expected: heartbeat })).status).toBe(412);
  });

  it('refuses a heartbeat that is not the last one, word for word', () => {
    const queue = queueWith();
    const { id, heartbeat } = activeItem(queue);
    const rejection = refusalOf(() => queue.heartbeat(s(2), id, { expected: 'hb-1' }));
    expect(rejection).toMatchObject({ status: 412, type: 'invalid_request_error' });
    expect(rejection.message).toBe(`Heartbeat precondition failed: expected hb-1, actual was ${heartbeat}`);
    expect(rejection.details).toEqual({
      current_state: {
        state: 'active',
        last_heartbeat: heartbeat,
        lease_updated_at: heartbeat,
        lease_extended: false,
        ttl_seconds: 300,
      },
      error_visibility: 'user_facing',
      error_code: 'heartbeat_precondition_failed',
    });
  });

  it('says NULL when the lease has lapsed', () => {
    const queue = queueWith();
    const { id, heartbeat } = activeItem(queue);
    const rejection = refusalOf(() => queue.heartbeat(s(400), id, { expected: heartbeat }));
    expect(rejection.message).toBe(`Heartbeat precondition failed: expected ${heartbeat}, actual was NULL`);
    expect(rejection.details?.current_state).toMatchObject({ state: 'queued', last_heartbeat: null, ttl_seconds: 120 });
  });

  it('without an expectation claims what is unclaimed and stamps the acknowledgement', () => {
    const queue = queueWith();
    const work = queue.create(s(0));
    queue.heartbeat(s(5), work.id, { expected: null });
    expect(work).toMatchObject({ state: 'active', acknowledgedAt: s(5), latestHeartbeatAt: s(5) });
    expect(queue.totals.acknowledged).toBe(1);
  });

  it('of a stopping item is not compared, tells the state and grants 120 s to the first', () => {
    const queue = queueWith();
    const { id } = queue.create(s(0));
    queue.ack(s(1), id);
    queue.stop(s(2), id, false);
    expect(queue.heartbeat(s(3), id, { expected: 'whatever' })).toMatchObject({ state: 'stopping', ttlSeconds: 120 });
    expect(queue.heartbeat(s(4), id, { expected: 'whatever' })).toMatchObject({ state: 'stopping', ttlSeconds: 300 });
  });

  it('of a stopped item extends nothing', () => {
    const queue = queueWith();
    const { id, heartbeat } = activeItem(queue);
    queue.stop(s(2), id, true);
    const answer = queue.heartbeat(s(3), id, { expected: 'whatever' });
    expect(answer).toEqual({ lastHeartbeat: heartbeat, leaseExtended: false, state: 'stopped', ttlSeconds: 300 });
  });

  it('of an item that never had a heartbeat has no last one', () => {
    const queue = queueWith();
    const { id } = queue.create(s(0));
    queue.stop(s(1), id, true);
    expect(queue.heartbeat(s(2), id, { expected: null }).lastHeartbeat).toBe('');
  });

  it.each([
    ['a heartbeat without an expectation', { expectedHeartbeatRequired: true }, null, 400],
    ['a heartbeat before the acknowledgement', { beatOnQueued: 'conflict' }, 'NO_HEARTBEAT', 409],
  ] as const)('%s is refused where the service is strict', (_, changes, expected, status) => {
    const queue = queueWith(changes);
    const { id } = queue.create(s(0));
    expect(refusalOf(() => queue.heartbeat(s(1), id, { expected })).status).toBe(status);
  });
});

describe('ack', () => {
  it('of anything but a queued item is a conflict', () => {
    const queue = queueWith();
    const { id } = activeItem(queue);
    expect(refusalOf(() => queue.ack(s(2), id))).toMatchObject({
      status: 409,
      message: `Work item ${id} must be in QUEUED state to acknowledge. Current state: active.`,
    });
  });

  it('again answers the item where the service is idempotent, but not of a stopped one', () => {
    const queue = queueWith({ repeatedAck: 'item' });
    const { id } = activeItem(queue);
    expect(queue.ack(s(2), id).acknowledgedAt).toBe(s(0.6));
    queue.stop(s(3), id, true);
    expect(refusalOf(() => queue.ack(s(4), id)).status).toBe(409);
  });
});

describe('stop', () => {
  it('asks first, ends when forced, and keeps the first request', () => {
    const queue = queueWith();
    const { id } = activeItem(queue);
    expect(queue.stop(s(10), id, false)).toMatchObject({ state: 'stopping', stopRequestedAt: s(10), stoppedAt: null });
    queue.stop(s(20), id, false);
    expect(queue.stop(s(30), id, true)).toMatchObject({ state: 'stopped', stopRequestedAt: s(10), stoppedAt: s(30) });
    expect(queue.stop(s(40), id, true).stoppedAt).toBe(s(30));
    expect(queue.totals).toMatchObject({ stopped: 1, stop: { count: 1, sum: 20 }, run: { count: 1, sum: 29.4 } });
  });

  it('of a waiting item ends it outright, without a run', () => {
    const queue = queueWith();
    const { id } = queue.create(s(0));
    queue.poll(s(1), poller);
    expect(queue.stop(s(2), id, false).state).toBe('stopped');
    expect(queue.poll(s(60), poller)).toBeNull();
    expect(queue.totals.run.count).toBe(0);
  });

  it('leaves an abandoned item stopping for good, or ends it where the service does', () => {
    const patient = queueWith();
    const strict = queueWith({ finalizeStoppingSeconds: 60, leaseTtlSeconds: 30 });
    for (const queue of [patient, strict]) queue.stop(s(10), activeItem(queue).id, false);
    expect(patient.all().length).toBe(1);
    patient.expire(s(86_400));
    expect(patient.all()[0]!.state).toBe('stopping');
    strict.expire(s(69.9));
    expect(strict.all()[0]!.state).toBe('stopping');
    strict.expire(s(100));
    expect(strict.all()[0]).toMatchObject({ state: 'stopped', stoppedAt: s(70) });
  });
});

describe('a lapsed lease', () => {
  it('puts the item back, under its id, at the moment it was due', () => {
    const queue = queueWith();
    const { id } = activeItem(queue);
    queue.expire(s(1000));
    expect(queue.find(id)).toMatchObject({ state: 'queued', queuedAt: s(301), latestHeartbeatAt: null });
    expect(queue.totals).toMatchObject({ created: 1, lapsed: 1, requeued: 0, stopped: 0 });
  });

  it('happens to a starting item whose worker never had a heartbeat', () => {
    const queue = queueWith();
    const { id } = queue.create(s(0));
    queue.ack(s(1), id);
    queue.expire(s(300.9));
    expect(queue.find(id).state).toBe('starting');
    queue.expire(s(301));
    expect(queue.find(id).state).toBe('queued');
  });

  it('or leaves such an item starting for good, where the service does, until somebody stops it', () => {
    const queue = queueWith({ startingLapses: false });
    const { id } = queue.create(s(0));
    queue.ack(s(1), id);
    queue.expire(s(86_400));
    expect(queue.find(id).state).toBe('starting');
    expect(queue.poll(s(86_401), poller)).toBeNull();
    expect(queue.stop(s(86_402), id, true).state).toBe('stopped');
    // A heartbeat makes it an item like others.
    const { id: served } = activeItem(queue);
    queue.expire(s(90_000));
    expect(queue.find(served).state).toBe('queued');
  });

  it('happens at once to what was kept starting, when a scenario ends that kept it', () => {
    const queue = queueWith();
    queue.startingLapses = false;
    const { id } = queue.create(s(0));
    queue.ack(s(1), id);
    queue.expire(s(400));
    expect(queue.find(id).state).toBe('starting');
    queue.startingLapses = null;
    queue.expire(s(401));
    expect(queue.find(id).state).toBe('queued');
  });

  it('happens in the order of the leases', () => {
    const queue = queueWith();
    const [first, second] = [queue.create(s(0)), queue.create(s(0))];
    queue.ack(s(2), second.id);
    queue.ack(s(5), first.id);
    expect(queue.poll(s(400), poller)).toBe(second);
    expect(queue.poll(s(400), poller)).toBe(first);
  });
});

describe('a session with new work', () => {
  it('is queued again under its id with a new enqueue stamp', () => {
    const queue = queueWith();
    const { id } = activeItem(queue);
    const work = queue.stop(s(10), id, true);
    queue.requeue(s(60), work);
    expect(work).toMatchObject({ id, state: 'queued', createdAt: s(0), acknowledgedAt: null, stoppedAt: null });
    expect(work.startedAt).toBeGreaterThan(s(60));
    expect(queue.counts(s(60)).oldestQueuedAt).toBe(s(60));
    expect(queue.totals).toMatchObject({ created: 1, requeued: 1 });
  });

  it('may keep the stamps of its last run, which then count for that run only', () => {
    const queue = queueWith({ requeueStamps: 'kept' });
    const { id } = activeItem(queue);
    const work = queue.stop(s(10), id, true);
    queue.requeue(s(60), work);
    expect(work).toMatchObject({ acknowledgedAt: s(0.6), stoppedAt: s(10), latestHeartbeatAt: null });
    queue.ack(s(61), id);
    queue.stop(s(70), id, false);
    expect(work.stopRequestedAt).toBe(s(70));
    queue.stop(s(75), id, true);
    expect(queue.totals.stop).toEqual({ count: 2, sum: 5 });
    queue.requeue(s(80), work);
    queue.stop(s(90), id, true);
    expect(queue.totals.run.count).toBe(2);
  });

  it('is left alone while its item is live', () => {
    const queue = queueWith();
    const { id } = activeItem(queue);
    queue.requeue(s(2), queue.find(id));
    expect(queue.totals.requeued).toBe(0);
  });
});

it('counts waits of sessions from the enqueue stamp, and none of health checks', () => {
  const queue = queueWith();
  const session = queue.create(s(0));
  const check = queue.create(s(0), { type: 'healthcheck' });
  const enqueued = session.startedAt!;
  queue.ack(s(10), session.id);
  queue.ack(s(10), check.id);
  expect(queue.totals.wait).toEqual({ count: 1, sum: (s(10) - enqueued) / 1000 });
});

it('merges metadata: a string sets, null removes', () => {
  const queue = queueWith();
  const { id } = queue.create(s(0), { metadata: { a: '1', b: '2' } });
  expect(queue.update(s(1), id, { a: null, b: '3', c: '4', d: null }).metadata).toEqual({ b: '3', c: '4' });
});

it('forgets stopped items after the retention', () => {
  const queue = queueWith({ retentionSeconds: 3600 });
  const { id } = queue.create(s(0));
  queue.stop(s(0), id, true);
  queue.expire(s(3599));
  expect(queue.find(id).state).toBe('stopped');
  queue.expire(s(3600));
  expect(refusalOf(() => queue.find(id)).status).toBe(404);
});
