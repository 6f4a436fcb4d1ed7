import { sinceStamp } from './ages.ts';
import { alertsOf, E } from './promql.ts';
import { age, status, watched } from './queue-expressions.ts';

/** How long an environment waits or, if its queue cannot be seen, has not been seen, s; 0 where neither is known. */
const lasting = [
  age,
  sinceStamp('anthropic_work_last_success_timestamp_seconds', 'operation="stats"'),
  `0 * ${watched}`,
  // The alert of an environment that is no longer watched has a status, too.
  `0 * max by (${E}) (${alertsOf('alertstate="firing"')})`,
].join(` or on (${E}) `);

/**
 * {@link status}, with a fraction that tells apart environments of the same status: databases differ in which of two
 * equals comes first, and so would the name beside it. The fraction is at most a tenth, for three years.
 */
export const rankedStatus = `(${status}) + on (${E}) (clamp_max(${lasting}, 1e8) / 1e9)`;
