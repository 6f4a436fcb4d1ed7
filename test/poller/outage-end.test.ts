import { afterEach, describe, expect, it } from 'vitest';
import type { FailureReason } from '../../src/domain/failure.ts';
import { PolledFleet } from '../support/polled-fleet.ts';
import { apiError } from '../support/scripted-work-api.ts';
import { environment } from '../support/states.ts';

const MINUTE = 60_000;

let fleet: PolledFleet;

afterEach(async () => {
  await fleet.poller.stop();
});

/** Environments that are read through one connection; `reason` says how each read fails, if any does. */
function watchFleet(count: number) {
  fleet = new PolledFleet({ maxConcurrent: 32 });
  const outage: { reason: FailureReason | null; tries: number } = { reason: null, tries: 0 };
  const [stats, listPage] = [fleet.stats.bind(fleet), fleet.listPage.bind(fleet)];
  const fail = () => {
    outage.tries++;
    if (outage.reason !== null) throw apiError(outage.reason);
  };
  fleet.stats = async (...request) => {
    fail();
    return stats(...request);
  };
  fleet.listPage = async (...request) => {
    fail();
    return listPage(...request);
  };
  const environments = Array.from({ length: count }, (_, n) => environment(`env_${n}`));
  for (const { id } of environments) fleet.fill(id, 1);
  fleet.watch(environments);
  return outage;
}

describe.each([1, 3, 20])('with %d environments on a connection, after an outage of two hours', (count) => {
  it.each<FailureReason>(['network', 'timeout', 'server_error', 'bad_response', 'rate_limited'])(
    'that was seen as %s, all are read again within a minute and a half',
    async (reason) => {
      const outage = watchFleet(count);
      await fleet.clock.advance(5 * MINUTE);
      outage.reason = reason;
      await fleet.clock.advance(120 * MINUTE);
      outage.reason = null;
      await fleet.clock.advance(1.5 * MINUTE);
      expect(Math.max(...fleet.ages('stats'))).toBeLessThan(1.5 * MINUTE);
    },
  );

  it('there were about two tries a minute, or each environment waited for five minutes', async () => {
    const outage = watchFleet(count);
    await fleet.clock.advance(5 * MINUTE);
    outage.reason = 'network';
    // Until the waits have grown.
    await fleet.clock.advance(30 * MINUTE);
    outage.tries = 0;
    await fleet.clock.advance(60 * MINUTE);
    const longest = (2 * count * 60) / 5;
    expect(outage.tries).toBeLessThan(1.2 * Math.max(120, longest));
    expect(outage.tries).toBeGreaterThan(0.8 * Math.max(120, longest));
  });
});
