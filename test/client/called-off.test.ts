import type { Socket } from 'node:net';
import { describe, expect, it } from 'vitest';
import { ManualClock } from '../support/manual-clock.ts';
import { waitUntil } from '../support/wait-until.ts';
import { good, startOverSockets } from './socket-server.ts';

describe("the caller's signal", () => {
  it('ends a request under way with its own reason, and is no failure, but a request that was sent', async () => {
    let arrived: () => void = () => {};
    const request = new Promise<void>((resolve) => {
      arrived = resolve;
    });
    const { api, observer } = await startOverSockets(() => arrived());
    const controller = new AbortController();
    const call = api.stats('env_1', { signal: controller.signal });
    await request;
    controller.abort(new Error('stopping'));
    await expect(call).rejects.toThrow('stopping');
    expect(observer.ended).toEqual([]);
    expect(observer.calledOff).toEqual([
      { connection: 'default', environmentId: 'env_1', operation: 'stats', credential: 'api_key' },
    ]);
  });

  it('ends what follows a first answer without counting that twice', async () => {
    const clock = new ManualClock();
    const { api, observer, requests } = await startOverSockets(
      (socket) => socket.end('HTTP/1.1 503 Unavailable\r\ncontent-length: 0\r\n\r\n'),
      { clock },
    );
    const controller = new AbortController();
    const call = api.stats('env_1', { signal: controller.signal });
    await waitUntil(() => observer.ended.length === 1);
    controller.abort(new Error('stopping'));
    await expect(call).rejects.toThrow('stopping');
    expect([requests(), observer.calledOff]).toEqual([1, []]);
  });

  it('ends the wait for a token and for a slot', async () => {
    const sockets: Socket[] = [];
    const { api, observer } = await startOverSockets((socket) => sockets.push(socket), {
      clock: new ManualClock(),
      connection: { maxConcurrentRequests: 1 },
      requestsPerMinute: 2,
    });
    const controller = new AbortController();
    const { signal } = controller;
    const calls = [
      api.stats('env_1', { signal }),
      api.stats('env_2', { signal }),
      api.stats('env_3', { signal }),
      api.stats('env_4', { signal }),
    ];
    await waitUntil(() => sockets.length === 1);
    controller.abort(new Error('stopping'));
    const results = await Promise.allSettled(calls);
    expect(results.map((result) => result.status === 'rejected' && String(result.reason))).toEqual(
      calls.map(() => 'Error: stopping'),
    );
    // The first had its slot, and was sent.
    expect(observer.calledOff.map(({ environmentId }) => environmentId)).toEqual(['env_1']);
  });

  it('that aborts in the moment in which a slot becomes free sends nothing', async () => {
    const { api, observer, requests } = await startOverSockets((socket) => socket.write(good), {
      connection: { maxConcurrentRequests: 1 },
    });
    const controller = new AbortController();
    // Between the end of the first request and the turn of the one that waits for its slot.
    observer.requestEnded = () => queueMicrotask(() => controller.abort(new Error('stopping')));
    const first = api.stats('env_1');
    await expect(api.stats('env_2', { signal: controller.signal })).rejects.toThrow('stopping');
    await first;
    expect([requests(), observer.calledOff]).toEqual([1, []]);
  });

  it('that has aborted already sends nothing', async () => {
    const { api, requests, observer } = await startOverSockets((socket) => socket.write(good));
    await expect(api.stats('env_1', { signal: AbortSignal.abort(new Error('over')) })).rejects.toThrow('over');
    expect([requests(), observer.calledOff]).toEqual([0, []]);
  });
});
