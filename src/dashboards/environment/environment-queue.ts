import { StackingConfigBuilder, StackingMode } from '@grafana/grafana-foundation-sdk/common';
import { E, E_PROCESS, ofEnvironment, perEnvironment, strictest } from '../expressions/promql.ts';
import { age, ageLimit, depth, live, pending, polling, watched } from '../expressions/queue-expressions.ts';
import { countChart, minutesChart } from '../panels/charts.ts';
import { listLegend } from '../panels/legends.ts';
import { fixedColour, limitStyle } from '../panels/line-styles.ts';
import { LINE } from '../panels/name-colours.ts';
import { COLOUR } from '../parts/colours.ts';
import { line } from '../parts/targets.ts';
import { inMinutes } from '../parts/units.ts';

const NAME = '{{environment_name}}';

/** A limit of one environment says nothing about a sum of several. */
const whereOneIsShown = (limit: string) => `max(${limit}) and on () (count(${watched}) == 1)`;

export function wait() {
  return (
    minutesChart('Oldest item', {
      shows:
        'Age of the oldest waiting item, with the limits that page and the wait target; with several environments, the lowest of them.',
      normal: 'low and jagged. A straight climb at 45 degrees means that nobody takes the oldest item.',
      alerts: ['OldestItemTooOld'],
    })
      .withTarget(line('age', inMinutes(age), NAME))
      // The limits last: the wait target is often one of them, and would hide it.
      .withTarget(
        line(
          'target',
          inMinutes(`min(${perEnvironment('anthropic_work_slo_queue_wait_target_seconds')})`),
          'wait target',
        ),
      )
      .withTarget(line('critical', inMinutes(`min(${ageLimit('critical')})`), 'critical limit'))
      .withTarget(line('warning', inMinutes(`min(${ageLimit('warning')})`), 'warning limit'))
      .overrideByQuery('critical', limitStyle(COLOUR.critical))
      .overrideByQuery('warning', limitStyle(COLOUR.warning))
      .overrideByQuery('target', limitStyle(COLOUR.quiet))
  );
}

export function queue() {
  return countChart('Waiting and pending', {
    shows:
      'Items waiting to be claimed, and items claimed but not yet acknowledged, added up; dashed, with one environment, the limits of the former.',
    normal: 'waiting falls back to about zero again and again; pending shows up for moments only.',
    alerts: ['QueueTooDeep', 'OldestItemTooOld'],
  })
    .legend(listLegend())
    .fillOpacity(10)
    .withTarget(line('depth', `sum(${depth})`, 'waiting'))
    .withTarget(line('pending', `sum(${pending})`, 'pending'))
    .withTarget(line('warning', depthLimit('warning'), 'warning limit'))
    .withTarget(line('critical', depthLimit('critical'), 'critical limit'))
    .overrideByQuery('depth', [fixedColour(LINE.green)])
    .overrideByQuery('pending', [fixedColour(LINE.yellow)])
    .overrideByQuery('warning', limitStyle(COLOUR.warning))
    .overrideByQuery('critical', limitStyle(COLOUR.critical));
}

const depthLimit = (severity: string) =>
  whereOneIsShown(`${strictest('anthropic_work_threshold_queue_depth', `severity="${severity}"`)} < Inf`);

export function workers() {
  return countChart('Workers polling and busy', {
    shows:
      'Workers that asked for work in the last 30 s, items in work with a fresh heartbeat, and the configured minimum, added up.',
    normal:
      'polling and busy together cover your fleet. A fully busy fleet does not poll: 0 polling alone is no issue.',
    alerts: ['NoWorkers', 'QueueTooDeep', 'WorkersBelowMinimum'],
  })
    .legend(listLegend())
    .withTarget(line('polling', `sum(${polling})`, 'polling'))
    .withTarget(line('busy', `sum(${live})`, 'busy'))
    .withTarget(line('minimum', `sum(${perEnvironment('anthropic_work_threshold_min_workers')} > 0)`, 'minimum'))
    .overrideByQuery('polling', [fixedColour(LINE.cyan)])
    .overrideByQuery('busy', [fixedColour(LINE.green)])
    .overrideByQuery('minimum', limitStyle(COLOUR.warning));
}

export function items() {
  return countChart('Items by state', {
    shows:
      'Items that are queued, starting, active or stopping, over the shown environments; stopped ones are history.',
    normal: 'active dominates; starting and stopping are thin. "other" is a state this version does not know.',
    alerts: ['ItemStuck', 'CoverageReduced'],
  })
    .legend(listLegend())
    .fillOpacity(60)
    .lineWidth(0)
    .stacking(new StackingConfigBuilder().mode(StackingMode.Normal).group('A'))
    .withTarget(
      line(
        'items',
        `sum by (state) (max by (${E}, state) (sum by (${E_PROCESS}, state) (${ofEnvironment('anthropic_work_items')})))`,
        '{{state}}',
      ),
    )
    .overrideByName('queued', [fixedColour(LINE.cyan)])
    .overrideByName('starting', [fixedColour(LINE.lime)])
    .overrideByName('active', [fixedColour(LINE.green)])
    .overrideByName('stopping', [fixedColour(LINE.teal)])
    .overrideByName('other', [fixedColour(LINE.grey)]);
}
