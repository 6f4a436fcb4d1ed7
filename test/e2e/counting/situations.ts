import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import {
  api,
  atPage,
  becomes,
  comes,
  comesWith,
  crash,
  ENDED,
  ends,
  HOUR,
  inOrder,
  isTaken,
  leaves,
  MINUTE,
  pass,
  RUNS,
  read,
  reload,
  renamed,
  restart,
  SECOND,
  type Step,
  showsAll,
  times,
  WAITS,
  waitsAgain,
} from './steps.ts';
import { type Configuration, type Counts, ENV, environment, type Row, type Story } from './story.ts';

/** What happens, and what must have been counted at the end. */
type Situation = readonly [
  what: string,
  steps: readonly Step[],
  counts: Counts,
  /** Before the first process starts. */
  before?: { readonly configuration?: Configuration; readonly given?: Step },
];

const LIFE = { created: 1, acknowledged: 1, stopped: 1 };

/** What an earlier or later process left, or somebody did to it. */
const stateFile =
  (change: (text: string) => string): Step =>
  (story) =>
    writeFileSync(story.stateFile, change(readFileSync(story.stateFile, 'utf8')));
const noFile: Step = (story) => rmSync(story.stateFile);
const noFolder: Step = (story) => rmSync(story.folder, { recursive: true });
const folder: Step = (story) => mkdirSync(story.folder);
/** The own clock moves alone. */
const ownClock = (ms: number) => (story: Story) => {
  story.clock.jumpWall(ms);
  story.api.aheadMs -= ms;
};
const apiClock = (ms: number) => (story: Story) => {
  story.api.aheadMs += ms;
};

/** Files that no process can go on with: it begins anew. */
const SPOILED: Readonly<Record<string, Step>> = {
  'is lost': noFile,
  'is empty': stateFile(() => ''),
  'is cut in the middle': stateFile((text) => text.slice(0, text.length / 2)),
  'is of a later release': stateFile((text) => text.replace('"version":1', '"version":2')),
};

const RESTARTS: readonly Situation[] = [
  [
    'a whole life while no process runs',
    [read(), restart(comes('a'), pass(10_000), isTaken('a'), pass(20_000), ends('a')), read(2)],
    LIFE,
  ],
  ['a crash, and the end of the item while no process runs', [...RUNS, crash(ends('a')), read(2)], LIFE],
  ['two crashes in a row, without a read in between', [...RUNS, crash(ends('a')), crash(), read(2)], LIFE],
  [
    'ten restarts, with an item in each',
    [read(), times(10, (n) => restart(comes(`${n}`))), read(2)],
    { created: 10, queued: 10 },
  ],
  [
    'an item that is queued again while no process runs',
    [...ENDED, crash(pass(SECOND), waitsAgain('a')), read(2)],
    { ...LIFE, requeued: 1, queued: 1 },
  ],
  [
    'a lapse while no process runs',
    [...RUNS, restart(pass(2 * MINUTE), waitsAgain('a')), read(2)],
    { created: 1, acknowledged: 1, lapsed: 1, queued: 1 },
  ],
  ...Object.entries(SPOILED).map(
    ([how, spoil]): Situation => [
      `a file that ${how}`,
      [...RUNS, restart(spoil), read(2), comes('b'), read()],
      { active: 1, queued: 1, created: 1 },
    ],
  ),
  [
    'a file from 50 minutes ago',
    [...RUNS, restart(ends('a'), pass(50 * MINUTE), comes('b')), read(2)],
    { ...LIFE, created: 2, queued: 1 },
  ],
  [
    'a file from two hours ago: what happened since is history',
    [...RUNS, restart(ends('a'), comes('b'), pass(2 * HOUR)), read(2), comes('c'), read()],
    { created: 2, acknowledged: 1, queued: 2 },
  ],
  ...[2, -2].map(
    (hours): Situation => [
      `an own clock that is ${hours} hours ahead after a restart`,
      [...RUNS, restart(ownClock(hours * HOUR)), read(2), ends('a'), comes('b'), read(2)],
      { ...LIFE, created: 2, queued: 1 },
    ],
  ),
  [
    'a folder that is away for a while',
    [...WAITS, noFolder, comes('b'), read(), folder, pass(10_000), comes('c'), read(2), crash(), read()],
    { created: 3, queued: 3 },
  ],
  [
    'a folder that is away at a crash: counters begin anew, and nothing counts twice',
    [...WAITS, noFolder, comes('b'), read(), crash(folder), read(), comes('c'), read(2)],
    { created: 1, queued: 3 },
  ],
  [
    'a restart and a crash in an outage',
    [
      ...[...WAITS, api({ refusal: 500 }), restart(isTaken('a')), pass(10 * MINUTE)],
      ...[crash(comes('b')), pass(5 * MINUTE), api({ refusal: null }), read(3)],
    ],
    { created: 2, acknowledged: 1, active: 1, queued: 1 },
  ],
  [
    'a start without a file in an outage',
    [pass(MINUTE), comes('a'), pass(MINUTE), api({ refusal: null }), read(3)],
    { created: 1, queued: 1 },
    { configuration: { state_file: undefined }, given: api({ refusal: 500 }) },
  ],
];

