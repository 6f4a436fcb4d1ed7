import { afterEach, expect, it } from 'vitest';
import { call } from '../simulator/support/simulators.ts';
import { staleOf } from './lifecycle-gauges.ts';
import { type Rig, startRig, stopRigs } from './lifecycle-rig.ts';

afterEach(stopRigs);

/** A worker takes an item and is never heard of again; then somebody asks it to stop. */
async function abandon(rig: Rig): Promise<void> {
  const { id, environmentKey } = rig.simulator.environments[0]!;
  const work = `/v1/environments/${id}/work`;
  rig.enqueue();
  const polled = await call(rig.simulator, environmentKey, `${work}/poll`);
  for (const step of ['ack', 'stop']) {
    const path = `${work}/${polled.body.id}/${step}`;
    const { status } = await call(rig.simulator, environmentKey, path, { method: 'POST', body: {} });
    expect(status).toBe(200);
  }
}

it('an item that was asked to stop and never had a heartbeat is stale when the simulator says so', async () => {
  const rig = await startRig({ scenario: 'idle' });
  await abandon(rig);
  const seen: number[] = [];
  for (const seconds of [rig.state.environment.thresholds.staleHeartbeatSeconds, 1]) {
    await rig.clock.advance(seconds * 1000);
    const stale = staleOf(await rig.read());
    expect(stale).toEqual(rig.truth().stale_heartbeat_items);
    seen.push(stale.stopping!);
  }
  expect(seen).toEqual([0, 1]);
});
