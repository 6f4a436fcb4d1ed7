import type { Situation } from './situations.ts';
import { ENV, type Story } from './story.ts';

const PAGED = { poll: { stats_interval: '5s', list_interval: '10s', full_list_interval: '1m' } };

/** Three rows a page, and so many that ended long ago. */
function long(story: Story, ended = 20): void {
  story.api.pageRows = 3;
  const at = (minutes: number) => story.api.stamp(minutes * 60_000);
  for (let n = ended; n > 0; n--) {
    const stamps = {
      created_at: at(n + 60),
      started_at: at(n + 60),
      acknowledged_at: at(n + 59),
      stopped_at: at(n + 58),
    };
    story.create(ENV, { state: 'stopped', ...stamps });
  }
}

/** Once, when the page that begins there is asked for. */
function once(story: Story, from: number, run: () => void): void {
  story.api.beforePage = (at) => {
    if (at !== from) return;
    story.api.beforePage = () => {};
    run();
  };
}

const paged = { given: (story: Story) => long(story), configuration: PAGED };
const oldest = {
  configuration: PAGED,
  given: (story: Story) => {
    long(story);
    story.api.newestFirst = false;
  },
};

async function livesThrough(story: Story, meanwhile: (n: number) => void): Promise<void> {
  await story.read(2);
  const id = story.create();
  for (let n = 0; n < 4; n++) {
    meanwhile(n);
    await story.read();
  }
  story.acknowledge(id);
  for (let n = 4; n < 8; n++) {
    meanwhile(n);
    await story.read();
  }
  story.end(id);
  for (let n = 8; n < 12; n++) {
    meanwhile(n);
    await story.read();
  }
}

const LIFE = { created: 1, acknowledged: 1, stopped: 1 };

export const LISTS: readonly Situation[] = [
  {
    what: 'an item that comes between two pages',
    ...paged,
    async happens(story) {
      await story.read(2);
      once(story, 3, () => story.create());
      await story.read(8);
    },
    counts: { created: 1, queued: 1 },
  },
  {
    what: 'five items that come between two pages, so that rows come twice',
    ...paged,
    async happens(story) {
      await story.read(2);
      story.create();
      once(story, 0, () => void Array.from({ length: 5 }, () => story.create()));
      once(story, 3, () => void Array.from({ length: 5 }, () => story.create()));
      await story.read(8);
    },
    counts: { created: 6, queued: 6 },
  },
  {
    what: 'a row that leaves between two pages, so that one is skipped',
    ...paged,
    async happens(story) {
      await story.read(2);
      const ids = Array.from({ length: 4 }, () => story.create());
      once(story, 3, () => story.api.remove(ENV, ids[3]!));
      await story.read(20);
    },
    counts: { created: 4, queued: 3 },
  },
  {
    what: 'a list whose oldest row comes first',
    ...oldest,
    happens: (story) => livesThrough(story, () => {}),
    counts: LIFE,
  },
  {
    what: 'a list that turns round at each read',
    ...paged,
    happens: (story) =>
      livesThrough(story, (n) => {
        story.api.newestFirst = n % 2 === 0;
      }),
    counts: LIFE,
  },
  {
    what: 'rows in another order at each read',
    ...paged,
    happens: (story) =>
      livesThrough(story, (n) => {
        const rows = story.api.rows(ENV);
        rows.push(...rows.splice(0, 7 + n));
      }),
    counts: LIFE,
  },
  {
    what: 'pages of another size at each read',
    ...paged,
    happens: (story) =>
      livesThrough(story, (n) => {
        story.api.pageRows = 2 + (n % 4);
      }),
    counts: LIFE,
  },
  {
    what: 'a list that grows from one page to ten',
    configuration: PAGED,
    async happens(story) {
      story.api.pageRows = 3;
      await story.read(2);
      for (let n = 0; n < 10; n++) {
        for (let m = 0; m < 3; m++) story.create();
        await story.read();
      }
      await story.read(4);
    },
    counts: { created: 30, queued: 30 },
  },
  {
    what: 'a list of which all that has ended leaves at once',
    ...paged,
    happens: (story) =>
      livesThrough(story, (n) => {
        if (n === 5)
          for (const { id, state } of [...story.api.rows(ENV)]) if (state === 'stopped') story.api.remove(ENV, id);
      }),
    counts: LIFE,
  },
  {
    what: 'an item that leaves with its end',
    ...paged,
    async happens(story) {
      await story.read(2);
      const id = story.create();
      await story.read();
      story.acknowledge(id);
      await story.read();
      story.api.remove(ENV, id);
      await story.read(20);
    },
    counts: { created: 1, acknowledged: 1 },
  },
  {
    what: 'a list that is empty for one read',
    async happens(story) {
      await story.read();
      const id = story.create();
      story.acknowledge(id);
      await story.read();
      story.api.shown = () => [];
      await story.read();
      story.api.shown = (rows) => rows;
      await story.read();
      story.end(id);
      await story.read();
    },
    counts: { created: 1, acknowledged: 1, stopped: 1 },
  },
  {
    what: 'a list that is empty for an hour',
    async happens(story) {
      await story.read();
      const id = story.create();
      story.acknowledge(id);
      await story.read();
      story.api.shown = () => [];
      await story.pass(3_600_000);
      story.api.shown = (rows) => rows;
      await story.read(2);
      story.end(id);
      await story.read();
    },
    counts: { created: 1, acknowledged: 1, stopped: 1 },
  },
  {
    what: 'every other row at each read',
    async happens(story) {
      await story.read();
      const ids = Array.from({ length: 6 }, () => story.create());
      let n = 0;
      story.api.shown = (rows) => rows.filter((_, at) => (at + n) % 2 === 0);
      for (; n < 6; n++) await story.read();
      for (const id of ids) story.acknowledge(id);
      for (; n < 12; n++) await story.read();
    },
    counts: { created: 6, acknowledged: 6, active: 3 },
  },
  {
    what: 'a list that is cut before its end',
    configuration: { poll: { ...PAGED.poll, max_list_pages: 2 } },
    given: (story) => long(story),
    happens: (story) => livesThrough(story, () => {}),
    counts: LIFE,
  },
  {
    what: 'an outage of two hours in which an item lives and another one ends',
    async happens(story) {
      await story.read();
      const first = story.create();
      story.acknowledge(first);
      await story.read();
      story.api.refusal = 500;
      await story.pass(3_600_000);
      story.end(first);
      const second = story.create();
      await story.pass(60_000);
      story.acknowledge(second);
      await story.pass(60_000);
      story.end(second);
      await story.pass(3_600_000);
      story.api.refusal = null;
      await story.read(2);
    },
    counts: { created: 2, acknowledged: 2, stopped: 2 },
  },
  {
    what: 'a key that is refused for an hour',
    async happens(story) {
      await story.read();
      story.api.refusal = 401;
      await story.pass(1_800_000);
      story.create();
      await story.pass(1_800_000);
      story.api.refusal = null;
      await story.read(2);
    },
    counts: { created: 1, queued: 1 },
  },
];
