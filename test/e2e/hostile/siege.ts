import type { Operation } from '../../../src/domain/environment.ts';
import { RunningApp } from '../../app/running-app.ts';
import { type ParsedFamily, parseExposition } from '../../support/exposition-parser.ts';
import { ManualClock } from '../../support/manual-clock.ts';
import { QUICK } from '../../support/simulated-api.ts';
import { waitUntil } from '../../support/wait-until.ts';
import type { Hostile } from './answering.ts';
import { HostileApi, type HostileEnvironment } from './hostile-api.ts';

export const OPERATIONS = ['stats', 'list'] as const;
/** Environments beside the hostile ones, whose answers are good. */
const OTHERS = 3;
/** What passes between two looks at a condition, on the exporter's clock. */
const STEP_MS = 500;
const CANARY = 'CANARYkey';
/** Where a 429 holds a connection up for 5 minutes. */
const SELDOM = { stats_interval: '60s', list_interval: '60s' };

/** What an exporter made of hostile answers, and of the good ones that followed. */
export interface Siege {
  readonly environments: readonly HostileEnvironment[];
  /** How the reads of an operation of an environment ended: `ok` or the reasons. */
  outcomes(id: string, operation: Operation): ReadonlySet<string>;
  /** From the start of each read to that of the next, ms. */
  gaps(id: string, operation: Operation): readonly number[];
  /** Configured, ms. */
  readonly intervals: Readonly<Record<Operation, number>>;
  /** For which reasons metrics say that requests failed. */
  failures(id: string, operation: Operation): ReadonlySet<string>;
  /** The numbers of an environment at the end, by metric and state. */
  numbers(id: string): Readonly<Record<string, number>>;
  /** All that was written and answered, apart from metrics. */
  readonly output: string;
  readonly expositions: readonly string[];
  readonly forbidden: readonly string[];
}

/** Has environments read, each with answers of its own kind, until each was read twice; then all answers are good. */
export async function besiege(cases: readonly Hostile[], { apart = false } = {}): Promise<Siege> {
  const others = Array.from({ length: OTHERS }, () => null);
  const environments = [...others, ...cases].map((hostile, n) => ({
    id: `env_${n}`,
    key: `sk-ant-oat01-${CANARY}${n}xYzAbCdEfGhIjKlMn`,
    hostile,
  }));
  const ref: { api?: HostileApi } = {};
  const clock = new ManualClock(Date.now(), async () => await ref.api?.rest());
  await using api = new HostileApi(environments, () => clock.now());
  await api.start();
  await using running = new RunningApp(null, clock);
  running.configure(configurationOf(api, environments, apart));
  await running.serve();
  ref.api = api;

  const expositions: string[] = [];
  const pages: string[] = [];
  const look = async () => {
    expositions.push(await running.exposition());
    pages.push(await running.page());
    for (const { id } of environments) {
      pages.push(await (await fetch(`${running.url}/api/v1/environments/${id}`)).text());
    }
  };
  const polls = (id: string, operation: Operation) =>
    running.state(id).recentPolls.filter((poll) => poll.operation === operation);
  const all = (holds: (id: string, operation: Operation) => boolean) =>
    environments.every(({ id }) => OPERATIONS.every((operation) => holds(id, operation)));

  const until = (holds: (id: string, operation: Operation) => boolean) =>
    waitUntil(() => all(holds), { everyMs: 0, meanwhile: () => clock.advance(STEP_MS) });

  await until((id, operation) => polls(id, operation).length >= 2);
  const outcomes = new Map<string, ReadonlySet<string>>();
  const gaps = new Map<string, number[]>();
  for (const { id } of environments) {
    for (const operation of OPERATIONS) {
      const found = polls(id, operation);
      outcomes.set(`${id} ${operation}`, new Set(found.map(({ reason }) => reason ?? 'ok')));
      gaps.set(
        `${id} ${operation}`,
        found.slice(1).map(({ at }, n) => found[n]!.at - at),
      );
    }
  }
  await look();
  const failed = failuresOf(expositions[0]!);

  api.calm = true;
  const since = clock.now();
  await until((id, operation) => running.readSince(id, operation, since));
  // What the hostile lists had shown leaves with the reads after the first good one.
  const again = clock.now();
  await until((id, operation) => running.readSince(id, operation, again));
  await look();
  const families = parseExposition(expositions[1]!, 'prometheus');
  return {
    environments,
    outcomes: (id, operation) => outcomes.get(`${id} ${operation}`)!,
    intervals: apart ? { stats: 60_000, list: 60_000 } : { stats: 5000, list: 10_000 },
    gaps: (id, operation) => gaps.get(`${id} ${operation}`)!,
    failures: (id, operation) => failed.get(`${id} ${operation}`) ?? new Set(),
    numbers: (id) => numbersOf(families, id),
    output: [...pages, JSON.stringify(running.log)].join('\n'),
    expositions,
    forbidden: [...api.forbidden],
  };
}

function configurationOf({ url }: HostileApi, environments: readonly HostileEnvironment[], apart: boolean) {
  const connection = {
    base_url: url,
    api_key: `sk-ant-api03-${CANARY}apixYzAbCdEfGhIjKlMn`,
    max_response_bytes: 6_000_000,
  };
  const shared = { ...connection, requests_per_minute: 20_000, max_concurrent_requests: 128 };
  const connections = apart
    ? Object.fromEntries(environments.map(({ id }) => [id.replace('_', '-'), connection]))
    : { all: shared };
  return {
    connections,
    environments: environments.map(({ id, key }) => ({
      id,
      environment_key: key,
      connection: apart ? id.replace('_', '-') : 'all',
    })),
    poll: { ...(apart ? SELDOM : QUICK), max_list_pages: 10 },
    metadata: { keys: ['team'] },
    sessions: { enabled: 'off' },
  };
}

function failuresOf(exposition: string): ReadonlyMap<string, ReadonlySet<string>> {
  const failed = new Map<string, Set<string>>();
  const families = parseExposition(exposition, 'prometheus');
  const { samples } = families.find(({ name }) => name === 'anthropic_work_api_request_failures_total')!;
  for (const { labels, value } of samples) {
    const key = `${labels.environment_id} ${labels.operation}`;
    if (value > 0) failed.set(key, (failed.get(key) ?? new Set()).add(labels.reason!));
  }
  return failed;
}

const PREFIX = 'anthropic_work_';
const OWN = /^(up|queue_depth|items|items_(created|acknowledged|stopped|requeued|lapsed)_total)$/;

function numbersOf(families: readonly ParsedFamily[], id: string): Readonly<Record<string, number>> {
  const numbers: Record<string, number> = {};
  for (const { name, samples } of families) {
    const short = name.slice(PREFIX.length);
    if (!OWN.test(short)) continue;
    for (const { labels, value } of samples) {
      if (labels.environment_id !== id || value === 0) continue;
      const { operation, state, type } = labels;
      const kind = type === undefined || type === 'session' ? [] : [type];
      numbers[[short, operation, state, ...kind].filter((part) => part !== undefined).join(' ')] = value;
    }
  }
  return numbers;
}
