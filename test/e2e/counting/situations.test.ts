import { describe, expect, it } from 'vitest';
import { CLOCKS } from './clocks.ts';
import { FLEETS } from './fleets.ts';
import { LISTS } from './lists.ts';
import { ODDITIES } from './oddities.ts';
import { RESTARTS } from './restarts.ts';
import type { Situation } from './situations.ts';
import { STATES } from './states.ts';
import { Story } from './story.ts';

describe.each<[what: string, situations: readonly Situation[]]>([
  ['restarts and files', RESTARTS],
  ['pages', LISTS],
  ['rows', STATES],
  ['clocks', CLOCKS],
  ['reloads', FLEETS],
  ['odd items', ODDITIES],
])('whatever becomes of %s', (_, situations) => {
  it.each(situations.map((situation) => [situation.what, situation] as const))(
    'each event counts once: %s',
    async (_what, situation) => {
      await using story = new Story();
      await story.begin(situation.given, situation.configuration);
      await situation.happens(story);
      expect(await story.counts()).toEqual(situation.counts);
    },
  );
});
