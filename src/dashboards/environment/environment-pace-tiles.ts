import { BigValueColorMode } from '@grafana/grafana-foundation-sdk/common';
import { noneKnown, notShrinking, timeToDrain, utilisation } from '../expressions/pace.ts';
import { notVisible, waiting } from '../expressions/queue-expressions.ts';
import { stat, trendStat } from '../panels/tiles.ts';
import { COLOUR, steps, textBetween, texts } from '../parts/colours.ts';
import { tileLink, UID } from '../parts/links.ts';
import { now, trend } from '../parts/targets.ts';

const toOverview = tileLink(UID.overview, 'All environments');

/** Exactly one of three queries returns a value if arrivals are counted. */
export function drainTile() {
  return stat(
    'Empty in',
    {
      shows:
        'How long until the queue is empty at the pace of the last 15 minutes; of several environments, the longest. "not shrinking": at least as much work arrives as is taken.',
      normal: 'seconds, or "empty". Without a list of items nothing is counted, and this is not known.',
      alerts: ['QueueTooDeep'],
    },
    toOverview,
    'not known',
  )
    .unit('s')
    .thresholds(steps(COLOUR.quiet))
    .colorMode(BigValueColorMode.Value)
    .withTarget(now('stuck', `max(${notShrinking})`, 'not shrinking'))
    .withTarget(now('drain', `max(${timeToDrain}) unless on () (${notShrinking})`, 'empty in'))
    .withTarget(now('empty', `(max(${waiting}) == 0) unless on () (${notVisible})`, 'empty'))
    .overrideByQuery('stuck', [{ id: 'mappings', value: [textBetween(0, null, ['not shrinking', COLOUR.quiet])] }])
    .overrideByQuery('empty', [{ id: 'mappings', value: [texts({ 0: ['empty', COLOUR.idle] })] }]);
}

export function inUseTile() {
  return (
    trendStat(
      'In use',
      {
        shows: 'Busy workers as a fraction of all workers, busy or polling, over the shown environments.',
        normal: 'below 100 %. A long time at 100 % means that more workers are needed.',
        alerts: ['QueueTooDeep'],
      },
      toOverview,
      'not known',
    )
      .unit('percentunit')
      .decimals(0)
      .min(0)
      // Keeps the line below the number.
      .max(2)
      .thresholds(steps(COLOUR.quiet))
      .colorMode(BigValueColorMode.Value)
      .withTarget(trend('A', utilisation, 'in use'))
      .withTarget(now('none', noneKnown, 'none'))
      .overrideByQuery('none', [{ id: 'mappings', value: [texts({ 0: ['no workers', COLOUR.quiet] })] }])
  );
}
