import { beforeAll, describe, expect, it } from 'vitest';
import { RunningApp } from '../../app/running-app.ts';
import { type ParsedFamily, parseExposition } from '../../support/exposition-parser.ts';
import { ManualClock } from '../../support/manual-clock.ts';
import { QUICK } from '../../support/simulated-api.ts';
import { waitUntil } from '../../support/wait-until.ts';
import { BODIES, PAGES, ROWS, VALUES } from './content.ts';
import { type Hostile, HostileApi, type HostileEnvironment, OPERATIONS, outcomeOf, UNSEEN } from './hostile-api.ts';
import { CLOCKS, ENCODINGS, FRAMING, HEADS, STATUSES } from './transport.ts';

/** What passes between two looks at a condition, on the exporter's clock. */
const STEP_MS = 500;
const CANARY = 'CANARYkey';
/** Where a 429 holds a connection up for 5 minutes. */
const SELDOM = { stats_interval: '60s', list_interval: '60s' };
/** What the good answers say. */
const GOOD = { 'up stats': 1, 'up list': 1, queue_depth: 2, 'items queued': 2, 'items active': 3 };

type Operation = (typeof OPERATIONS)[number];

/** What an exporter made of hostile answers, and of the good ones that followed. */
interface Siege {
  readonly environments: readonly HostileEnvironment[];
  /** How the reads of an environment ended, by it and operation: `ok` or the reasons. */
  readonly outcomes: ReadonlyMap<string, ReadonlySet<string>>;
  /** From the start of a read to that of the next, ms. */
  readonly gaps: ReadonlyMap<string, number>;
  /** All that was written and answered, apart from metrics. */
  readonly output: string;
  /** Among the hostile answers, and at the end. */
  readonly expositions: readonly string[];
  readonly forbidden: ReadonlySet<string>;
}

/** Has environments read, each with answers of its own kind, until each was read twice; then all answers are good. */
async function besiege(cases: readonly Hostile[], apart: boolean): Promise<Siege> {
  // Some have good answers alone.
  const environments = [null, null, null, ...cases].map((hostile, n) => ({
    id: `env_${n}`,
    key: `sk-ant-oat01-${CANARY}${n}xYzAbCdEfGhIjKlMn`,
    hostile,
  }));
  let isServing = false;
  const clock = new ManualClock(Date.now(), async () => (isServing ? await api.rest() : undefined));
  await using api = new HostileApi(environments, () => clock.now());
  await api.start();
  await using running = new RunningApp(null, clock);
  running.configure(configurationOf(api, environments, apart));
  await running.serve();
  isServing = true;

  const [expositions, output]: [string[], string[]] = [[], []];
  const look = async () => {
    expositions.push(await running.exposition());
    output.push(await running.page());
    for (const { id } of environments) {
      output.push(await (await fetch(`${running.url}/api/v1/environments/${id}`)).text());
    }
  };
  const until = (holds: (id: string, operation: Operation) => boolean) => {
    const all = () => environments.every(({ id }) => OPERATIONS.every((operation) => holds(id, operation)));
    return waitUntil(all, { everyMs: 0, meanwhile: () => clock.advance(STEP_MS) });
  };
  const polls = (id: string, operation: Operation) =>
    running.state(id).recentPolls.filter((poll) => poll.operation === operation);

  await until((id, operation) => polls(id, operation).length >= 2);
  const reads = environments.flatMap(({ id }) =>
    OPERATIONS.map((operation) => [`${id} ${operation}`, polls(id, operation)] as const),
  );
  const outcomes = new Map(reads.map(([of, all]) => [of, new Set(all.map(({ reason }) => reason ?? 'ok'))]));
  const gaps = new Map(reads.map(([of, all]) => [of, Math.max(...all.slice(1).map(({ at }, n) => all[n]!.at - at))]));
  await look();
  api.calm = true;
  // What the hostile lists had shown leaves with the reads after the first good one.
  for (let n = 0; n < 2; n++) {
    const since = clock.now();
    await until((id, operation) => running.readSince(id, operation, since));
  }
  await look();
  output.push(JSON.stringify(running.log));
  return { environments, outcomes, gaps, output: output.join('\n'), expositions, forbidden: api.forbidden };
}

