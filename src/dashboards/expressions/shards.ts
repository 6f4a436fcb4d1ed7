import { ofJob } from './promql.ts';

export const shardInfo = ofJob('anthropic_work_exporter_shard_info');

/** How many shards no process answers for; empty where no exporter does. A shard is there if any of its replicas is. */
export const lostShards = `sum(max by (job) (${ofJob('anthropic_work_exporter_shards')}) - on (job) count by (job) (group by (job, shard) (${shardInfo})))`;
