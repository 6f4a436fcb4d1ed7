import { BigValueColorMode } from '@grafana/grafana-foundation-sdk/common';
import { countOf, join, strictest } from '../expressions/promql.ts';
import { age, notVisible, overAgeLimit, waiting, watched } from '../expressions/queue-expressions.ts';
import { lostShards } from '../expressions/shards.ts';
import { COLOUR, steps, texts, whenAbsent } from '../parts/colours.ts';
import { TO_WORST, tileLink, UID } from '../parts/links.ts';
import { now, trend } from '../parts/targets.ts';
import { fixedColour } from './line-styles.ts';
import { overVisible, whereNoneIsShown } from './partial.ts';
import { namedStat, trendStat } from './tiles.ts';

const anyLimit = `${strictest('anthropic_work_threshold_queue_age_seconds')} < Inf`;
const overAnyLimit = join(age, '>', anyLimit);
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
      alerts: ['OldestItemTooOld'],
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

const NOT_READABLE = 'Watched environments whose queue the exporter cannot read at the moment.';

export function invisibleEnvironments(shows = NOT_READABLE) {
  const panel = trendStat(
    'Not visible',
    {
      shows,
      normal: '0. Their work may be fine; nobody can tell, and their other alerts are silent.',
      alerts: ['NotReadable', 'ApiUnreachable', 'ExporterAbsent', 'ExporterShardMissing'],
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
      alerts: ['QueueTooDeep'],
    },
    TO_WORST,
    'not visible',
  )
    .thresholds(steps(COLOUR.quiet))
    .colorMode(BigValueColorMode.Value)
    .unit('short');
  return overVisible(panel, { refId: 'A', expr: `sum(${waiting})`, legend: 'waiting' });
}
