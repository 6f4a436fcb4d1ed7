import type { EnvironmentSeries } from './promql.ts';
import { E, E_PROCESS, ofEnvironment, ofJob } from './promql.ts';

const listRead = `max by (${E_PROCESS}) (${ofEnvironment('anthropic_work_last_success_timestamp_seconds', 'operation="list"')})`;
const skew = `max by (connection, job, instance) (${ofJob('anthropic_work_api_clock_skew_seconds')})`;
/** API clock − exporter clock, of each environment in each process; absent where it is unknown. */
const skewOfEnvironment = `max by (${E_PROCESS}) (${ofEnvironment('anthropic_work_environment_info')} * on (connection, job, instance) group_left () ${skew})`;
/** When the list was read, on the API's clock. */
const listReadAt = `(${listRead} + on (${E_PROCESS}) (${skewOfEnvironment} or on (${E_PROCESS}) (0 * ${listRead})))`;

/**
 * How old a stamp of the API was at the read of the list that saw it, in seconds: a failed read must not age things,
 * and the stamp is compared with the API's own clock. The clocks are known to within hundredths of a second, which must
 * not make an age negative.
 */
export function ageAtRead(stamp: EnvironmentSeries, extra = '', ...labels: readonly string[]): string {
  const stamps = `min by (${[E_PROCESS, ...labels].join(', ')}) (${ofEnvironment(stamp, extra)})`;
  return `clamp_min(max by (${[E, ...labels].join(', ')}) (${listReadAt} - on (${E_PROCESS}) group_right () ${stamps}), 0)`;
}

/** How old a stamp of the exporter is, in seconds, by the exporter's own clock; the youngest over all processes. */
export function sinceStamp(stamp: EnvironmentSeries, extra = '', ...labels: readonly string[]): string {
  const time = `max by (job, instance) (${ofJob('anthropic_work_exporter_time_seconds')})`;
  const stamps = `max by (${[E_PROCESS, ...labels].join(', ')}) (${ofEnvironment(stamp, extra)})`;
  return `clamp_min(min by (${[E, ...labels].join(', ')}) (${time} - on (job, instance) group_right () ${stamps}), 0)`;
}
