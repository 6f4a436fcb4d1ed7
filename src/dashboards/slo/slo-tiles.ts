import { join } from '../expressions/promql.ts';
import {
  budgetLeft,
  burnOfBoth,
  compliance,
  FASTEST_BURN,
  LITTLE_LEFT,
  objective,
} from '../expressions/slo-expressions.ts';
import { overVisible, whereNothingIsNamed } from '../panels/partial.ts';
import { namedStat, stat } from '../panels/tiles.ts';
import { COLOUR, steps, textBetween, texts, whenAbsent } from '../parts/colours.ts';
import { tileLink, UID } from '../parts/links.ts';
import { now } from '../parts/targets.ts';

const NAME = '{{environment_name}}';
const toIts = tileLink(UID.environment, 'Why: this environment', true);

/** How far a budget is overspent adds nothing to the columns of the windows. */
export const SPENT = textBetween(null, 0, ['spent', COLOUR.critical]);

export function leastBudget() {
  const left = budgetLeft('3d');
  const panel = namedStat(
    'Least budget left, 3 days',
    {
      shows:
        'The environment with the least error budget left over the last 3 days, or as much of them as was seen. It is named where little is left.',
      normal: 'green. "Spent" means that the objective is missed. Purple: some environment cannot be read.',
      alerts: ['WaitBudgetBurn'],
    },
    toIts,
  )
    .unit('percentunit')
    .decimals(0)
    .mappings([SPENT, whenAbsent('no data')])
    .thresholds(steps(COLOUR.critical, [0, COLOUR.warning], [LITTLE_LEFT, COLOUR.good]))
    .withTarget(now('named', `bottomk(1, (${left}) < ${LITTLE_LEFT})`, NAME));
  return whereNothingIsNamed(panel, {
    refId: 'kept',
    expr: `min(${left}) >= ${LITTLE_LEFT}`,
    legend: 'all kept',
  });
}

export function missed() {
  return overVisible(
    stat(
      'Objectives missed',
      {
        shows: 'Environments whose wait target was met for a smaller share of the last day than their objective.',
        normal: '0. Purple: some environment cannot be read.',
        alerts: ['WaitBudgetBurn'],
      },
      tileLink(UID.environment, 'Why: the worst environment'),
    )
      .unit('short')
      .thresholds(steps(COLOUR.good, [1, COLOUR.critical])),
    {
      refId: 'A',
      expr: `count(${join(compliance('1d'), '<', objective)}) or on () (0 * count(${compliance('1d')}))`,
      legend: 'environments',
      alarm: 'critical',
    },
    now,
  );
}

export function burning() {
  const { long, short, factor } = FASTEST_BURN;
  const burn = burnOfBoth(long, short);
  const panel = namedStat(
    'Fastest burn now',
    {
      shows: `The highest burn rate that holds over both the last ${long} and the last ${short}; 1 spends the budget exactly. Its environment is named from 1 on.`,
      normal: `below 1. Above ${factor} it warns. Purple: some environment cannot be read.`,
      alerts: ['WaitBudgetBurn'],
    },
    toIts,
  )
    .unit('short')
    .decimals(1)
    .mappings([texts({ 0: ['no burn'] }), whenAbsent('no data')])
    .thresholds(steps(COLOUR.good, [1, COLOUR.warning]))
    .withTarget(now('named', `topk(1, (${burn}) >= 1)`, NAME));
  return whereNothingIsNamed(panel, { refId: 'kept', expr: `max(${burn}) < 1`, legend: 'all kept' });
}
