import { describe, expect, it } from 'vitest';
import { type RandomWorld, randomWorld } from './random-world.ts';
import { TROUBLES } from './troubles.ts';
import { playWorld, type Spell } from './world-run.ts';

/** Worlds of each trouble: by hand, as many as you like; docs/alerting.md says how. */
const WORLDS = Number(process.env.WORLDS ?? 1);
const SEED = Number(process.env.WORLD_SEED ?? 1);

/** From the end of the trouble: a backoff, the last leases. */
const PAGE_OVER_WITHIN_MINUTES = 9;

/** What is wrong with what was told; empty: nothing. */
function faultsOf(
  { trouble, ends, begins, longestRunMinutes }: RandomWorld,
  spells: readonly Spell[],
): readonly string[] {
  const pages = spells.filter(({ severity }) => severity === 'critical');
  const told = pages.map(({ alert }) => alert);
  const allowed = new Set<string>([...(trouble.page ?? []), ...(trouble.mayPage ?? [])]);
  // That runs finish again is seen when the first one has.
  const overBy = ends + PAGE_OVER_WITHIN_MINUTES + (trouble.endsWithRuns ? longestRunMinutes : 0);
  const isQuiet = trouble.page === null && trouble.mayPage === undefined;
  return [
    ...(trouble.page !== null && told.length === 0 ? ['no page'] : []),
    ...(told.length > 1 ? ['more than one page'] : []),
    ...told.filter((alert) => !allowed.has(alert)).map((alert) => `paged for ${alert}`),
    ...(isQuiet ? spells.map(({ alert }) => `a ticket for nothing: ${alert}`) : []),
    ...spells.filter(({ from }) => from < begins).map(({ alert }) => `${alert} before anything was wrong`),
    ...pages.filter(({ from }) => from > ends).map(({ alert }) => `a page after the repair: ${alert}`),
    ...pages.filter(({ to }) => to === null || to > overBy).map(({ alert }) => `${alert} does not end`),
  ];
}

describe.each(Object.keys(TROUBLES))('%s', (name) => {
  it('is told once, by its cause, and is over when it is over, in whatever world', { timeout: 600_000 }, async () => {
    for (let number = 0; number < WORLDS; number++) {
      const world = randomWorld(name, SEED + number);
      const spells = await playWorld(world);
      expect.soft(faultsOf(world, spells), `seed ${world.seed}: ${world.words}\n${JSON.stringify(spells)}`).toEqual([]);
    }
  });
});
