import { COLOUR } from '../parts/colours.ts';
import { fixedColour, heatmap, rateChart } from '../parts/panels.ts';
import { E, ofEnvironment, ratePerEnvironment } from '../parts/promql.ts';
import { runQuantile, waitQuantile } from '../parts/slo-expressions.ts';
import { buckets, line } from '../parts/targets.ts';

const NAME = '{{environment_name}}';

export function waitHeatmap() {
  return heatmap('How long picked-up sessions had waited', {
    shows: 'Sessions acknowledged, by how long they had waited. Sessions that nobody picks up are not in here.',
    normal: 'dense at the bottom. A band that climbs is a backlog being worked off.',
    unwatched: 'WaitBudgetBurn watches the wait by time, which also counts what nobody picks up',
  })
    .noValue('none seen')
    .withTarget(
      buckets(
        'A',
        `sum by (le) (max by (${E}, le) (increase(${ofEnvironment('anthropic_work_queue_wait_seconds_bucket')}[$__rate_interval])))`,
      ),
    );
}

export function quantiles() {
  return rateChart('Wait and run time', {
    shows: 'Median and 95th percentile of the wait before a session was picked up, and of how long runs took.',
    normal: 'the wait stays under the wait target; run times follow your sessions.',
    unwatched: 'few events make quantiles jump; the age of the oldest item is what pages',
  })
    .unit('s')
    .noValue('none seen')
    .withTarget(line('wait50', waitQuantile(0.5), `${NAME} wait p50`))
    .withTarget(line('wait95', waitQuantile(0.95), `${NAME} wait p95`))
    .withTarget(line('run50', runQuantile(0.5), `${NAME} run p50`))
    .withTarget(line('run95', runQuantile(0.95), `${NAME} run p95`));
}

const perMinute = (counter: Parameters<typeof ratePerEnvironment>[0], labels: readonly string[] = []): string =>
  `60 * ${ratePerEnvironment(counter, '', ...labels)}`;

export function flow() {
  return rateChart('Arrivals and departures a minute', {
    shows: 'Items created, acknowledged by a worker, and stopped, each counted once.',
    normal: 'the three lines lie on each other. Created above acknowledged is a backlog in the making.',
    alerts: ['Saturated', 'RunsTooShort'],
  })
    .unit('short')
    .withTarget(line('created', perMinute('anthropic_work_items_created_total'), `${NAME} created`))
    .withTarget(line('acknowledged', perMinute('anthropic_work_items_acknowledged_total'), `${NAME} acknowledged`))
    .withTarget(line('stopped', perMinute('anthropic_work_items_stopped_total'), `${NAME} stopped`));
}

export function returns() {
  return rateChart('Back in the queue, a minute', {
    shows: 'Items queued again: after a stop (a dormant session woke up), or without one (the lease lapsed).',
    normal: 'requeued follows your sessions; lapsed is 0. Lapses mean that workers die or hang.',
    alerts: ['LeasesLapsing'],
  })
    .unit('short')
    .withTarget(line('requeued', perMinute('anthropic_work_items_requeued_total'), `${NAME} requeued`))
    .withTarget(line('lapsed', perMinute('anthropic_work_items_lapsed_total'), `${NAME} lapsed`))
    .overrideByQuery('lapsed', [fixedColour(COLOUR.critical)]);
}
