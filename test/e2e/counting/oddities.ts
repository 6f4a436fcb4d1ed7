import type { Situation } from './situations.ts';
import { ENV, environment } from './story.ts';

const IDS = ['__proto__', 'constructor', 'a\0b', '💥', '\ud800', '"', 'x'.repeat(256)];
const MINUTE = 60_000;

/** What no service should do, and what happens to none but large ones. */
export const ODDITIES: readonly Situation[] = [
  {
    what: 'ids that are no words, through three crashes',
    async happens(story) {
      await story.read();
      for (const id of IDS) story.create(ENV, { id });
      await story.read(2);
      await story.crash();
      await story.read(2);
      for (const id of IDS) story.acknowledge(id);
      await story.read(2);
      await story.crash();
      await story.read();
      for (const id of IDS) story.end(id);
      await story.crash();
      await story.read(2);
    },
    counts: { created: IDS.length, acknowledged: IDS.length, stopped: IDS.length },
  },
  {
    what: 'thirty reloads at once',
    async happens(story) {
      await story.read();
      const id = story.create();
      const names = Array.from({ length: 30 }, (_, n) => `name-${n}`);
      const reloads = names.map((name) => story.reload({ environments: [environment(ENV, { name })] }));
      await story.read(2);
      await Promise.allSettled(reloads);
      story.acknowledge(id);
      await story.read(2);
    },
    counts: { created: 1, acknowledged: 1, active: 1 },
  },
  {
    what: 'another provider for a while, whose started_at means something else',
    async happens(story) {
      await story.read();
      const id = story.create();
      await story.read();
      story.acknowledge(id);
      await story.read();
      await story.reload({ provider: 'opensdlc' });
      await story.read(3);
      await story.reload({});
      await story.read(3);
      story.end(id);
      await story.read(2);
    },
    counts: { created: 1, acknowledged: 1, stopped: 1 },
  },
  {
    what: 'one id in two rows, with two creations',
    async happens(story) {
      await story.read();
      const id = story.create();
      await story.pass(2000);
      story.create(ENV, { id });
      await story.read(6);
    },
    counts: { created: 1, queued: 1 },
  },
  {
    what: 'a thousand items at once',
    async happens(story) {
      await story.read();
      const ids = Array.from({ length: 1000 }, () => story.create());
      await story.read(2);
      for (const id of ids) story.acknowledge(id);
      await story.crash();
      await story.read(2);
      for (const id of ids) story.end(id);
      await story.read(3);
    },
    counts: { created: 1000, acknowledged: 1000, stopped: 1000 },
  },
  {
    what: 'an item that the list hides while stats count it',
    async happens(story) {
      await story.read();
      const hidden = story.create();
      story.api.shown = (rows) => rows.filter(({ id }) => id !== hidden);
      await story.read(8);
      story.api.shown = (rows) => rows;
      await story.read(4);
    },
    counts: { created: 1, queued: 1 },
  },
  {
    what: 'a creation that is 30 s, and one that is a month in the future',
    async happens(story) {
      await story.read();
      for (const ms of [30_000, 30 * 1440 * MINUTE]) {
        const at = story.api.stamp(-ms);
        story.create(ENV, { created_at: at, started_at: at });
      }
      await story.read(2);
      await story.crash();
      await story.read(5);
      story.create();
      await story.read(2);
    },
    counts: { created: 3, queued: 3 },
  },
  {
    what: 'a row that is visible five minutes after its creation',
    async happens(story) {
      await story.read();
      const at = story.api.stamp();
      await story.pass(5 * MINUTE);
      story.create(ENV, { created_at: at, started_at: at });
      await story.read(3);
    },
    counts: { created: 1, queued: 1 },
  },
  {
    what: 'a stop that is cleared, and comes back',
    async happens(story) {
      await story.read();
      const id = story.create();
      await story.read();
      story.acknowledge(id);
      await story.read();
      story.end(id);
      await story.read();
      const { stopped_at } = story.api.rows(ENV)[0]!;
      story.api.change(ENV, id, { stopped_at: null });
      await story.read(3);
      story.api.change(ENV, id, { stopped_at });
      await story.read(3);
    },
    counts: { created: 1, acknowledged: 1, stopped: 1 },
  },
  {
    what: 'a restart and a crash in an outage',
    async happens(story) {
      await story.read();
      const id = story.create();
      await story.read();
      story.api.refusal = 500;
      await story.restart(() => story.acknowledge(id));
      await story.pass(10 * MINUTE);
      await story.crash(() => story.create());
      await story.pass(5 * MINUTE);
      story.api.refusal = null;
      await story.read(3);
    },
    counts: { created: 2, acknowledged: 1, active: 1, queued: 1 },
  },
  {
    what: 'a start without a file in an outage',
    configuration: { state_file: undefined },
    given: (story) => {
      story.api.refusal = 500;
    },
    async happens(story) {
      await story.pass(MINUTE);
      story.create();
      await story.pass(MINUTE);
      story.api.refusal = null;
      await story.read(3);
    },
    counts: { created: 1, queued: 1 },
  },
];