/** `apart`: each environment has a connection of its own. */
function configurationOf({ url }: HostileApi, environments: readonly HostileEnvironment[], apart: boolean) {
  const api_key = `sk-ant-api03-${CANARY}apixYzAbCdEfGhIjKlMn`;
  const connection = { base_url: url, api_key, max_response_bytes: 6_000_000 };
  const shared = { ...connection, requests_per_minute: 20_000, max_concurrent_requests: 128 };
  const nameOf = (id: string) => (apart ? id.replace('_', '-') : 'all');
  return {
    connections: Object.fromEntries(environments.map(({ id }) => [nameOf(id), apart ? connection : shared])),
    environments: environments.map(({ id, key }) => ({ id, environment_key: key, connection: nameOf(id) })),
    poll: { ...(apart ? SELDOM : QUICK), max_list_pages: 10 },
    metadata: { keys: ['team'] },
    sessions: { enabled: 'off' },
  };
}

const OWN = /^anthropic_work_(up|queue_depth|items|items_(?:created|acknowledged|stopped|requeued|lapsed)_total)$/;

/** The numbers of an environment, by metric, operation and state; without the zeros. */
function numbersOf(families: readonly ParsedFamily[], id: string): Readonly<Record<string, number>> {
  const numbers: Record<string, number> = {};
  for (const { name, samples } of families) {
    const short = OWN.exec(name)?.[1];
    if (short === undefined) continue;
    for (const { labels, value } of samples) {
      if (labels.environment_id !== id || value === 0) continue;
      const { operation, state } = labels;
      numbers[[short, operation, state].filter((part) => part !== undefined).join(' ')] = value;
    }
  }
  return numbers;
}

/** For which reasons metrics say that requests failed. */
function failuresOf(families: readonly ParsedFamily[], id: string, operation: Operation): readonly string[] {
  const { samples } = families.find(({ name }) => name === 'anthropic_work_api_request_failures_total')!;
  const own = samples.filter(({ labels }) => labels.environment_id === id && labels.operation === operation);
  return own.flatMap(({ labels, value }) => (value > 0 ? labels.reason! : []));
}

describe.each<[what: string, cases: readonly Hostile[], apart: boolean]>([
  ['framing', FRAMING, false],
  ['heads', HEADS, false],
  ['encodings', ENCODINGS, false],
  ['statuses', STATUSES, false],
  ['bodies', BODIES, false],
  ['values', VALUES, false],
  ['rows', ROWS, false],
  ['pages', PAGES, false],
  ['clocks', CLOCKS, true],
])('answers with odd %s', (_, cases, apart) => {
  let siege: Siege;
  let among: readonly ParsedFamily[];
  let after: readonly ParsedFamily[];
  beforeAll(async () => {
    siege = await besiege(cases, apart);
    [among, after] = siege.expositions.map((text) => parseExposition(text, 'prometheus')) as [
      readonly ParsedFamily[],
      readonly ParsedFamily[],
    ];
  });

  it.each(cases.map((hostile) => [hostile[0], hostile] as const))(
    '%s: each read ends as it should, and good answers are as ever',
    (_what, hostile) => {
      const { id } = siege.environments.find((environment) => environment.hostile === hostile)!;
      for (const operation of OPERATIONS) {
        const expected = outcomeOf(hostile, operation);
        expect([operation, ...siege.outcomes.get(`${id} ${operation}`)!]).toEqual([operation, expected]);
        const failures = [operation, ...failuresOf(among, id, operation)];
        expect(failures).toEqual([operation, ...(expected === 'ok' ? [] : [expected])]);
      }
      expect(numbersOf(after, id)).toEqual({ ...GOOD, ...hostile[3] });
    },
  );

  it('others are read as ever', () => {
    const intervals = apart ? { stats: 60_000, list: 60_000 } : { stats: 5000, list: 10_000 };
    for (const { id } of siege.environments.filter(({ hostile }) => hostile === null)) {
      expect(numbersOf(after, id)).toEqual(GOOD);
      for (const operation of OPERATIONS)
        expect(siege.gaps.get(`${id} ${operation}`)).toBeLessThan(intervals[operation] * 1.3);
    }
  });

  it('nothing of an answer or key is written or shown', () => {
    const output = [siege.output, ...siege.expositions].join('\n');
    for (const canary of [UNSEEN, 'CANARY', Buffer.from(UNSEEN).toString('base64').slice(0, 16)])
      expect(output).not.toContain(canary);
  });

  it('nothing is asked for but what may be read, with its own key', () => {
    expect([...siege.forbidden]).toEqual([]);
  });
});
