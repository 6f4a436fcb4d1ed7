import type { MakeAlert } from './alert.ts';
import { COUNT_VALUE } from './annotation.ts';
import { by, type Queries } from './queries.ts';
import type { Rule } from './rule.ts';

/** Of a fleet that is divided: whether every part of it is watched. Without shards nothing here has a value. */
export function shardRules(q: Queries, alert: MakeAlert): readonly Rule[] {
  const shards = `(${q.last('anthropic_work_exporter_shards')} > 1)`;
  // While a rollout changes their number, parts of two divisions overlap and nothing can be counted.
  const total = `(${by('max', 'job', shards)} == on (job) ${by('min', 'job', shards)})`;
  const there = by('count', 'job', `group by (job, shard) (${q.metric('anthropic_work_exporter_shard_info')})`);
  // Where the last one that was left loses a scrape, none is there, and that is a number.
  const thereOrNone = `${there} or on (job) 0 * ${by('max', 'job', shards)}`;

  return [
    alert('AnthropicWorkExporterShardMissing', 'critical', {
      // What is there counts now, not in the last minutes: the target of a pod that is gone is gone, too, and `for` bridges scrapes.
      expr: [total, `- on (job) (${thereOrNone})`, '> 0'].join('\n'),
      for: '3m',
      summary: `${COUNT_VALUE} shards of the exporter are missing: nobody watches their environments`,
      description:
        'No exporter of this job answers for a part of the fleet, and the environments of that part look as if they did not exist: no series, no alerts. Start the missing process, or set the number of shards to those that run.',
    }),
  ];
}
