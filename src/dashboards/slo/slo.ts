import { perEnvironment } from '../expressions/promql.ts';
import { BURN_WINDOWS, badMinutesPerDay, burnOfBoth, objective, waitQuantile } from '../expressions/slo-expressions.ts';
import { CHART_HEIGHT, chart, minutesChart } from '../panels/charts.ts';
import { NARROW_LEGEND } from '../panels/legends.ts';
import { limitStyle, namedLimitStyle, TENTHS } from '../panels/line-styles.ts';
import { board } from '../parts/board.ts';
import { COLOUR, texts } from '../parts/colours.ts';
import { UID } from '../parts/links.ts';
import { line } from '../parts/targets.ts';
import { COUNT, inMinutes } from '../parts/units.ts';
import { objectivesTable } from './objectives-table.ts';
import { burning, leastBudget, missed } from './slo-tiles.ts';

const NAME = '{{environment_name}}';

function burnChart({ factor, long, short, severity }: (typeof BURN_WINDOWS)[number]) {
  const consequence = severity === 'critical' ? 'pages' : 'warns';
  return chart(
    `Burn over ${long} and ${short}`,
    {
      shows: `The smaller of the burn rates over ${long} and ${short}. Above the dashed line both are, and that ${consequence}, unless a page has said why.`,
      normal: 'near 0.',
      alerts: ['WaitBudgetBurn'],
    },
    COUNT,
    10,
  )
    .decimals(0)
    .interval('2m')
    .legend(NARROW_LEGEND)
    .withTarget(line('factor', `vector(${factor})`, `${consequence} above ${factor}`))
    .withTarget(line('burn', burnOfBoth(long, short), NAME))
    .overrideByQuery('burn', [TENTHS])
    .overrideByQuery('factor', [
      ...namedLimitStyle(severity === 'critical' ? COLOUR.critical : COLOUR.warning),
      // As its name has it, not rounded as the ticks are.
      { id: 'mappings', value: [texts({ [factor]: [String(factor)] })] },
    ]);
}

function badMinutes() {
  return minutesChart('Bad minutes in a day', {
    shows:
      'Minutes of the 24 hours before, at each moment, in which the oldest item was seen to wait longer than the target; dashed, the budget.',
    normal: 'under the budget: 14 minutes a day for an objective of 99 %.',
    alerts: ['WaitBudgetBurn'],
  })
    .interval('10m')
    .fillOpacity(10)
    .withTarget(line('bad', badMinutesPerDay, NAME))
    .withTarget(line('budget', `1440 * (1 - ${objective})`, `${NAME} budget`))
    .overrideByQuery('budget', limitStyle(COLOUR.warning));
}

function waits() {
  return minutesChart('Wait of picked-up sessions, p95 over an hour', {
    shows: '95th percentile of the wait of sessions acknowledged in the hour before; dashed, the wait targets.',
    normal: 'below the target. Sessions that nobody picks up are missing here, but not in the burn rates.',
    unwatched: 'few sessions make it jump; WaitBudgetBurn watches the wait by time',
  })
    .interval('2m')
    .noValue('none seen')
    .withTarget(line('wait', inMinutes(waitQuantile(0.95, '1h')), NAME))
    .withTarget(
      line('target', inMinutes(perEnvironment('anthropic_work_slo_queue_wait_target_seconds')), `${NAME} target`),
    )
    .overrideByQuery('target', limitStyle(COLOUR.quiet));
}

/** Is the wait objective met, and for how much longer? */
export function slo() {
  return board({
    uid: UID.slo,
    title: 'Work queues / Service level',
    description: 'Is the wait objective met? Time counts as good while no item waits longer than the target.',
    from: 'now-3d',
    marks: 'no alerts',
    opensOn: 'all',
    rows: [
      {
        height: 4,
        panels: [
          { id: 1, width: 9, panel: leastBudget() },
          { id: 2, width: 9, panel: burning() },
          { id: 3, width: 6, panel: missed() },
        ],
      },
      { height: 8, panels: [{ id: 4, width: 24, panel: objectivesTable() }] },
      {
        heading: { id: 100, title: 'How fast is the budget spent?' },
        height: CHART_HEIGHT,
        panels: BURN_WINDOWS.map((windows, index) => ({
          id: 10 + index,
          width: 24 / BURN_WINDOWS.length,
          panel: burnChart(windows),
        })),
      },
      {
        heading: { id: 101, title: 'What was it spent on?' },
        height: CHART_HEIGHT,
        panels: [
          { id: 20, width: 12, panel: badMinutes() },
          { id: 21, width: 12, panel: waits() },
        ],
      },
    ],
  });
}
