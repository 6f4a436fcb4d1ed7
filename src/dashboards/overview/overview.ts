import { E, ofJob, strictest } from '../expressions/promql.ts';
import { age, ageLimit, depth, STATUS, status } from '../expressions/queue-expressions.ts';
import { rankedStatus } from '../expressions/ranked-status.ts';
import { shardInfo } from '../expressions/shards.ts';
import { CHART_HEIGHT, countChart, minutesChart, timeline } from '../panels/charts.ts';
import { tableLegend } from '../panels/legends.ts';
import { limitStyle } from '../panels/line-styles.ts';
import { invisibleOrMissing, waitingItems, worstWait } from '../panels/queue-tiles.ts';
import { withoutWorkers, workers } from '../panels/worker-tiles.ts';
import { board } from '../parts/board.ts';
import { COLOUR, STATUS_TEXTS } from '../parts/colours.ts';
import { UID } from '../parts/links.ts';
import { line } from '../parts/targets.ts';
import { inMinutes } from '../parts/units.ts';
import { MOST_DRAWN } from '../parts/variables.ts';
import { ALERT_TABLE_ID, firingAlerts, pages } from './alert-table.ts';
import { environmentsTable } from './overview-table.ts';

/** The lowest limit among the shown environments: one line instead of one each. */
const depthLimit = `min(${strictest('anthropic_work_threshold_queue_depth', 'severity="warning"')} < Inf)`;

function waits() {
  return minutesChart('Oldest item', {
    shows: 'Age of the oldest waiting item. The dashed lines are the lowest limits among the shown environments.',
    normal: 'low and jagged: each tooth is an item picked up. A straight climb means that nothing is taken.',
    alerts: ['OldestItemTooOld'],
  })
    .legend(tableLegend('max'))
    .withTarget(line('age', inMinutes(age), '{{environment_name}}'))
    .withTarget(line('critical', inMinutes(`min(${ageLimit('critical')})`), 'critical limit'))
    .withTarget(line('warning', inMinutes(`min(${ageLimit('warning')})`), 'warning limit'))
    .overrideByQuery('critical', limitStyle(COLOUR.critical))
    .overrideByQuery('warning', limitStyle(COLOUR.warning));
}

function depths() {
  return countChart('Waiting items', {
    shows: 'Items waiting to be claimed. The dashed line is the lowest warning limit among the shown environments.',
    normal: 'it falls back to about zero again and again.',
    alerts: ['QueueTooDeep'],
  })
    .legend(tableLegend('max'))
    .withTarget(line('depth', depth, '{{environment_name}}'))
    .withTarget(line('warning', depthLimit, 'warning limit'))
    .overrideByQuery('warning', limitStyle(COLOUR.warning));
}

/** The environments that were worst in the time range. More rows than that have no room for their names. */
const worst = `topk(${MOST_DRAWN}, max_over_time((${rankedStatus} >= ${STATUS.warning})[$__range:$__interval] @ end()))`;

/** 0 where an exporter is up and watches nothing, whatever the filters: there may be nothing yet, or discovery does not find it. */
const watchesNothing = `((0 * count(${shardInfo})) unless on () count(${ofJob('anthropic_work_environment_info')}))`;

/**
 * Only environments with an issue get a row, so that the worst of many cannot hide; an exporter that
 * is silent, or watches nothing, is an issue too.
 */
function issues() {
  return timeline('Issue since when', {
    shows: `When each environment had an issue, by the status of the table: the ${MOST_DRAWN} that were worst. Environments without one have no row.`,
    normal: 'no row. "not visible" says nothing about the work, only that it cannot be seen.',
    alerts: ['OldestItemTooOld', 'NoWorkers', 'NotReadable', 'ExporterAbsent'],
  })
    .mappings([STATUS_TEXTS])
    .noValue('no issue in this time range')
    .withTarget(line('issue', `(${status}) >= ${STATUS.warning} and on (${E}) ${worst}`, '{{environment_name}}'))
    .withTarget(line('exporter', `absent(${shardInfo}) * ${STATUS.notVisible}`, 'exporter'))
    .withTarget(line('nothing', `${watchesNothing} + ${STATUS.notVisible}`, 'no environments'));
}

/** On call: is it broken, where, since when. One screen. */
export function overview() {
  return board({
    uid: UID.overview,
    title: 'Work queues / Overview',
    description: 'Is work being picked up, where is it not, and since when?',
    from: 'now-6h',
    marks: 'alerts',
    opensOn: 'all',
    rows: [
      {
        height: 4,
        panels: [
          { id: 1, width: 4, panel: worstWait() },
          { id: 2, width: 4, panel: pages() },
          { id: 3, width: 4, panel: withoutWorkers() },
          { id: 4, width: 4, panel: invisibleOrMissing() },
          { id: 6, width: 4, panel: waitingItems() },
          { id: 7, width: 4, panel: workers() },
        ],
      },
      {
        height: 9,
        panels: [
          { id: 8, width: 16, panel: environmentsTable() },
          { id: ALERT_TABLE_ID, width: 8, panel: firingAlerts() },
        ],
      },
      {
        height: CHART_HEIGHT,
        panels: [
          { id: 10, width: 8, panel: issues() },
          { id: 11, width: 8, panel: waits() },
          { id: 12, width: 8, panel: depths() },
        ],
      },
    ],
  });
}
