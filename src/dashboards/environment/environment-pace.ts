import { netFlow, whileRead } from '../expressions/pace.ts';
import { E, ofEnvironment, perEnvironment, ratePerEnvironment } from '../expressions/promql.ts';
import { DURATIONS, quantileOverall } from '../expressions/slo-expressions.ts';
import { heatmap, minutesChart, perHour, rateChart, signedChart } from '../panels/charts.ts';
import { listLegend } from '../panels/legends.ts';
import { fixedColour, limitStyle, TENTHS } from '../panels/line-styles.ts';
import { LINE } from '../panels/name-colours.ts';
import { COLOUR } from '../parts/colours.ts';
import { buckets, line } from '../parts/targets.ts';
import { inMinutes, PER_HOUR } from '../parts/units.ts';

export function waitHeatmap() {
  return heatmap('Wait of picked-up sessions', {
    shows:
      'Sessions acknowledged, by how long they had waited: each column counts the four minutes before it, or a little more than its step where that is longer. Sessions that nobody picks up are not in here.',
    normal: 'dense at the bottom. A band that climbs is a backlog being worked off.',
    unwatched: 'WaitBudgetBurn watches the wait by time, which also counts what nobody picks up',
  })
    .noValue('none seen')
    .withTarget(
      buckets('A', `sum by (le) (max by (${E}, le) (increase(${ofEnvironment(DURATIONS.wait)}[$__rate_interval])))`),
    );
}

export function quantiles() {
  return minutesChart('Wait, run and stop time', {
    shows:
      'Median and 95th percentile of the wait before a session was picked up and of how long runs took, and the 95th percentile of the time from the request to stop to the stop; dashed, the lowest wait target.',
    normal: 'the wait stays under the wait target; run times follow your sessions; stops take seconds.',
    unwatched: 'few events make quantiles jump; the age of the oldest item is what pages',
  })
    .legend(listLegend())
    .interval('1m')
    .noValue('none seen')
    .withTarget(
      line(
        'target',
        inMinutes(`min(${perEnvironment('anthropic_work_slo_queue_wait_target_seconds')})`),
        'wait target',
      ),
    )
    .withTarget(line('wait50', inMinutes(quantileOverall('wait', 0.5)), 'wait p50'))
    .withTarget(line('wait95', inMinutes(quantileOverall('wait', 0.95)), 'wait p95'))
    .withTarget(line('run50', inMinutes(quantileOverall('run', 0.5)), 'run p50'))
    .withTarget(line('run95', inMinutes(quantileOverall('run', 0.95)), 'run p95'))
    .withTarget(line('stop95', inMinutes(quantileOverall('stop', 0.95)), 'stop p95'))
    .overrideByQuery('target', limitStyle(COLOUR.quiet))
    .overrideByQuery('wait50', [fixedColour(LINE.olive), TENTHS])
    .overrideByQuery('wait95', [fixedColour(LINE.yellow), TENTHS])
    .overrideByQuery('run50', [fixedColour(LINE.forest), TENTHS])
    .overrideByQuery('run95', [fixedColour(LINE.green), TENTHS])
    .overrideByQuery('stop95', [fixedColour(LINE.cyan), TENTHS]);
}

const total = (counter: Parameters<typeof ratePerEnvironment>[0]): string =>
  perHour(`sum(${whileRead(ratePerEnvironment(counter))})`);

export function flow() {
  return rateChart('Arrivals and departures', {
    shows: 'Items an hour that were created, acknowledged by a worker, and stopped, each counted once, added up.',
    normal: 'the three lines coincide. Created above acknowledged is a backlog in the making.',
    alerts: ['QueueTooDeep', 'RunsTooShort'],
  })
    .legend(listLegend())
    .withTarget(line('created', total('anthropic_work_items_created_total'), 'created'))
    .withTarget(line('acknowledged', total('anthropic_work_items_acknowledged_total'), 'acknowledged'))
    .withTarget(line('stopped', total('anthropic_work_items_stopped_total'), 'stopped'))
    .overrideByQuery('created', [fixedColour(LINE.yellow)])
    .overrideByQuery('acknowledged', [fixedColour(LINE.green)])
    .overrideByQuery('stopped', [fixedColour(LINE.teal)]);
}

export function net() {
  return signedChart(
    'Net flow',
    {
      shows:
        'Items an hour that were queued minus those that were taken, over 15 minutes, for each of the shown environments.',
      normal: 'around 0. Above 0 the queue grows, below 0 it shrinks.',
      alerts: ['QueueTooDeep'],
    },
    PER_HOUR,
    60,
  )
    .axisSoftMin(-60)
    .decimals(0)
    .withTarget(line('net', perHour(`(${whileRead(netFlow)})`), '{{environment_name}}'));
}

export function returns() {
  return rateChart('Back in the queue', {
    shows:
      'Items an hour that were queued again: after a stop (a dormant session woke up), or without one (the lease lapsed).',
    normal: 'requeued follows your sessions; lapsed is 0. Lapses mean that workers die or hang.',
    alerts: ['RunsLost'],
  })
    .legend(listLegend())
    .withTarget(line('requeued', total('anthropic_work_items_requeued_total'), 'requeued'))
    .withTarget(line('lapsed', total('anthropic_work_items_lapsed_total'), 'lapsed'))
    .overrideByQuery('requeued', [fixedColour(LINE.green)])
    .overrideByQuery('lapsed', [fixedColour(LINE.yellow)]);
}
