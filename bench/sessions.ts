import { type LiveFleet, type LiveFleetCost, measureLiveFleets } from './live-sessions.ts';
import type { Figures } from './run.ts';

const FLEET: LiveFleet = {
  environments: 100,
  live: 100,
  interval: '10s',
  requestsPerMinute: 100_000,
  sessions: 'known',
};
/**
 * Some 45 requests a second for sessions, whether they are known or not, without a break: at that pace the first turn of all of
 * them, after which unknown ones are left alone, takes 220 s, which is longer than the bench.
 */
const STEADY = { requestsPerMinute: 30_000, settings: { interval: '10s', max_items: 10_000 } };
const SMALLER_BY = 4;

/** Fleets in which every live item is a long run, beside one that does not read their sessions. */
export async function measureSessions(): Promise<Figures> {
  const [off, high, highUnknown, low, known, unknown, small] = await measureLiveFleets([
    { ...FLEET, sessions: 'off' },
    FLEET,
    { ...FLEET, sessions: 'unknown' },
    { ...FLEET, requestsPerMinute: 1200 },
    { ...FLEET, ...STEADY },
    { ...FLEET, ...STEADY, sessions: 'unknown' },
    { ...FLEET, environments: FLEET.environments / SMALLER_BY },
  ]);
  const pollRequestMs = off.cpuMs / off.pollRequests;
  const sessionRequestMs = (known.cpuMs - off.cpuMs) / known.sessionRequests;
  const sessionMs = (on: LiveFleetCost) => (on.cpuMs - off.cpuMs) / on.sessions;
  const ratio = (part: number, whole: number, unit: string) =>
    [part / whole, `${part.toFixed(2)} of ${whole.toFixed(2)} ${unit}`] as const;
  return {
    'CPU, 10,000 long runs, 100,000 requests/min': [high.cpuPercent, described(high, off)],
    'CPU, 10,000 long runs of unknown sessions, 100,000 requests/min': [
      highUnknown.cpuPercent,
      described(highUnknown, off),
    ],
    'CPU, 10,000 long runs, 1,200 requests/min': [low.cpuPercent, described(low, off)],
    'CPU a request for a session / for stats or a list': ratio(sessionRequestMs, pollRequestMs, 'ms'),
    'CPU a session: unknown / known': ratio(sessionMs(unknown), sessionMs(known), 'ms'),
    'CPU of 25 to 100 environments with long runs: exponent': [
      Math.log(high.cpuMs / small.cpuMs) / Math.log(SMALLER_BY),
      `${small.cpuPercent.toFixed(1)} and ${high.cpuPercent.toFixed(1)} %`,
    ],
  };
}

function described({ sessionRequests, rssMb }: LiveFleetCost, off: LiveFleetCost): string {
  const without = `${off.cpuPercent.toFixed(1)} % and ${off.rssMb.toFixed(0)} MB without sessions`;
  return `${sessionRequests} requests for sessions; ${rssMb.toFixed(0)} MB; ${without}`;
}
