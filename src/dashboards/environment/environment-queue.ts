import { StackingConfigBuilder, StackingMode } from '@grafana/grafana-foundation-sdk/common';
import { COLOUR } from '../parts/colours.ts';
import { chart, fixedColour, limitStyle } from '../parts/panels.ts';
import { E, ofEnvironment, perEnvironment, strictest } from '../parts/promql.ts';
import { age, ageLimit, depth, live, pending, polling } from '../parts/queue-expressions.ts';
import { line } from '../parts/targets.ts';

const NAME = '{{environment_name}}';

const stacked = () => new StackingConfigBuilder().mode(StackingMode.Normal).group('A');

export function wait() {
  return chart('Oldest item', {
    shows: 'Age of the oldest waiting item, with the limits that page for this environment and its wait target.',
    normal: 'low and jagged. A straight climb at 45 degrees means that nobody takes the oldest item.',
    alerts: ['OldestItemTooOld', 'HeadOfLineBlocked'],
  })
    .unit('dthms')
    .withTarget(line('age', age, NAME))
    .withTarget(line('critical', ageLimit('critical'), `${NAME} critical limit`))
    .withTarget(line('warning', ageLimit('warning'), `${NAME} warning limit`))
    .withTarget(line('target', perEnvironment('anthropic_work_slo_queue_wait_target_seconds'), `${NAME} wait target`))
    .overrideByQuery('critical', limitStyle(COLOUR.critical))
    .overrideByQuery('warning', limitStyle(COLOUR.warning))
    .overrideByQuery('target', limitStyle(COLOUR.idle));
}

export function queue() {
  return chart('Waiting and pending', {
    shows: 'Items waiting to be claimed, and items claimed but not yet acknowledged; dashed, the limits of the former.',
    normal: 'waiting falls back to about zero again and again; pending shows up for moments only.',
    alerts: ['Saturated', 'PendingStuck'],
  })
    .unit('short')
    .fillOpacity(10)
    .withTarget(line('depth', depth, `${NAME} waiting`))
    .withTarget(line('pending', pending, `${NAME} pending`))
    .withTarget(line('warning', depthLimit('warning'), `${NAME} warning limit`))
    .withTarget(line('critical', depthLimit('critical'), `${NAME} critical limit`))
    .overrideByQuery('warning', limitStyle(COLOUR.warning))
    .overrideByQuery('critical', limitStyle(COLOUR.critical));
}

const depthLimit = (severity: string) =>
  `${strictest('anthropic_work_threshold_queue_depth', `severity="${severity}"`)} < Inf`;

export function workers() {
  return chart('Workers: polling, busy, minimum', {
    shows:
      'Workers that asked for work in the last 30 s, items in work with a fresh heartbeat, and the configured minimum.',
    normal:
      'polling and busy together cover your fleet. A fully busy fleet does not poll: 0 polling alone is no issue.',
    alerts: ['NoWorkers', 'Saturated', 'WorkersBelowMinimum', 'WorkersUnknown'],
  })
    .unit('short')
    .withTarget(line('polling', polling, `${NAME} polling`))
    .withTarget(line('busy', live, `${NAME} busy`))
    .withTarget(line('minimum', `${perEnvironment('anthropic_work_threshold_min_workers')} > 0`, `${NAME} minimum`))
    .overrideByQuery('minimum', limitStyle(COLOUR.warning));
}

export function items() {
  return chart('Items by state', {
    shows:
      'Items that are queued, starting, active or stopping, over the chosen environments; stopped ones are history.',
    normal: 'active dominates; starting and stopping are thin. "other" is a state this version does not know.',
    alerts: ['ItemStuck', 'CoverageReduced', 'ApiDrift'],
  })
    .unit('short')
    .fillOpacity(60)
    .lineWidth(0)
    .stacking(stacked())
    .withTarget(
      line(
        'items',
        `sum by (state) (max by (${E}, state) (sum by (${E}, state, job, instance) (${ofEnvironment('anthropic_work_items')})))`,
        '{{state}}',
      ),
    )
    .overrideByName('queued', [fixedColour('blue')])
    .overrideByName('starting', [fixedColour('yellow')])
    .overrideByName('active', [fixedColour('green')])
    .overrideByName('stopping', [fixedColour('orange')])
    .overrideByName('other', [fixedColour('purple')]);
}
