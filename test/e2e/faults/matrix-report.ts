import { staleAfterInForceMs } from '../../../src/domain/environment.ts';
import type { EnvironmentState } from '../../../src/state/environment-state.ts';
import type { LogLine } from '../../app/running-app.ts';
import type { ParsedSample } from '../../support/exposition-parser.ts';
import type { MatrixConnection, MatrixRig } from './matrix-rig.ts';

/** What is shown of one environment at one moment; null where a series is absent. */
export interface Shown {
  readonly up: Readonly<Record<'stats' | 'list', number | null>>;
  readonly depth: number | null;
  readonly age: number | null;
  readonly queued: number | null;
  readonly status: string;
  /** Since the last good read, seconds, and what is allowed. */
  readonly silence: Readonly<Record<'stats' | 'list', { readonly seconds: number; readonly most: number }>>;
}

type Scrape = ReadonlyMap<string, readonly ParsedSample[]>;

export class Look {
  readonly #scrape: Scrape;
  readonly #statuses: ReadonlyMap<string, string>;
  readonly #states: ReadonlyMap<string, EnvironmentState>;
  readonly #now: number;

  private constructor(rig: MatrixRig, scrape: Scrape, statuses: ReadonlyMap<string, string>) {
    const { app, clock } = rig.running;
    this.#states = new Map(app.states.all().map((state) => [state.environment.id, state]));
    this.#now = clock.now();
    this.#scrape = scrape;
    this.#statuses = statuses;
  }

  static async at(rig: MatrixRig): Promise<Look> {
    const scrape = await rig.scrape();
    const answer = await fetch(`${rig.running.url}/api/v1/environments`);
    const { environments } = (await answer.json()) as { environments: { id: string; status: string }[] };
    return new Look(rig, scrape, new Map(environments.map(({ id, status }) => [id, status])));
  }

  value(name: string, labels: Readonly<Record<string, string>>): number | null {
    const samples = this.#scrape.get(name) ?? [];
    const found = samples.find((one) => Object.entries(labels).every(([label, value]) => one.labels[label] === value));
    return found?.value ?? null;
  }

  of(id: string): Shown {
    const at = { environment_id: id };
    const state = this.#states.get(id)!;
    return {
      up: {
        stats: this.value('up', { ...at, operation: 'stats' }),
        list: this.value('up', { ...at, operation: 'list' }),
      },
      depth: this.value('queue_depth', at),
      age: this.value('queue_oldest_age_seconds', at),
      queued: this.value('items', { ...at, state: 'queued', work_type: 'session' }),
      status: this.#statuses.get(id) ?? 'not watched',
      silence: { stats: this.#silence(state, 'stats'), list: this.#silence(state, 'list') },
    };
  }

  #silence({ environment, operations }: EnvironmentState, operation: 'stats' | 'list') {
    const { lastSuccessAt, scheduledIntervalMs } = operations[operation];
    const seconds = (this.#now - (lastSuccessAt ?? 0)) / 1000;
    return { seconds, most: staleAfterInForceMs(environment.poll, scheduledIntervalMs) / 1000 };
  }
}

/** One row of the page: what an operator sees of the environment that was hit. */
export function reportRow(connection: MatrixConnection, rig: MatrixRig, looks: { soon: Look; later: Look }): string {
  const { case: one, environmentIds, name } = connection;
  const [id] = environmentIds;
  const cells = [one.name, one.operation, one.scope];
  const read = one.operation === 'stats' ? 'stats' : 'list';
  if (one.operation === 'environments') {
    const { soon, later } = looks;
    const failing = rig.running.events('discovery.failing').find((line) => line.connection === name);
    const up = [soon, later].map((look) => look.value('discovery_up', { connection: name })).join(', ');
    const depths = [soon, later].map((look) => shownText(look.of(id).depth)).join(', ');
    const statuses = new Set([soon, later].map((look) => look.of(id).status));
    return row([...cells, `discovery_up ${up}`, depths, [...statuses].join(', '), reasonOf(failing)]);
  }
  // Chance decides which read is answered with 429 first, and so which ones only wait.
  const isChance = one.operation === 'retrieve' || one.scope === 'all';
  if (isChance && one.fault.kind === 'status' && one.fault.status === 429) {
    return row([...cells, 'up 0, or 1 where it only waits', 'shown, or absent', 'ok, degraded or blind', BY_CHANCE]);
  }
  const [soon, later] = [looks.soon.of(id), looks.later.of(id)];
  const failing = rig.running
    .events('environment.failing')
    .find((line) => line.environment_id === id && line.operation === read);
  const value = (shown: Shown) => shownText(one.operation === 'stats' ? shown.depth : shown.queued);
  const statuses = [soon.status, later.status];
  return row([
    ...cells,
    `up ${soon.up[read]}, ${later.up[read]}`,
    `${value(soon)}, ${value(later)}${soon.depth !== null && soon.age === null ? '; no age' : ''}`,
    [...new Set(statuses)].join(', '),
    reasonOf(failing),
  ]);
}

const BY_CHANCE = '`rate_limited`, or – where it only waits';
const shownText = (value: number | null) => (value === null ? 'absent' : 'shown');
const reasonOf = (line: LogLine | undefined) => (line === undefined ? '–' : `\`${line.reason}\``);

function row(cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |`;
}

/** The whole page. */
export function reportPage(rows: readonly string[]): string {
  return `${HEAD}\n${rows.join('\n')}\n${FOOT}`;
}

const HEAD = `# Reliability

What the exporter shows while the API, or something before it, fails. The table is the outcome of a test that runs every fault
of the [simulator](simulator.md) against every read: \`npx vitest run test/e2e/faults -u\` writes it anew.

In all of these cases

- nothing that waits is ever shown as 0, and no age of it either;
- nothing is shown that is older than [\`stale_after\`](design/freshness.md#stale_after);
- an environment that is not hit is read as before, but for 429, after which the [whole connection waits](design/budget.md#after-a-429);
- no connection sends more than its \`requests_per_minute\` in a minute.

Two environments share a connection; in the first work waits that nobody takes. The fault hits the reads of one of them, or of both; the list of
environments belongs to both. A minute later, and four minutes later, the environment that is hit shows:

| fault | read | hits | \`anthropic_work_up\` | value | status | reason in the log |
| --- | --- | --- | --- | --- | --- | --- |`;

const FOOT = `
The value is \`anthropic_work_queue_depth\` for stats and environments, \`anthropic_work_items\` for the list and single items. Reads of single
items are part of a read of the list, which goes on without them. What becomes of each kind of answer is in
[which answers are believed](design/answers.md), and how soon it is tried again in [the budget](design/budget.md#backoff).
`;
