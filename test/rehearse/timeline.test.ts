import { expect, it } from 'vitest';
import type { Condition, ConditionPhase } from '../../src/diagnosis/report.ts';
import { keyOf, Timeline } from '../../src/rehearse/timeline.ts';
import { buildCondition } from '../support/reports.ts';

function condition(phase: ConditionPhase): Condition {
  const explainedBy = phase === 'explained' ? ({ name: 'no_workers', severity: 'critical' } as const) : null;
  return buildCondition({ name: 'runs_lost', severity: 'warning', phase, explainedBy });
}

it.each([
  ['pages', 'pending holds! ending! clear clear', 'begin 0, page 1, end 3 paged'],
  ['ends without a page', 'pending clear', 'begin 0, end 1'],
  [
    'begins again only after it was gone, and not when another one has come to explain it',
    'holds! explained explained clear pending',
    'begin 0, page 0, end 1 paged, begin 4',
  ],
])('tells a condition that %s', (_, minutes, told) => {
  const timeline = new Timeline();
  for (const [minute, step] of minutes.split(' ').entries()) {
    const one = condition(step.replace('!', '') as ConditionPhase);
    timeline.look(minute * 60, [one], () => minute * 60);
    timeline.pages(minute * 60 + 5, new Map(step.endsWith('!') ? [[keyOf(one), one]] : []));
  }
  const events = timeline.events.map(({ event, at, paged }) => `${event} ${(at / 60) | 0}${paged ? ' paged' : ''}`);
  expect(events.join(', ')).toBe(told);
});
