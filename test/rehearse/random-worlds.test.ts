import { expect, it } from 'vitest';
import { playWorld } from './worlds/faults-of.ts';
import { randomWorld, TROUBLES } from './worlds/random-world.ts';

/** A few of many: `node bench/worlds.ts --one 300 --two 100` plays as many as you like. */
const EVERY = 18;
const SEED = 2;
const names = Object.keys(TROUBLES).filter((_, number) => number % EVERY === 4);

it.each(names)(
  '%s, in a random world, is told once, by its cause, and is over when it is over',
  { timeout: 120_000 },
  async (name) => {
    for (const count of [1, 2] as const) {
      const world = randomWorld(name, SEED, count);
      const { faults, events } = await playWorld(world);
      expect(faults, `${JSON.stringify(world.scenario)}\n${JSON.stringify(events)}`).toEqual([]);
    }
  },
);
