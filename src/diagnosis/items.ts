import { duration, type EnvironmentView, found, items, type Verdict } from './verdict.ts';

/** A worker may finish its tool after its session has ended. */
const ENDED_SECONDS = 600;

/** Running items have sent no heartbeat for longer than one may hang: their workers are gone. */
export function heartbeatsStale({ now: { items: all, limits }, severity }: EnvironmentView): Verdict {
  const limit = limits.staleHeartbeatItems[severity];
  if (limit === Infinity) return 'off';
  if (all === null) return 'unknown';
  return all.silent >= limit ? found(`${items(all.silent)} running without a heartbeat`) : 'no';
}

/**
 * An item is `starting` or `active` for longer than its limit, comes back again and again, or outlives its session.
 * One that is `stopping` holds nobody: whoever polls without the SDK leaves it there.
 */
export function itemStuck({ now: { items: all, limits } }: EnvironmentView): Verdict {
  if (all === null) return 'unknown';
  for (const state of ['starting', 'active'] as const) {
    const seconds = all[`${state}Seconds`] ?? 0;
    if (seconds > limits.stateAgeSeconds[state]) return found(`an item is ${state} for ${duration(seconds)}`);
  }
  if (all.redelivered > 0) return found(`${items(all.redelivered)} delivered again and again`);
  return (all.endedSessionSeconds ?? 0) >= ENDED_SECONDS
    ? found(`${items(all.endedSessions)} left after the end of the session`)
    : 'no';
}

/** A session waits for a result or an approval for longer than its limit. */
export function sessionWaiting({ now: { items: all, limits } }: EnvironmentView): Verdict {
  if (limits.sessionWaitSeconds === Infinity) return 'off';
  if (all === null) return 'unknown';
  const seconds = all.sessionWaitSeconds ?? 0;
  return seconds > limits.sessionWaitSeconds ? found(`a session waits for ${duration(seconds)}`) : 'no';
}
