import { BigValueColorMode, BigValueTextMode, VizOrientation } from '@grafana/grafana-foundation-sdk/common';
import { countOf } from '../expressions/promql.ts';
import { live, noWorkers, polling, stale } from '../expressions/queue-expressions.ts';
import { COLOUR, steps } from '../parts/colours.ts';
import { TO_WORST } from '../parts/links.ts';
import { overVisible } from './partial.ts';
import { trendStat } from './tiles.ts';

export function withoutWorkers() {
  const panel = trendStat(
    'No workers',
    {
      shows:
        'Environments where work waits, no worker has polled for 2 minutes and no running item has a fresh heartbeat.',
      normal: '0. The table says which. A busy worker does not poll, so polling alone proves nothing.',
      alerts: ['NoWorkers', 'FleetsFailing', 'QueueTooDeep'],
    },
    TO_WORST,
    'unknown',
  )
    .thresholds(steps(COLOUR.good, [1, COLOUR.critical]))
    .unit('short');
  const expr = countOf(noWorkers, polling);
  return overVisible(panel, { refId: 'A', expr, legend: 'environments', alarm: 'critical' });
}

export function workers() {
  const panel = trendStat(
    'Workers',
    {
      shows: 'Workers that poll for work, and items in work whose worker is alive, over all shown environments.',
      normal: 'their sum covers your fleet. 0 polling is normal while all workers are busy.',
      alerts: ['WorkersBelowMinimum', 'QueueTooDeep'],
    },
    TO_WORST,
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
      alerts: ['HeartbeatsStale', 'RunsLost', 'FleetsFailing'],
    },
    TO_WORST,
    'not known',
  )
    .thresholds(steps(COLOUR.good, [1, COLOUR.warning]))
    .unit('short');
  return overVisible(panel, { refId: 'A', expr: `sum(${stale})`, legend: 'items', alarm: 'warning' });
}
