import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import { runTool } from '../support/promtool.ts';
import { exampleWith } from './alertmanager-process.ts';

interface Grouping {
  readonly group_by?: readonly string[];
  readonly group_wait?: string;
  readonly group_interval?: string;
}
interface Route extends Grouping {
  readonly receiver?: string;
  readonly routes?: readonly Route[];
}

/** What a company has that runs many other things: it is slow to tell, groups by name, and logs everything. */
const THEIRS = { receiver: 'others', group_by: ['alertname'], group_wait: '5m', group_interval: '10m' } as const;
const BEFORE = { receiver: 'log', continue: true };
const AFTER = [
  { receiver: 'others', matchers: ['severity = critical'] },
  { receiver: 'others', matchers: ['severity = warning', 'job =~ ".+"'] },
];
const PAGES = {
  group_wait: '30s',
  group_interval: '1m',
  group_by: ['job', 'cluster', 'alertname', 'connection', 'environment_id'],
};
const TICKETS = { group_wait: '1m', group_interval: '5m', group_by: ['job', 'cluster', 'alertname'] };
const HEARTBEAT = { group_wait: '0s', group_interval: '1m', group_by: ['job', 'cluster'] };

/** An alert, where it is told, and with what it is told together. */
const SITUATIONS = [
  ['NoWorkers', { severity: 'critical', environment_id: 'e' }, 'pager', PAGES],
  ['ApiUnreachable', { severity: 'critical', connection: 'c' }, 'pager', PAGES],
  ['ExporterAbsent', { severity: 'critical' }, 'pager', PAGES],
  ['OldestItemTooOld', { severity: 'warning', environment_id: 'e' }, 'chat', TICKETS],
  ['StateFileFailing', { severity: 'warning' }, 'chat', TICKETS],
  ['Watchdog', { severity: 'none' }, 'dead-mans-switch', HEARTBEAT],
] as const;

describe('the routes of the example below the root route of somebody else', () => {
  let folder = '';
  let path = '';
  let ours: readonly Route[] = [];
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'bigger-'));
    path = join(folder, 'alertmanager.yml');
    const { route, receivers, inhibit_rules } = parse(await exampleWith(() => {}));
    ours = route.routes;
    const all = [...receivers, { name: 'others' }, { name: 'log' }];
    const bigger = { route: { ...THEIRS, routes: [BEFORE, ...ours, ...AFTER] }, receivers: all, inhibit_rules };
    await writeFile(path, stringify(bigger));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  it.concurrent.each(SITUATIONS)(
    '%s %o is told by %s and stands in the log, and nobody else hears of it',
    async (name, labels, receiver) => {
      const { ok, output } = await runTool('amtool', [
        ...['config', 'routes', 'test', `--config.file=${path}`, `--verify.receivers=log,${receiver}`],
        ...['job=work', `alertname=AnthropicWork${name}`],
        ...Object.entries(labels).map(([label, value]) => `${label}=${value}`),
      ]);
      expect(ok, output).toBe(true);
    },
  );

  it.each(SITUATIONS)('%s %o is grouped, and told as soon, as the example says', (name, labels, _, together) => {
    const found = groupingOf(THEIRS, ours, { ...labels, job: 'work', alertname: `AnthropicWork${name}` });
    expect(found).toEqual(together);
  });
});

/** What holds for an alert: what its route says, and otherwise what stands above it. */
function groupingOf(above: Grouping, routes: readonly Route[], labels: Readonly<Record<string, string>>): Grouping {
  const { group_by, group_wait, group_interval } = above;
  const inherited = { group_by, group_wait, group_interval } as Grouping;
  const first = routes.find((route) => matches(route as { matchers?: readonly string[] }, labels));
  if (first === undefined) return inherited;
  const { receiver: _, routes: below = [], ...own } = first;
  return groupingOf({ ...inherited, ...own }, below, labels);
}

function matches({ matchers = [] }: { matchers?: readonly string[] }, labels: Readonly<Record<string, string>>) {
  return matchers.every((matcher) => {
    const [, label, operator, text] = /^(\w+) (=~|=) "?(.*?)"?$/.exec(matcher)!;
    const value = labels[label!] ?? '';
    return operator === '=' ? value === text : new RegExp(`^(?:${text})$`).test(value);
  });
}
