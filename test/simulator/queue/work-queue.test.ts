import { describe, expect, it } from 'vitest';
import { activeItem, poller, queueWith, refusalOf, s } from './queues.ts';

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

  it.each([
    ['enqueue', 120],
    ['first-heartbeat', 2500],
  ] as const)('of sessions that ended long ago lie as those of later ones: started_at at %s', (startedAt, after) => {
    const queue = queueWith({ startedAt });
    queue.addHistory(2, s(1000), 100_000);
    const stamps = queue.all().map((work) => {
      const { state, createdAt } = work;
      const { acknowledgedAt, latestHeartbeatAt, stopRequestedAt, stoppedAt } = work;
      const later = [work.startedAt, acknowledgedAt, latestHeartbeatAt, stopRequestedAt, stoppedAt];
      return [state, createdAt, ...later.map((stamp) => stamp! - createdAt)];
    });
    expect(stamps.toSorted(([, one], [, other]) => Number(one) - Number(other))).toEqual([
      ['stopped', s(900), after, 2000, 2500, 30_000, 30_000],
      ['stopped', s(950), after, 2000, 2500, 30_000, 30_000],
    ]);
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