const PAGED = { poll: { stats_interval: '5s', list_interval: '10s', full_list_interval: '1m' } };

/** Three rows a page, and twenty that ended long ago. */
const long: Step = (story) => {
  story.api.pageRows = 3;
  for (let n = 20; n > 0; n--) story.createEnded(HOUR + n * MINUTE);
};
const paged = { given: long, configuration: PAGED };

/** The item `a` lives through twelve reads, before each of which something happens. */
function livesThrough(meanwhile: (n: number) => Step): readonly Step[] {
  const reads = (from: number) => times(4, (n) => inOrder(meanwhile(from + n), read()));
  return [read(2), comes('a'), reads(0), isTaken('a'), reads(4), ends('a'), reads(8)];
}
const five = (name: string) => comes(...Array.from({ length: 5 }, (_, n) => `${name}${n}`));
const SIX = ['a', 'b', 'c', 'd', 'e', 'f'];
const empty = api({ shown: () => [] });

const LISTS: readonly Situation[] = [
  ['an item that comes between two pages', [read(2), atPage(3, comes('a')), read(8)], { created: 1, queued: 1 }, paged],
  [
    'five items that come between two pages, so that rows come twice',
    [read(2), comes('a'), atPage(3, five('b')), read(8)],
    { created: 6, queued: 6 },
    paged,
  ],
  [
    'a row that leaves between two pages, so that one is skipped',
    [read(2), comes('a', 'b', 'c', 'd'), atPage(3, leaves('d')), read(20)],
    { created: 4, queued: 3 },
    paged,
  ],
  [
    'a list whose oldest row comes first',
    livesThrough(() => () => {}),
    LIFE,
    { ...paged, given: inOrder(long, api({ newestFirst: false })) },
  ],
  ['a list that turns round at each read', livesThrough((n) => api({ newestFirst: n % 2 === 0 })), LIFE, paged],
  [
    'rows in another order at each read',
    livesThrough((n) => (story) => {
      const rows = story.api.rows();
      rows.push(...rows.splice(0, 7 + n));
    }),
    LIFE,
    paged,
  ],
  ['pages of another size at each read', livesThrough((n) => api({ pageRows: 2 + (n % 4) })), LIFE, paged],
  [
    'a list that is cut before its end',
    livesThrough(() => () => {}),
    LIFE,
    { given: long, configuration: { poll: { ...PAGED.poll, max_list_pages: 2 } } },
  ],
  [
    'a list that grows from one page to ten',
    [read(2), times(10, (n) => inOrder(comes(`a${n}`, `b${n}`, `c${n}`), read())), read(4)],
    { created: 30, queued: 30 },
    { configuration: PAGED, given: api({ pageRows: 3 }) },
  ],
  ['an item that leaves with its end', [...RUNS, leaves('a'), read(20)], { created: 1, acknowledged: 1 }, paged],
  ['a list that is empty for one read', [...RUNS, empty, read(), showsAll, read(), ends('a'), read()], LIFE],
  ['a list that is empty for an hour', [...RUNS, empty, pass(HOUR), showsAll, read(2), ends('a'), read()], LIFE],
  [
    'an item that the list hides while stats count it',
    [read(), comes('a'), api({ shown: (rows) => rows.filter(({ id }) => id !== 'a') }), read(8), showsAll, read(4)],
    { created: 1, queued: 1 },
  ],
  [
    'an outage of two hours in which an item lives and another one ends',
    [
      ...[...RUNS, api({ refusal: 500 }), pass(HOUR), ends('a'), comes('b'), pass(MINUTE), isTaken('b')],
      ...[pass(MINUTE), ends('b'), pass(HOUR), api({ refusal: null }), read(2)],
    ],
    { created: 2, acknowledged: 2, stopped: 2 },
  ],
  [
    'a key that is refused for an hour',
    [read(), api({ refusal: 401 }), pass(HOUR / 2), comes('a'), pass(HOUR / 2), api({ refusal: null }), read(2)],
    { created: 1, queued: 1 },
  ],
];

