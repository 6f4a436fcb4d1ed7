import { BigValueColorMode } from '@grafana/grafana-foundation-sdk/common';
import { sinceStamp } from '../expressions/ages.ts';
import { pending } from '../expressions/queue-expressions.ts';
import { rankedStatus } from '../expressions/ranked-status.ts';
import { overVisible, whereNoneIsShown } from '../panels/partial.ts';
import { waitingItems, worstWait } from '../panels/queue-tiles.ts';
import { namedStat, stat, trendStat } from '../panels/tiles.ts';
import { staleHeartbeats, workers } from '../panels/worker-tiles.ts';
import { COLOUR, RANKED_STATUS_TEXTS, steps, whenAbsent } from '../parts/colours.ts';
import type { BoardRow } from '../parts/layout.ts';
import { tileLink, UID } from '../parts/links.ts';
import { now } from '../parts/targets.ts';
import { drainTile, inUseTile } from './environment-pace-tiles.ts';

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
      alerts: ['OldestItemTooOld', 'NoWorkers', 'NotReadable'],
    },
    toOverview,
  )
    .mappings([...RANKED_STATUS_TEXTS, whenAbsent('no exporter')])
    .unit('short')
    .withTarget(now('A', `topk(1, ${rankedStatus})`, NAME));
  return whereNoneIsShown(panel);
}

function pendingItems() {
  const panel = trendStat(
    'Pending',
    {
      shows: 'Items claimed by a worker and not yet acknowledged.',
      normal: '0, or a few for a moment.',
      alerts: ['OldestItemTooOld'],
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
      alerts: ['NotReadable'],
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
      alerts: ['CoverageReduced'],
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
      { id: 30, width: 4, panel: drainTile() },
      { id: 31, width: 4, panel: inUseTile() },
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
