/**
 * Names of recorded series, `LEVEL:METRIC:OPERATION` as Prometheus recommends. All replicas of an exporter see the same
 * queue, so every one of them is a maximum or minimum over replicas, never a sum.
 */
export const RECORDED = {
  depth: 'environment:anthropic_work_queue_depth:max',
  age: 'environment:anthropic_work_queue_oldest_age_seconds:max',
  polling: 'environment:anthropic_work_workers_polling:max2m',
  live: 'environment:anthropic_work_workers_live:max',
  seen: 'environment:anthropic_work_workers_seen:max',
  overdue: 'environment:anthropic_work_queue_overdue_age_seconds:max',
  ageThreshold: 'environment:anthropic_work_threshold_queue_age_seconds:min',
  depthThreshold: 'environment:anthropic_work_threshold_queue_depth:min',
  staleThreshold: 'environment:anthropic_work_threshold_stale_heartbeat_items:min',
  waitOk: 'environment:anthropic_work_wait_ok:bool',
  waitBad: 'environment:anthropic_work_wait_bad:ratio_avg',
  allowedBad: 'environment:anthropic_work_wait_allowed_bad:ratio',
  info: 'environment:anthropic_work_environment_info:max',
  lastSeen: 'environment:anthropic_work_stats_last_success_timestamp_seconds:max15m',
  grace: 'environment:anthropic_work_stats_grace_seconds:max',
  blind: 'environment:anthropic_work_not_visible:info',
} as const;