const ELSEWHERE = { provider: 'opensdlc' };
type Blur = (row: Row, n: number) => Partial<Row>;

/** Rows change at each read beside what truly happens. */
const blur =
  (change: Blur): Step =>
  ({ api }) => {
    let n = 0;
    api.shown = (rows) => {
      n++;
      return rows.map((row) => ({ ...row, ...change(row, n) }));
    };
  };
const everyOther = (rest: 0 | 1, change: (row: Row) => Partial<Row>) => (row: Row, n: number) =>
  n % 2 === rest ? change(row) : {};
const moved = (stamp: string | null, ms: number) => stamp && new Date(Date.parse(stamp) + ms).toISOString();
const wholeSeconds = (row: Row) =>
  Object.fromEntries(
    Object.entries(row).map(([name, value]) => [
      name,
      name.endsWith('_at') && value ? `${value.slice(0, 19)}Z` : value,
    ]),
  );
const unacknowledged = () => ({ acknowledged_at: null });
const ofEnded = (change: Blur) => (row: Row, n: number) => (row.state === 'stopped' ? change(row, n) : {});

/** An item lives, and its rows are blurred from the first one on. */
const blurred = (what: string, change: Blur, configuration = {}): Situation => [
  what,
  [...ENDED, read(4)],
  LIFE,
  { configuration, given: blur(change) },
];
/** The rows as they are now are shown every other time. */
const outdated: Step = ({ api }) => {
  const before = [...api.rows()];
  let n = 0;
  api.shown = (rows) => (n++ % 2 === 0 ? rows : before);
};

const ROWS: readonly Situation[] = [
  ['a row of before the end, every other time', [...RUNS, outdated, ends('a'), read(6), showsAll, read()], LIFE],
  [
    'an item that wakes up ten times',
    [
      ...ENDED,
      times(10, () => inOrder(pass(SECOND), waitsAgain('a'), read(), isTaken('a'), read(), ends('a'), read())),
    ],
    { created: 1, acknowledged: 11, stopped: 11, requeued: 10 },
  ],
  [
    'an item that wakes up and ends between two reads',
    [...ENDED, pass(SECOND), waitsAgain('a'), pass(500), isTaken('a'), pass(500), ends('a'), read(2)],
    { created: 1, acknowledged: 2, stopped: 2, requeued: 1 },
  ],
  [
    'an item that wakes up and is stopped while it waits, between two reads',
    [...ENDED, pass(SECOND), waitsAgain('a'), pass(500), ends('a'), read(2)],
    { created: 1, acknowledged: 1, stopped: 2, requeued: 1 },
  ],
  [
    'an item that lapses five times',
    [...RUNS, times(5, () => inOrder(pass(MINUTE), waitsAgain('a'), read(), isTaken('a'), read()))],
    { created: 1, acknowledged: 6, lapsed: 5, active: 1 },
  ],
  [
    'a state that is new, between two that are known',
    [
      ...[...RUNS, becomes('a', { state: 'paused' }), read(3), becomes('a', { state: 'active' }), read()],
      ...[becomes('a', { state: 'paused' }), read(), ends('a'), read(2)],
    ],
    LIFE,
  ],
  [
    'an item that is removed and comes back with its end',
    [
      ...ENDED,
      async (story) => {
        const row = story.api.remove('a');
        await story.read(3);
        story.api.rows().push(row);
      },
      read(3),
    ],
    LIFE,
  ],
  [
    'a stop that is cleared, and comes back',
    [
      ...ENDED,
      async (story) => {
        const { stopped_at } = story.api.rows()[0]!;
        story.api.change('a', { stopped_at: null });
        await story.read(3);
        story.api.change('a', { stopped_at });
      },
      read(3),
    ],
    LIFE,
  ],
  [
    'two items of one session',
    [
      read(),
      ...['a', 'b'].map((id) => comesWith(() => ({ id, data: { type: 'session', id: 'sesn_same' } }))),
      ...[read(), isTaken('a', 'b'), read(), ends('a', 'b'), read(2)],
    ],
    { created: 2, acknowledged: 2, stopped: 2 },
  ],
  blurred('heartbeats that stamp the acknowledgement again', (row, n) =>
    row.state === 'active' ? { acknowledged_at: moved(row.acknowledged_at, n) } : {},
  ),
  blurred('a creation that differs by milliseconds at each read', (row, n) => ({
    created_at: moved(row.created_at, n % 3),
  })),
  blurred('stamps in whole seconds every other time, from the second on', everyOther(0, wholeSeconds)),
  blurred('stamps in whole seconds every other time, from the first on', everyOther(1, wholeSeconds)),
  blurred('an acknowledgement that is cleared at the end', ofEnded(unacknowledged)),
  blurred('an acknowledgement that is missing every other time', everyOther(0, unacknowledged)),
  blurred(
    'a stop with another date at each read',
    ofEnded((row, n) => ({ stopped_at: moved(row.stopped_at, n * 100) })),
  ),
  blurred(
    'started_at that is missing every other time',
    everyOther(0, () => ({ started_at: null })),
  ),
  blurred('an acknowledgement that is cleared at the end, elsewhere', ofEnded(unacknowledged), ELSEWHERE),
  blurred('an acknowledgement that is missing every other time, elsewhere', everyOther(0, unacknowledged), ELSEWHERE),
  blurred('started_at at the first beat, elsewhere', (row) => ({ started_at: row.acknowledged_at }), ELSEWHERE),
  [
    'rows without a creation',
    [...ENDED, read(4)],
    { acknowledged: 1, stopped: 1 },
    { given: blur(() => ({ created_at: null })) },
  ],
];

