import { describe, expect, it } from 'vitest';
import { faultsOf } from './faults-of.ts';
import { randomWorld } from './random-world.ts';
import { SIGHT_TROUBLES, WORK_TROUBLES } from './troubles.ts';
import { playWorld } from './world-run.ts';

/** Worlds of each trouble: by hand, as many as you like; docs/alerting.md says how. */
const WORLDS = Number(process.env.WORLDS ?? 0);
const SEED = Number(process.env.WORLD_SEED ?? 2);
/** Unless asked for more, one world of every twelfth trouble is played. */
const EVERY = WORLDS > 0 ? 1 : 12;

const troubles = [...Object.keys(WORK_TROUBLES), ...Object.keys(SIGHT_TROUBLES)];

describe.each(troubles.filter((_, number) => number % EVERY === 1 % EVERY))('%s', (name) => {
  it('is told once, by its cause, and is over when it is over, in whatever world', { timeout: 600_000 }, async () => {
    for (let number = 0; number < Math.max(1, WORLDS); number++) {
      const world = randomWorld(name, SEED + number);
      const played = await playWorld(world);
      const told = JSON.stringify(played.spells);
      expect.soft(faultsOf(world, played), `seed ${world.seed}: ${world.words}\n${told}`).toEqual([]);
    }
  });
});
