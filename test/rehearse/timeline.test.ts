import { expect, it } from 'vitest';
import type { Condition, ConditionPhase } from '../../src/diagnosis/report.ts';
import { keyOf } from '../../src/rehearse/pager.ts';
import { Timeline } from '../../src/rehearse/timeline.ts';

function condition(phase: ConditionPhase): Condition {
  const subject = { kind: 'environment', id: 'env_1', name: 'prod', connection: 'default' } as const;
  const rest = {
    value: phase === 'holds' ? 1 : 0,
    isRecent: true,
    since: 0,
    holdsFrom: 0,
    evidence: 'why',
    environments: [],
  } as const;
  const explainedBy = phase === 'explained' ? ({ name: 'no_workers', severity: 'critical' } as const) : null;
  return { name: 'runs_lost', severity: 'warning', subject, phase, explainedBy, ...rest };
}

/** What is said, and whether it fires, each minute. */
function eventsOf(steps: readonly (readonly [ConditionPhase, boolean])[]): readonly string[] {
  const timeline = new Timeline();
  for (const [minute, [phase, fires]] of steps.entries()) {
    const one = condition(phase);
    timeline.look(minute * 60, [one], () => minute * 60);
    timeline.pages(minute * 60 + 5, new Map(fires ? [[keyOf(one), one]] : []));
  }
  return timeline.events.map(
    (event) => `${event.event} ${(event.at / 60) | 0}${'paged' in event ? ` ${event.paged}` : ''}`,
  );
}

it('tells a condition that pages, and one that ends without', () => {
  const paged = eventsOf([
    ['pending', false],
    ['holds', true],
    ['ending', true],
    ['clear', false],
    ['clear', false],
  ]);
  expect(paged).toEqual(['begin 0', 'page 1', 'end 3 true']);
  expect(
    eventsOf([
      ['pending', false],
      ['clear', false],
    ]),
  ).toEqual(['begin 0', 'end 1 false']);
});

it('begins again only after it was gone, and not when another one has come to explain it', () => {
  const explained = eventsOf([
    ['holds', true],
    ['explained', false],
    ['explained', false],
    ['clear', false],
    ['pending', false],
  ]);
  expect(explained).toEqual(['begin 0', 'page 0', 'end 1 true', 'begin 4']);
});
