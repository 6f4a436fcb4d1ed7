import { BigValueColorMode } from '@grafana/grafana-foundation-sdk/common';
import { sinceStamp } from '../expressions/ages.ts';
import { noneKnown, notShrinking, timeToDrain, utilisation } from '../expressions/pace.ts';
import { notVisible, pending, waiting } from '../expressions/queue-expressions.ts';
import { rankedStatus } from '../expressions/ranked-status.ts';
import { overVisible, whereNoneIsShown } from '../panels/partial.ts';
import { staleHeartbeats, waitingItems, workers, worstWait } from '../panels/queue-tiles.ts';
import { namedStat, stat, trendStat } from '../panels/tiles.ts';
import { COLOUR, RANKED_STATUS_TEXTS, steps, textBetween, texts, whenAbsent } from '../parts/colours.ts';
import type { BoardRow } from '../parts/layout.ts';
import { tileLink, UID } from '../parts/links.ts';
import { now, trend } from '../parts/targets.ts';

const NAME = '{{environment_name}}';
const toReads = tileLink(UID.exporter, 'The reads');
const toOverview = tileLink(UID.overview, 'All environments');

function worstStatus() {
  const panel = namedStat(
    'Status',
    {
      shows:
        'The worst status among the shown environments, and whose it is; of several, the one that waits, or has not been seen, longest.',
      normal: '"ok" or "empty". "not visible" says nothing about the work, only that it cannot be seen.',
      alerts: ['OldestItemTooOld', 'NoWorkers', 'EnvironmentNotVisible'],
    },
    toOverview,
  )
    .mappings([...RANKED_STATUS_TEXTS, whenAbsent('no exporter')])
    .unit('short')
    .withTarget(now('A', `topk(1, ${rankedStatus})`, NAME));
  return whereNoneIsShown(panel);
}

/** Exactly one of three queries returns a value if arrivals are counted. */
function drain() {
  return stat(
    'Empty in',
    {
      shows:
        'How long until the queue is empty at the pace of the last 15 minutes; of several environments, the longest. "not shrinking": at least as much work arrives as is taken.',
      normal: 'seconds, or "empty". Without a list of items nothing is counted, and this is not known.',
      alerts: ['Saturated'],
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

function inUse() {
  return (
    trendStat(
      'In use',
      {
        shows: 'Busy workers as a fraction of all workers, busy or polling, over the shown environments.',
        normal: 'below 100 %. A long time at 100 % means that more workers are needed.',
        alerts: ['Saturated'],
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

function pendingItems() {
  const panel = trendStat(
    'Pending',
    {
      shows: 'Items claimed by a worker and not yet acknowledged.',
      normal: '0, or a few for a moment.',
      alerts: ['PendingStuck'],
    },
    toOverview,
    'not visible',
  )
    .thresholds(steps(COLOUR.quiet))
    .colorMode(BigValueColorMode.Value)
    .unit('short');
  return overVisible(panel, { refId: 'A', expr: `sum(${pending})`, legend: 'pending' });
}

function dataAge() {
  return stat(
    'Last read',
    {
      shows: 'How long ago the queue was last read; of several environments, the longest.',
      normal: 'about the poll interval, 15 s by default.',
      alerts: ['EnvironmentNotVisible'],
    },
    toReads,
    'never read',
  )
    .unit('s')
    .thresholds(steps(COLOUR.good, [120, COLOUR.unknown]))
    .withTarget(
      now('A', `max(${sinceStamp('anthropic_work_last_success_timestamp_seconds', 'operation="stats"')})`, 'last read'),
    );
}

function fullReadAge() {
  return stat(
    'Last full read',
    {
      shows:
        'How long ago the list of items was last read to its end; of several environments, the longest. In between, only new and live items are read.',
      normal: 'some minutes; the more history the API keeps, the longer.',
      alerts: ['CoverageReduced', 'ItemsNotVisible'],
    },
    toReads,
    'not known',
  )
    .unit('s')
    .thresholds(steps(COLOUR.quiet))
    .colorMode(BigValueColorMode.Value)
    .withTarget(
      now('A', `max(${sinceStamp('anthropic_work_list_last_full_read_timestamp_seconds')})`, 'last full read'),
    );
}

export const environmentTiles = (): BoardRow[] => [
  {
    height: 4,
    panels: [
      { id: 1, width: 6, panel: worstStatus() },
      { id: 2, width: 6, panel: worstWait() },
      { id: 3, width: 4, panel: waitingItems() },
      { id: 30, width: 4, panel: drain() },
      { id: 31, width: 4, panel: inUse() },
    ],
  },
  {
    height: 4,
    panels: [
      { id: 4, width: 4, panel: pendingItems() },
      { id: 5, width: 6, panel: workers() },
      { id: 6, width: 4, panel: staleHeartbeats() },
      { id: 7, width: 5, panel: dataAge() },
      { id: 32, width: 5, panel: fullReadAge() },
    ],
  },
];
