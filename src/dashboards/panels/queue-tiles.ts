import { BigValueColorMode, BigValueTextMode, VizOrientation } from '@grafana/grafana-foundation-sdk/common';
import { join, strictest } from '../expressions/promql.ts';
import {
  age,
  live,
  notVisible,
  noWorkers,
  overAgeLimit,
  polling,
  stale,
  waiting,
  watched,
} from '../expressions/queue-expressions.ts';
import { lostShards } from '../expressions/shards.ts';
import { COLOUR, steps, texts, whenAbsent } from '../parts/colours.ts';
import { tileLink, UID } from '../parts/links.ts';
import { now, trend } from '../parts/targets.ts';
import { fixedColour } from './line-styles.ts';
import { overVisible, whereNoneIsShown } from './partial.ts';
import { namedStat, trendStat } from './tiles.ts';

const anyLimit = `${strictest('anthropic_work_threshold_queue_age_seconds')} < Inf`;
const overAnyLimit = join(age, '>', anyLimit);
const toWorst = tileLink(UID.environment, 'Why: the worst environment');
const toIts = tileLink(UID.environment, 'Why: this environment', true);

/** Exactly one of five queries returns a value, and sets the colour: each environment is judged by its own limits. */
export function worstWait() {
  return namedStat(
    'Worst wait',
    {
      shows:
        'The environment whose oldest waiting item is oldest, among those over their critical limit if there are any, then over their warning limit, then all. Red and orange are its own limits.',
      normal:
        'green and short, or blue "empty" when nothing waits anywhere. Purple: some or all queues cannot be read.',
      alerts: ['OldestItemTooOld', 'HeadOfLineBlocked'],
    },
    toIts,
    'no queue visible',
  )
    .unit('s')
    .mappings([texts({ 0: ['empty', COLOUR.idle] }), whenAbsent('no queue visible')])
    .withTarget(now('critical', `topk(1, ${overAgeLimit('critical')})`, '{{environment_name}}'))
    .withTarget(
      now(
        'warning',
        `topk(1, ${overAgeLimit('warning')}) unless on () (${overAgeLimit('critical')})`,
        '{{environment_name}}',
      ),
    )
    .withTarget(now('within', `topk(1, ${age} > 0) unless on () (${overAnyLimit})`, '{{environment_name}}'))
    .withTarget(now('empty', `(max(${age}) == 0) unless on () (${notVisible})`, 'all queues'))
    .withTarget(now('partly', `(max(${age}) == 0) and on () (${notVisible})`, 'visible queues'))
    .overrideByQuery('critical', [fixedColour(COLOUR.critical)])
    .overrideByQuery('warning', [fixedColour(COLOUR.warning)])
    .overrideByQuery('within', [fixedColour(COLOUR.good)])
    .overrideByQuery('partly', [{ id: 'mappings', value: [texts({ 0: ['empty', COLOUR.unknown] })] }]);
}

/** A count that is 0 only if there was something to count. */
const countOf = (expression: string, among: string) => `count(${expression}) or on () (0 * count(${among}))`;

export function withoutWorkers() {
  const panel = trendStat(
    'No workers',
    {
      shows:
        'Environments where work waits, no worker has polled for 2 minutes and no running item has a fresh heartbeat.',
      normal: '0. The table says which. A busy worker does not poll, so polling alone proves nothing.',
      alerts: ['NoWorkers', 'NoWorkersAnywhere', 'Saturated'],
    },
    toWorst,
    'unknown',
  )
    .thresholds(steps(COLOUR.good, [1, COLOUR.critical]))
    .unit('short');
  const expr = countOf(noWorkers, polling);
  return overVisible(panel, { refId: 'A', expr, legend: 'environments', alarm: 'critical' });
}

const NOT_READABLE = 'Watched environments whose queue the exporter cannot read at the moment.';

export function invisibleEnvironments(shows = NOT_READABLE) {
  const panel = trendStat(
    'Not visible',
    {
      shows,
      normal: '0. Their work may be fine; nobody can tell, and their other alerts are silent.',
      alerts: ['EnvironmentNotVisible', 'ApiUnreachable', 'ExporterAbsent', 'ExporterShardMissing'],
    },
    tileLink(UID.exporter, 'Why: the reads'),
    'no exporter',
  )
    .thresholds(steps(COLOUR.good, [1, COLOUR.unknown]))
    .unit('short')
    .withTarget(trend('A', countOf(notVisible, watched), 'environments'));
  return whereNoneIsShown(panel);
}

/**
 * The same for a board without a tile about shards, on which the environments of a lost shard would be missing
 * altogether.
 */
export function invisibleOrMissing() {
  const shows = `${NOT_READABLE} Beside them, if there are any, the shards that no process answers for: their environments are missing on this board.`;
  return invisibleEnvironments(shows).withTarget(now('lost', `(${lostShards}) > 0`, 'lost shards'));
}

export function waitingItems() {
  const panel = trendStat(
    'Waiting',
    {
      shows: 'Items waiting or pending in all shown environments together.',
      normal:
        'whatever your traffic is; judge the wait, not the number. Purple: the total is incomplete, because some queues cannot be read.',
      alerts: ['Saturated'],
    },
    toWorst,
    'not visible',
  )
    .thresholds(steps(COLOUR.quiet))
    .colorMode(BigValueColorMode.Value)
    .unit('short');
  return overVisible(panel, { refId: 'A', expr: `sum(${waiting})`, legend: 'waiting' });
}

export function workers() {
  const panel = trendStat(
    'Workers',
    {
      shows: 'Workers that poll for work, and items in work whose worker is alive, over all shown environments.',
      normal: 'their sum covers your fleet. 0 polling is normal while all workers are busy.',
      alerts: ['WorkersBelowMinimum', 'Saturated', 'WorkersUnknown'],
    },
    toWorst,
    'not known',
  )
    .thresholds(steps(COLOUR.quiet))
    .colorMode(BigValueColorMode.Value)
    .textMode(BigValueTextMode.ValueAndName)
    .orientation(VizOrientation.Vertical)
    .unit('short');
  overVisible(panel, { refId: 'polling', expr: `sum(${polling})`, legend: 'polling' });
  return overVisible(panel, { refId: 'busy', expr: `sum(${live})`, legend: 'busy' });
}

export function staleHeartbeats() {
  const panel = trendStat(
    'Stale',
    {
      shows: 'Active items whose worker has been silent for longer than the threshold, over all shown environments.',
      normal: '0. The service takes the work back after its lease of some minutes, so this number is short-lived.',
      alerts: ['StaleHeartbeats', 'LeasesLapsing'],
    },
    toWorst,
    'not known',
  )
    .thresholds(steps(COLOUR.good, [1, COLOUR.warning]))
    .unit('short');
  return overVisible(panel, { refId: 'A', expr: `sum(${stale})`, legend: 'items', alarm: 'warning' });
}
