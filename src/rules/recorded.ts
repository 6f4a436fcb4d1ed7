/**
 * Names of recorded series, `LEVEL:METRIC:OPERATION` as Prometheus recommends. All replicas of an exporter see the same
 * queue, so every series about an environment is a maximum or minimum over replicas, never a sum.
 */
export const RECORDED = {
  info: 'environment:anthropic_work_environment_info:max',
  statsAge: 'environment_instance:anthropic_work_stats_age_seconds:max',
  lagging: 'environment_instance:anthropic_work_stats_lagging:info',
  waiting: 'environment:anthropic_work_queue_waiting:max',
  age: 'environment:anthropic_work_queue_oldest_age_seconds:max',
  ageThreshold: 'environment:anthropic_work_threshold_queue_age_seconds:min',
  polling: 'environment:anthropic_work_workers_polling:max2m',
  live: 'environment:anthropic_work_workers_live:max',
  arrivals: 'environment:anthropic_work_queue_arrivals:rate15m',
  acknowledgements: 'environment:anthropic_work_items_acknowledged:rate15m',
  stops: 'environment:anthropic_work_items_stopped:rate15m',
  drain: 'environment:anthropic_work_queue_drain_seconds:max',
  served: 'environment:anthropic_work_served:bool',
  unserved: 'environment:anthropic_work_unserved:info',
  blind: 'environment:anthropic_work_not_visible:info',
  waitOk: 'environment:anthropic_work_wait_ok:bool',
  waitBad: 'environment:anthropic_work_wait_bad:ratio_avg5m',
  waitBadLong: 'environment:anthropic_work_wait_bad:ratio_avg6h',
} as const;