/** Something happens to the clocks while one item runs; it ends, and another one comes. */
const clocks = (what: string, step: Step, given: Step = () => {}): Situation => [
  what,
  [...RUNS, read(), step, read(3), ends('a'), comes('b'), read(2), isTaken('b'), read(3)],
  { created: 2, acknowledged: 2, stopped: 1, active: 1 },
  { given },
];
const undated = api({ dated: false });
const comesAged = (ms: number) => comesWith(({ api }) => ({ created_at: api.stamp(ms), started_at: api.stamp(ms) }));

const CLOCKS: readonly Situation[] = [
  clocks("the API's clock steps an hour ahead", apiClock(HOUR)),
  clocks("the API's clock steps an hour back", apiClock(-HOUR)),
  clocks("the API's clock steps two minutes back", apiClock(-2 * MINUTE)),
  clocks("the API's clock steps a second back", apiClock(-SECOND)),
  clocks('the own clock steps an hour ahead', ownClock(HOUR)),
  clocks('the own clock steps an hour back', ownClock(-HOUR)),
  clocks('the own clock steps a day back', ownClock(-24 * HOUR)),
  clocks('both clocks are eight hours on: the machine slept', ({ clock }) => clock.jumpWall(8 * HOUR)),
  clocks('the API says no longer what time it is', undated),
  clocks('no date, and clocks that agree', () => {}, undated),
  clocks('no date, and an own clock that is an hour behind', () => {}, inOrder(undated, apiClock(HOUR))),
  clocks("an API's clock that is three hours ahead from the start", () => {}, apiClock(3 * HOUR)),
  clocks("an API's clock that is three hours behind from the start", () => {}, apiClock(-3 * HOUR)),
  [
    "an item that leaves while the API's clock steps an hour back",
    [read(), ...WAITS, apiClock(-HOUR), leaves('a'), read(30)],
    { created: 1 },
  ],
  [
    "an API's clock that steps back and forth",
    [
      read(2),
      times(6, (n) => {
        const step = api({ aheadMs: n % 2 === 0 ? -10 * MINUTE : 0 });
        return inOrder(step, read(2), comes(`${n}`), read(2), isTaken(`${n}`), read(), ends(`${n}`), read());
      }),
    ],
    { created: 6, acknowledged: 6, stopped: 6 },
  ],
  [
    'stamps that are two seconds ahead of the date',
    [
      ...[read(2), comesAged(-2000), read(2)],
      ({ api }) => api.change('work_1', { state: 'stopped', stopped_at: api.stamp(-2000) }),
      read(2),
    ],
    { created: 1, stopped: 1 },
  ],
  [
    'a creation that is 30 s, and one that is a month in the future',
    [
      read(),
      ...[comesAged(-30 * SECOND), comesAged(-30 * 24 * HOUR)],
      ...[read(2), crash(), read(5), comes('c'), read(2)],
    ],
    { created: 3, queued: 3 },
  ],
  [
    'a row that is visible five minutes after its creation',
    [read(), pass(5 * MINUTE), comesAged(5 * MINUTE), read(3)],
    { created: 1, queued: 1 },
  ],
];

const OTHER = 'env_2';
const onlyOther = reload({ environments: [environment(OTHER)] });
const BOTH = { environments: [environment(ENV), environment(OTHER)] };

