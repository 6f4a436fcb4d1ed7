import { describe, expect, it } from 'vitest';
import { activeItem, poller, queueWith, refusalOf, s } from './queues.ts';

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
