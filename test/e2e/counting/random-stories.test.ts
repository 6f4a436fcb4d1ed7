import { expect, it } from 'vitest';
import { RandomStory } from './random-story.ts';
import { Story } from './story.ts';

const STEPS = 30;
/** How many stories are told, and the number of the first one: `STORIES=200 FIRST_STORY=1000` tells others. */
const [first, stories] = [Number(process.env.FIRST_STORY ?? 1), Number(process.env.STORIES ?? 5)];

it.each(Array.from({ length: stories }, (_, n) => first + n))('each event counts once in story %i', async (seed) => {
  await using story = new Story();
  const random = new RandomStory(story, seed);
  await story.begin(() => random.given());
  await story.read(3);
  for (let step = 0; step < STEPS; step++) await random.step();
  await random.end();
  const happened = Object.fromEntries(Object.entries(random.truth).filter(([, count]) => count > 0));
  expect(await story.counts(), random.steps.join(', ')).toEqual(happened);
});