const RELOADS: readonly Situation[] = [
  [
    'another name',
    [...WAITS, renamed('production'), isTaken('a'), read(2)],
    { created: 1, acknowledged: 1, active: 1 },
  ],
  [
    'another connection to the same API',
    [
      ...WAITS,
      (story) => {
        const connections = { first: story.connection, second: story.connection };
        return story.reload({
          api: undefined,
          connections,
          environments: [environment(ENV, { connection: 'second' })],
        });
      },
      ...[isTaken('a'), comes('b'), read(2)],
    ],
    { created: 2, acknowledged: 1, active: 1, queued: 1 },
  ],
  [
    'an environment that is away for ten minutes',
    [...WAITS, onlyOther, pass(5 * MINUTE), isTaken('a'), comes('b'), pass(5 * MINUTE), reload(BOTH), read(2)],
    { created: 2, acknowledged: 1, active: 1, queued: 1 },
  ],
  [
    'an environment that is away for two hours: counters begin anew',
    [
      ...[...WAITS, onlyOther, pass(HOUR), isTaken('a'), comes('b'), pass(HOUR), reload(BOTH)],
      ...[read(2), comes('c'), read()],
    ],
    { created: 1, active: 1, queued: 2 },
  ],
  [
    'an environment that is away for ten minutes, and a crash meanwhile',
    [...WAITS, onlyOther, pass(5 * MINUTE), isTaken('a'), crash(), pass(5 * MINUTE), reload(BOTH), read(2)],
    { created: 1, acknowledged: 1, active: 1 },
  ],
  [
    'another environment with the same items',
    [read(), comes('a'), (story) => story.create({ id: 'a' }, OTHER), read(2), isTaken('a'), read(2)],
    { created: 1, acknowledged: 1, active: 1 },
    { configuration: BOTH },
  ],
  [
    'a reload in the middle of each read',
    [
      ...[read(2), comes(...SIX)],
      (story) => {
        let n = 0;
        story.api.beforePage = (from) => {
          if (from === 2) void renamed(`name-${n++}`)(story);
        };
      },
      ...[read(3), isTaken(...SIX), read(5)],
    ],
    { created: 6, acknowledged: 6, active: 6 },
    { given: api({ pageRows: 2 }) },
  ],
  [
    'other intervals',
    [
      ...[...WAITS, reload({ poll: { stats_interval: '30s', list_interval: '60s' } }), isTaken('a'), read(2)],
      ...[reload({ poll: { stats_interval: '5s', list_interval: '10s' } }), ends('a'), read(2)],
    ],
    LIFE,
  ],
  [
    'an environment that goes and comes back during a read',
    [...WAITS, isTaken('a'), atPage(0, inOrder(onlyOther, reload(BOTH))), read(3), ends('a'), read(2)],
    LIFE,
  ],
  [
    'thirty reloads at once',
    [
      ...WAITS,
      async (story) => {
        const reloads = Array.from({ length: 30 }, (_, n) => renamed(`name-${n}`)(story));
        await story.read(2);
        await Promise.allSettled(reloads);
      },
      ...[isTaken('a'), read(2)],
    ],
    { created: 1, acknowledged: 1, active: 1 },
  ],
  [
    'another provider for a while, whose started_at means something else',
    [...RUNS, reload({ provider: 'opensdlc' }), read(3), reload({}), read(3), ends('a'), read(2)],
    LIFE,
  ],
  [
    'a state file that comes with a restart',
    [...WAITS, (story) => story.restart(() => {}, {}), read(), comes('b'), read(), crash(), read()],
    { created: 1, queued: 2 },
    { configuration: { state_file: undefined } },
  ],
];

const IDS = ['__proto__', 'constructor', 'a\0b', '💥', '\ud800', '"', 'x'.repeat(256)];
const THOUSAND = Array.from({ length: 1000 }, (_, n) => `${n}`);

/** What no service should do, and what happens to none but large ones. */
const ODDITIES: readonly Situation[] = [
  [
    'ids that are no words, through three crashes',
    [
      ...[read(), comes(...IDS), read(2), crash(), read(2), isTaken(...IDS), read(2)],
      ...[crash(), read(), ends(...IDS), crash(), read(2)],
    ],
    { created: IDS.length, acknowledged: IDS.length, stopped: IDS.length },
  ],
  [
    'one id in two rows, with two creations',
    [read(), comes('a'), pass(2000), comes('a'), read(6)],
    { created: 1, queued: 1 },
  ],
  [
    'a thousand items at once',
    [read(), comes(...THOUSAND), read(2), isTaken(...THOUSAND), crash(), read(2), ends(...THOUSAND), read(3)],
    { created: 1000, acknowledged: 1000, stopped: 1000 },
  ],
];

export const SITUATIONS: Readonly<Record<string, readonly Situation[]>> = {
  'restarts and files': RESTARTS,
  pages: LISTS,
  rows: ROWS,
  clocks: CLOCKS,
  reloads: RELOADS,
  'odd items': ODDITIES,
};
