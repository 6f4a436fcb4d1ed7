import type { MakeAlert } from '../parts/alert.ts';
import { counted } from '../parts/annotation.ts';
import { by, type Queries } from '../parts/queries.ts';
import type { Rule } from '../parts/rule.ts';

/** For a fleet that is divided into shards: whether every part is watched. Without shards nothing here has a value. */
export function shardRules(q: Queries, alert: MakeAlert): readonly Rule[] {
  const shards = q.last('anthropic_work_exporter_shards');
  // While a rollout changes the number of shards, parts of two divisions overlap and cannot be counted.
  const total = `(${by('max', 'job', shards)} == on (job) ${by('min', 'job', `(${shards} > 1)`)})`;
  const present = by('count', 'job', `group by (job, shard) (${q.last('anthropic_work_exporter_shard_info')})`);
  const shardedBefore = `(last_over_time(${q.range(q.metric('anthropic_work_exporter_shards'), '2m')} offset ${q.duration('2m')}) > 1)`;

  return [
    alert('AnthropicWorkExporterShardMissing', 'critical', {
      // Each shard by itself, for two minutes: in a rollout there is always one away, and never the same for long. Nor
      // are all of them there when the first one starts, whatever watched the fleet before.
      expr: `(${total} - on (job) ${present} > 0)\nand on (job) ${shardedBefore}`,
      for: '1m',
      // A shard that lives for some minutes between two crashes is one page. The page also outlasts the ticket about
      // the process, which it mutes and which looks back over ten minutes.
      keepFiringFor: '6m',
      summary: `${counted('shard')} of the exporter missing: nobody watches part of the fleet`,
      description:
        'No exporter of this job answers for a part of the fleet, and the environments of that part look as if they did not exist: no series, no alerts. Start the missing process, or set the number of shards to those that run.',
    }),
  ];
}
