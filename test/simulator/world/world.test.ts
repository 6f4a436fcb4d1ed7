import { expect, it } from 'vitest';
import { switchesFor } from '../../../src/simulator/queue/preset-switches.ts';
import { scenarioNamed } from '../../../src/simulator/scenarios/scenarios.ts';
import { defaultEnvironments } from '../../../src/simulator/world/environments.ts';
import { World } from '../../../src/simulator/world/world.ts';

const START = Date.UTC(2026, 10, 24, 12);

it('nothing is planned any more in an environment that was removed', () => {
  const world = new World({
    startAt: START,
    seed: 1,
    switches: switchesFor('anthropic'),
    environments: defaultEnvironments(1),
    scenario: scenarioNamed('steady'),
  });
  const [watched] = world.live();
  world.advance(START + 3_600_000);
  expect(world.nextEventAt).not.toBeNull();
  world.remove(watched!);
  // What was planned before comes and does nothing.
  world.advance(START + 7_200_000);
  expect(world.nextEventAt).toBeNull();
});
