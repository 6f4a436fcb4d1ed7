import { BigValueColorMode, BigValueTextMode } from '@grafana/grafana-foundation-sdk/common';
import { COLOUR, STATUS_TEXTS, steps, whenAbsent } from '../parts/colours.ts';
import type { BoardRow } from '../parts/layout.ts';
import { stat } from '../parts/panels.ts';
import { overVisible } from '../parts/partial.ts';
import { E, ofEnvironment } from '../parts/promql.ts';
import { pending, status } from '../parts/queue-expressions.ts';
import { staleHeartbeats, waitingItems, workers, worstWait } from '../parts/queue-stats.ts';
import { now } from '../parts/targets.ts';

function worstStatus() {
  return stat('Status', {
    shows: 'The worst status among the chosen environments, and whose it is.',
    normal: '"ok" or "empty". "not visible" is a gap in knowledge, not in work.',
    alerts: ['OldestItemTooOld', 'NoWorkers', 'EnvironmentNotVisible'],
  })
    .mappings([STATUS_TEXTS, whenAbsent('no exporter')])
    .unit('short')
    .textMode(BigValueTextMode.ValueAndName)
    .withTarget(now('A', `topk(1, ${status})`, '{{environment_name}}'));
}

function pendingItems() {
  const panel = stat('Pending', {
    shows: 'Items claimed by a worker and not yet acknowledged.',
    normal: '0, or a few for a moment.',
    alerts: ['PendingStuck'],
  })
    .thresholds(steps(COLOUR.quiet))
    .colorMode(BigValueColorMode.Value)
    .unit('short');
  return overVisible(panel, { refId: 'A', expr: `sum(${pending})`, legend: 'pending', alarming: false });
}

function dataAge() {
  return stat(
    'Oldest good read',
    {
      shows: 'Seconds since the queue was last read, of the environment where that is longest ago.',
      normal: 'about the poll interval, 15 s by default.',
      alerts: ['EnvironmentNotVisible'],
    },
    'never read',
  )
    .unit('s')
    .decimals(0)
    .thresholds(steps(COLOUR.good, [120, COLOUR.unknown]))
    .withTarget(
      now(
        'A',
        `time() - min(max by (${E}) (${ofEnvironment('anthropic_work_last_success_timestamp_seconds', 'operation="stats"')}))`,
        'since the last read',
      ),
    );
}

export const environmentStats = (): BoardRow => ({
  height: 4,
  panels: [
    { id: 1, width: 5, panel: worstStatus() },
    { id: 2, width: 5, panel: worstWait() },
    { id: 3, width: 3, panel: waitingItems() },
    { id: 4, width: 3, panel: pendingItems() },
    { id: 5, width: 3, panel: workers() },
    { id: 6, width: 2, panel: staleHeartbeats() },
    { id: 7, width: 3, panel: dataAge() },
  ],
});
