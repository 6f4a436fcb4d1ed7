import { describe, expect, it } from 'vitest';
import { DRILLS, timelineOf } from '../../../src/cli/drill/drill-timeline.ts';
import { SCENARIO_NAMES } from '../../../src/simulator/scenarios/scenarios.ts';
import { FLEET_SCENARIOS } from '../../e2e/alerting/fleet-scenarios.ts';
import { ITEM_SCENARIOS } from '../../e2e/alerting/item-scenarios.ts';
import type { LiveScenario } from '../../e2e/alerting/live-scenario.ts';
import type { LiveWorld } from '../../e2e/alerting/live-world.ts';
import { QUEUE_SCENARIOS } from '../../e2e/alerting/queue-scenarios.ts';

describe('the timeline', () => {
  it('knows scenarios that exist and alerts that the rules have', () => {
    for (const scenario of Object.keys(DRILLS)) {
      expect(SCENARIO_NAMES).toContain(scenario);
      const timeline = timelineOf(scenario);
      expect(timeline.length).toBeGreaterThan(0);
      // Infinity would mean that no rule of that name and severity exists.
      for (const { bySeconds } of timeline) expect(bySeconds).toBeLessThan(3600);
    }
  });

  it('waits as long as the rule of that alert and severity, and no other', () => {
    // The `for` of others is shorter: those of a page about workers and of one about what cannot be seen.
    const minutes = ['no-workers', 'api-down'].map((scenario) => timelineOf(scenario)[0]!.bySeconds / 60);
    expect(minutes).toEqual([5, 6.5]);
  });
});

/** The scenario that a live test plays from its beginning; none where it does something else as well. */
function played({ steps }: LiveScenario): string {
  const calls: string[] = [];
  const call = (name: string) => (scenario: string) => calls.push(name === 'play' ? scenario : '');
  const world = new Proxy({}, { get: (_, name) => call(String(name)) });
  for (const { act } of steps.slice(0, -1)) void act(world as LiveWorld);
  return calls.length === 1 ? calls[0]! : '';
}

it('a drill expects what the live test of its scenario sees first, under the settings that everybody has', () => {
  const usual = [...FLEET_SCENARIOS, ...QUEUE_SCENARIOS, ...ITEM_SCENARIOS].filter(
    ({ settings, keys = 'both', environments, simulator }) =>
      [settings, environments, simulator].every((special) => special === undefined) && keys === 'both',
  );
  const pairs = usual.flatMap((scenario) => {
    const drill = DRILLS[played(scenario)];
    const [first] = scenario.tells;
    return drill === undefined || first === undefined ? [] : [{ scenario: played(scenario), drill, first }];
  });
  expect(pairs.map(({ scenario }) => scenario)).toEqual(
    expect.arrayContaining(['no-workers', 'stuck-pending', 'stale-heartbeats']),
  );
  for (const { scenario, drill, first } of pairs)
    expect(drill[0], scenario).toMatchObject({ alert: `AnthropicWork${first.alert}`, severity: first.severity });
});
