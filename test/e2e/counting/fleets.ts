import type { Situation } from './situations.ts';
import { ENV, environment, type Story } from './story.ts';

const OTHER = 'env_2';
const one = (change = {}) => ({ environments: [environment(ENV, change)] });
const both = () => ({ environments: [environment(ENV), environment(OTHER)] });

async function oneWaits(story: Story): Promise<string> {
  await story.read();
  const id = story.create();
  await story.read();
  return id;
}

export const FLEETS: readonly Situation[] = [
  {
    what: 'another name',
    async happens(story) {
      const id = await oneWaits(story);
      await story.reload(one({ name: 'production' }));
      story.acknowledge(id);
      await story.read(2);
    },
    counts: { created: 1, acknowledged: 1, active: 1 },
  },
  {
    what: 'another connection to the same API',
    async happens(story) {
      const id = await oneWaits(story);
      const connections = { first: story.connection, second: story.connection };
      await story.reload({ api: undefined, connections, ...one({ connection: 'second' }) });
      story.acknowledge(id);
      story.create();
      await story.read(2);
    },
    counts: { created: 2, acknowledged: 1, active: 1, queued: 1 },
  },
  {
    what: 'an environment that is away for ten minutes',
    async happens(story) {
      const id = await oneWaits(story);
      await story.reload({ environments: [environment(OTHER)] });
      await story.pass(300_000);
      story.acknowledge(id);
      story.create();
      await story.pass(300_000);
      await story.reload(both());
      await story.read(2);
    },
    counts: { created: 2, acknowledged: 1, active: 1, queued: 1 },
  },
  {
    what: 'an environment that is away for two hours: counters begin anew',
    async happens(story) {
      const id = await oneWaits(story);
      await story.reload({ environments: [environment(OTHER)] });
      await story.pass(3_600_000);
      story.acknowledge(id);
      story.create();
      await story.pass(3_600_000);
      await story.reload(both());
      await story.read(2);
      story.create();
      await story.read();
    },
    counts: { created: 1, active: 1, queued: 2 },
  },
  {
    what: 'an environment that is away for ten minutes, and a crash meanwhile',
    async happens(story) {
      const id = await oneWaits(story);
      await story.reload({ environments: [environment(OTHER)] });
      await story.pass(300_000);
      story.acknowledge(id);
      await story.crash();
      await story.pass(300_000);
      await story.reload(both());
      await story.read(2);
    },
    counts: { created: 1, acknowledged: 1, active: 1 },
  },
  {
    what: 'another environment with the same items',
    configuration: both(),
    async happens(story) {
      await story.read();
      const id = story.create();
      story.create(OTHER, { id });
      await story.read(2);
      story.acknowledge(id);
      await story.read(2);
    },
    counts: { created: 1, acknowledged: 1, active: 1 },
  },
  {
    what: 'a reload in the middle of each read',
    given: (story) => {
      story.api.pageRows = 2;
    },
    async happens(story) {
      await story.read(2);
      const ids = Array.from({ length: 5 }, () => story.create());
      let n = 0;
      story.api.beforePage = (from) => {
        if (from === 2) void story.reload(one({ name: `name-${n++}` }));
      };
      await story.read(3);
      for (const id of ids) story.acknowledge(id);
      await story.read(5);
    },
    counts: { created: 5, acknowledged: 5, active: 5 },
  },
  {
    what: 'other intervals',
    async happens(story) {
      const id = await oneWaits(story);
      await story.reload({ poll: { stats_interval: '30s', list_interval: '60s' } });
      story.acknowledge(id);
      await story.read(2);
      await story.reload({ poll: { stats_interval: '5s', list_interval: '10s' } });
      story.end(id);
      await story.read(2);
    },
    counts: { created: 1, acknowledged: 1, stopped: 1 },
  },
  {
    what: 'an environment that goes and comes back during a read',
    async happens(story) {
      const id = await oneWaits(story);
      story.acknowledge(id);
      story.api.beforePage = () => {
        story.api.beforePage = () => {};
        void story.reload({ environments: [environment(OTHER)] }).then(() => story.reload(both()));
      };
      await story.read(3);
      story.end(id);
      await story.read(2);
    },
    counts: { created: 1, acknowledged: 1, stopped: 1 },
  },
  {
    what: 'a state file that comes with a reload and a restart',
    configuration: { state_file: undefined },
    async happens(story) {
      await oneWaits(story);
      await story.restart(() => {}, {});
      await story.read();
      story.create();
      await story.read();
      await story.crash();
      await story.read();
    },
    counts: { created: 1, queued: 2 },
  },
];
