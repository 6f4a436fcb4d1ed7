/**
 * Names of recorded series, `LEVEL:METRIC:OPERATION` as Prometheus recommends. All replicas of an exporter see the same
 * queue, so every series about an environment is a maximum or minimum over replicas, never a sum.
 *
 * What several rules ask is recorded once, because each question about 1,000 environments takes Prometheus some
 * milliseconds. An `info` that says what is wrong is there only meanwhile, so a healthy environment has few series.
 */
export const RECORDED = {
  info: 'environment:anthropic_work_environment_info:max',
  statsAge: 'environment_instance:anthropic_work_stats_age_seconds:max',
  lagging: 'environment_instance:anthropic_work_stats_lagging:info',
  waiting: 'environment:anthropic_work_queue_waiting:max',
  age: 'environment:anthropic_work_queue_oldest_age_seconds:max',
  ageThreshold: 'environment:anthropic_work_threshold_queue_age_seconds:min',
  strict: 'environment:anthropic_work_threshold_queue_age_seconds:strict',
  polling: 'environment:anthropic_work_workers_polling:max2m',
  live: 'environment:anthropic_work_workers_live:max',
  longestWait: 'environment:anthropic_work_queue_oldest_age_seconds:max3h',
  overdue: 'environment:anthropic_work_queue_overdue:info',
  late: 'environment:anthropic_work_queue_late:info',
  newlyLate: 'environment:anthropic_work_queue_newly_late:info',
  waitUsual: 'environment:anthropic_work_queue_wait_usual:info',
  headStands: 'environment:anthropic_work_queue_head_stands:info5m',
  neverShorter: 'environment:anthropic_work_queue_never_shorter:info10m',
  falling: 'environment:anthropic_work_queue_age_falling:info15m',
  recovering: 'environment:anthropic_work_queue_recovering:info',
  recoveringSteadily: 'environment:anthropic_work_queue_recovering:info3m',
  listFresh: 'environment:anthropic_work_list_fresh:info',
  failures: 'environment_operation:anthropic_work_api_request_failures:increase15m',
  failing: 'environment_operation:anthropic_work_reads_failing:increase15m',
  flapping: 'environment:anthropic_work_reads_flapping:info',
  deleted: 'environment:anthropic_work_environment_deleted:info',
  read: 'connection:anthropic_work_environments_read:count',
  refused: 'connection:anthropic_work_environments_refused:count',
  connectionPaged: 'connection:anthropic_work_cause_paged:info6m',
  withoutWorkers: 'environment:anthropic_work_without_workers:info',
  noWorkersHeld: 'environment:anthropic_work_no_workers_held:info',
  onlyHung: 'environment:anthropic_work_heartbeats_only_hung:info',
  stuck: 'environment_state:anthropic_work_item_stuck_seconds:max',
  lapsing: 'environment:anthropic_work_leases_lapsing:increase15m',
  causePaged: 'environment:anthropic_work_cause_paged:info20m',
  notServed: 'environment:anthropic_work_not_served:info',
  unserved: 'environment:anthropic_work_unserved:info',
  blind: 'environment:anthropic_work_not_visible:info',
  waitOk: 'environment:anthropic_work_wait_ok:bool',
  waitBad: 'environment:anthropic_work_wait_bad:ratio_avg5m',
  waitAllowed: 'environment:anthropic_work_wait_bad:ratio_allowed',
  waitBadLong: 'environment:anthropic_work_wait_bad:ratio_avg6h',
} as const;
