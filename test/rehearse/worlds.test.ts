import { readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { nodeFiles } from '../../src/base/files.ts';
import { CONDITION_NAMES } from '../../src/diagnosis/conditions.ts';
import { play } from '../../src/rehearse/play.ts';
import { storyOf, unexpected } from '../../src/rehearse/story.ts';
import { type ReadScenario, readScenario } from '../../src/simulator/scenario-schema.ts';
import { scriptOf } from '../../src/simulator/scenarios.ts';
import { playWorld } from './worlds/faults-of.ts';
import { randomWorld, TROUBLES } from './worlds/random-world.ts';

const FOLDER = new URL('../../examples/scenarios/', import.meta.url).pathname;
const FILES = readdirSync(FOLDER);

async function read(file: string): Promise<ReadScenario & { readonly ok: true }> {
  const scenario = await readScenario(FOLDER + file, nodeFiles);
  if (!scenario.ok) throw new Error(JSON.stringify(scenario.problems));
  return scenario;
}

describe('the examples of scenarios', () => {
  it.each(FILES)('%s: is told as it expects', { timeout: 60_000 }, async (file) => {
    const { scenario, source } = await read(file);
    const rehearsal = scriptOf(scenario, { name: file });
    const played = await play(rehearsal, { env: {}, source });
    expect(played.ok).toBe(true);
    const events = played.ok ? played.events : [];
    expect(unexpected(rehearsal, events), storyOf(rehearsal, events)).toEqual([]);
  });

  it('show each condition at least once', async () => {
    const scenarios = await Promise.all(FILES.map(read));
    const expected = scenarios.flatMap(
      ({ scenario }) => scenario.expect?.pages.map(({ condition }) => condition) ?? [],
    );
    expect(CONDITION_NAMES.filter((name) => !expected.includes(name))).toEqual([]);
  });
});

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
