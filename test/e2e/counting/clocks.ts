import type { Situation } from './situations.ts';
import { ENV, type Story } from './story.ts';

const HOUR = 3_600_000;

/** Something happens to the clocks while one item runs; it ends, and another one comes. */
function steps(what: string, step: (story: Story) => unknown, given?: (story: Story) => void): Situation {
  return {
    what,
    ...(given === undefined ? {} : { given }),
    async happens(story) {
      await story.read(2);
      const id = story.create();
      await story.read();
      story.acknowledge(id);
      await story.read(2);
      await step(story);
      await story.read(3);
      story.end(id);
      const next = story.create();
      await story.read(2);
      story.acknowledge(next);
      await story.read(3);
    },
    counts: { created: 2, acknowledged: 2, stopped: 1, active: 1 },
  };
}

const ahead = (ms: number) => (story: Story) => {
  story.api.aheadMs += ms;
};
const jump = (ms: number) => (story: Story) => {
  story.clock.jumpWall(ms);
  story.api.aheadMs -= ms;
};
const undated = (story: Story) => {
  story.api.dated = false;
};

export const CLOCKS: readonly Situation[] = [
  steps("the API's clock steps an hour ahead", ahead(HOUR)),
  steps("the API's clock steps an hour back", ahead(-HOUR)),
  steps("the API's clock steps two minutes back", ahead(-120_000)),
  steps("the API's clock steps a second back", ahead(-1000)),
  steps('the own clock steps an hour ahead', jump(HOUR)),
  steps('the own clock steps an hour back', jump(-HOUR)),
  steps('the own clock steps a day back', jump(-24 * HOUR)),
  steps('both clocks are eight hours on: the machine slept', (story) => story.clock.jumpWall(8 * HOUR)),
  steps('the API says no longer what time it is', undated),
  steps('no date, and clocks that agree', () => {}, undated),
  steps(
    'no date, and an own clock that is an hour behind',
    () => {},
    (story) => {
      undated(story);
      story.api.aheadMs = HOUR;
    },
  ),
  steps("an API's clock that is three hours ahead from the start", () => {}, ahead(3 * HOUR)),
  steps("an API's clock that is three hours behind from the start", () => {}, ahead(-3 * HOUR)),
  {
    what: "an item that leaves while the API's clock steps an hour back",
    async happens(story) {
      await story.read(2);
      const id = story.create();
      await story.read(2);
      story.api.aheadMs = -HOUR;
      story.api.remove(ENV, id);
      await story.read(30);
    },
    counts: { created: 1 },
  },
  {
    what: "an API's clock that steps back and forth",
    async happens(story) {
      await story.read(2);
      for (let n = 0; n < 6; n++) {
        story.api.aheadMs = n % 2 === 0 ? -600_000 : 0;
        await story.read(2);
        const id = story.create();
        await story.read(2);
        story.acknowledge(id);
        await story.read();
        story.end(id);
        await story.read();
      }
    },
    counts: { created: 6, acknowledged: 6, stopped: 6 },
  },
  {
    what: 'stamps that are two seconds ahead of the date',
    async happens(story) {
      await story.read(2);
      const at = story.api.stamp(-2000);
      const id = story.create(ENV, { created_at: at, started_at: at });
      await story.read(2);
      story.api.change(ENV, id, { state: 'stopped', stopped_at: story.api.stamp(-2000) });
      await story.read(2);
    },
    counts: { created: 1, stopped: 1 },
  },
];
