import type { Situation } from './situations.ts';
import { ENV, type Story } from './story.ts';
import type { Row } from './told-api.ts';

const ELSEWHERE = { provider: 'opensdlc' };

async function running(story: Story): Promise<string> {
  await story.read();
  const id = story.create();
  await story.read();
  await story.pass(1000);
  story.acknowledge(id);
  await story.read();
  return id;
}

async function ended(story: Story): Promise<string> {
  const id = await running(story);
  story.end(id);
  await story.read();
  return id;
}

/** Rows that change at each read beside what truly happens. */
function blur(story: Story, change: (row: Row, n: number) => Partial<Row>): void {
  let n = 0;
  story.api.shown = (rows) => {
    n++;
    return rows.map((row) => ({ ...row, ...change(row, n) }));
  };
}

const LIFE = { created: 1, acknowledged: 1, stopped: 1 };

/** An item lives, and its rows are blurred from the first one on. */
function blurred(what: string, change: (row: Row, n: number) => Partial<Row>, configuration = {}): Situation {
  return {
    what,
    configuration,
    given: (story) => blur(story, change),
    async happens(story) {
      await ended(story);
      await story.read(4);
    },
    counts: LIFE,
  };
}

const moved = (stamp: string | null, ms: number) => stamp && new Date(Date.parse(stamp) + ms).toISOString();
const cut = (stamp: string | null, to: number) => (stamp === null ? null : `${stamp.slice(0, to)}Z`);

export const STATES: readonly Situation[] = [
  {
    what: 'a row of before the end, every other time',
    async happens(story) {
      const id = await running(story);
      const before = story.api.rows(ENV).find((row) => row.id === id)!;
      story.end(id);
      let n = 0;
      story.api.shown = (rows) => (n++ % 2 === 0 ? rows : [before]);
      await story.read(6);
      story.api.shown = (rows) => rows;
      await story.read();
    },
    counts: LIFE,
  },
  {
    what: 'a row of before the end after five minutes',
    async happens(story) {
      const id = await running(story);
      const before = story.api.rows(ENV).find((row) => row.id === id)!;
      story.end(id);
      await story.pass(300_000);
      story.api.shown = () => [before];
      await story.read(2);
      story.api.shown = (rows) => rows;
      await story.read(2);
    },
    counts: LIFE,
  },
  {
    what: 'an item that wakes up ten times',
    async happens(story) {
      const id = await ended(story);
      for (let n = 0; n < 10; n++) {
        await story.pass(1000);
        story.requeue(id);
        await story.read();
        story.acknowledge(id);
        await story.read();
        story.end(id);
        await story.read();
      }
    },
    counts: { created: 1, acknowledged: 11, stopped: 11, requeued: 10 },
  },
  {
    what: 'an item that wakes up and ends between two reads',
    async happens(story) {
      const id = await ended(story);
      await story.pass(1000);
      story.requeue(id);
      await story.pass(500);
      story.acknowledge(id);
      await story.pass(500);
      story.end(id);
      await story.read(2);
    },
    counts: { created: 1, acknowledged: 2, stopped: 2, requeued: 1 },
  },
  {
    what: 'an item that wakes up and is stopped while it waits, between two reads',
    async happens(story) {
      const id = await ended(story);
      await story.pass(1000);
      story.requeue(id);
      await story.pass(500);
      story.end(id);
      await story.read(2);
    },
    counts: { created: 1, acknowledged: 1, stopped: 2, requeued: 1 },
  },
  {
    what: 'an item that lapses five times',
    async happens(story) {
      const id = await running(story);
      for (let n = 0; n < 5; n++) {
        await story.pass(60_000);
        story.requeue(id);
        await story.read();
        story.acknowledge(id);
        await story.read();
      }
    },
    counts: { created: 1, acknowledged: 6, lapsed: 5, active: 1 },
  },
  {
    what: 'a state that is new, between two that are known',
    async happens(story) {
      const id = await running(story);
      story.api.change(ENV, id, { state: 'paused' });
      await story.read(3);
      story.api.change(ENV, id, { state: 'active' });
      await story.read();
      story.api.change(ENV, id, { state: 'paused' });
      await story.read();
      story.end(id);
      await story.read(2);
    },
    counts: LIFE,
  },
  {
    what: 'an item that is removed and comes back with its end',
    async happens(story) {
      const id = await ended(story);
      const row = story.api.rows(ENV).find((each) => each.id === id)!;
      story.api.remove(ENV, id);
      await story.read(3);
      story.api.rows(ENV).push(row);
      await story.read(3);
    },
    counts: LIFE,
  },
  {
    what: 'two items of one session',
    async happens(story) {
      await story.read();
      const data = { type: 'session', id: 'sesn_same' } as const;
      const [first, second] = [story.create(ENV, { data }), story.create(ENV, { data })];
      await story.read();
      story.acknowledge(first);
      story.acknowledge(second);
      await story.read();
      story.end(first);
      story.end(second);
      await story.read(2);
    },
    counts: { created: 2, acknowledged: 2, stopped: 2 },
  },
  blurred('heartbeats that stamp the acknowledgement again', (row, n) =>
    row.state === 'active' ? { acknowledged_at: moved(row.acknowledged_at, n) } : {},
  ),
  blurred('a creation that differs by milliseconds at each read', (row, n) => ({
    created_at: moved(row.created_at, n % 3),
  })),
  blurred('stamps in whole seconds every other time, from the second on', (row, n) =>
    n % 2 === 0
      ? {
          created_at: cut(row.created_at, 19),
          started_at: cut(row.started_at, 19),
          acknowledged_at: cut(row.acknowledged_at, 19),
          stopped_at: cut(row.stopped_at, 19),
        }
      : {},
  ),
  blurred('stamps in whole seconds every other time, from the first on', (row, n) =>
    n % 2 === 1
      ? {
          created_at: cut(row.created_at, 19),
          started_at: cut(row.started_at, 19),
          acknowledged_at: cut(row.acknowledged_at, 19),
          stopped_at: cut(row.stopped_at, 19),
        }
      : {},
  ),
  blurred('an acknowledgement that is cleared at the end', (row) =>
    row.state === 'stopped' ? { acknowledged_at: null } : {},
  ),
  blurred('an acknowledgement that is missing every other time', (_, n) =>
    n % 2 === 0 ? { acknowledged_at: null } : {},
  ),
  blurred('a stop with another date at each read', (row, n) =>
    row.state === 'stopped' ? { stopped_at: moved(row.stopped_at, n * 100) } : {},
  ),
  blurred('started_at that is missing every other time', (_, n) => (n % 2 === 0 ? { started_at: null } : {})),
  { ...blurred('rows without a creation', () => ({ created_at: null })), counts: { acknowledged: 1, stopped: 1 } },
  blurred(
    'an acknowledgement that is cleared at the end, elsewhere',
    (row) => (row.state === 'stopped' ? { acknowledged_at: null } : {}),
    ELSEWHERE,
  ),
  blurred(
    'an acknowledgement that is missing every other time, elsewhere',
    (_, n) => (n % 2 === 0 ? { acknowledged_at: null } : {}),
    ELSEWHERE,
  ),
  blurred('started_at at the first beat, elsewhere', (row) => ({ started_at: row.acknowledged_at }), ELSEWHERE),
];
