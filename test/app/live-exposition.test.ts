import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { METRIC_NAMES } from '../../src/metrics/catalogue.ts';
import { parseExposition } from '../support/exposition-parser.ts';
import { ROOT } from '../support/processes.ts';
import { describeSeries } from '../support/series.ts';
import { configurationOf, PROD, simulatedApi } from '../support/simulated-api.ts';
import { RunningApp } from './running-app.ts';

/** What is set so that every metric has something to tell. */
const EVERYTHING = {
  state_file: 'state.json',
  discovery: { enabled: true, interval: '1m' },
  metadata: { keys: ['team'] },
  poll: { stats_interval: '5s', list_interval: '1m' },
  sessions: { after: '10s', interval: '1m' },
  thresholds: { state_age: { active: '10s' } },
};

/** Every series name that one exporter showed: first over a fleet at work, then over an API that fails. */
async function seriesOfALiveExporter(): Promise<ReadonlySet<string>> {
  await using exporter = new RunningApp();
  await using api = await simulatedApi({ scenario: 'steady', clock: exporter.clock });
  const { environments, ...rest } = configurationOf(api, EVERYTHING);
  exporter.configure({
    ...rest,
    api: { ...rest.api, expires: '2030-01-01' },
    environments: environments.map((environment) => ({ ...environment, labels: { tier: 'prod' } })),
    state_file: exporter.path('state.json'),
  });
  api.enqueue(PROD, { conduct: 'awaits-approval' });
  await exporter.serve();
  exporter.app.watchConditions();
  const seen = new Set<string>();
  for (const scenario of ['awaiting-approval', 'steady', 'api-down'] as const) {
    api.setScenario(scenario);
    // Something always waits; a new scenario lets go of what waited before.
    api.enqueue(PROD, { claimable: false });
    // Several environments that cannot be read are a condition of their connection after some minutes.
    for (let look = 0; look < (scenario === 'api-down' ? 24 : 12); look++) {
      const next = exporter.clock.monotonic() + 10_000;
      await exporter.waitUntil(() => exporter.clock.monotonic() >= next);
      for (const { name, samples } of parseExposition(await exporter.exposition(), 'prometheus'))
        for (const { series } of samples) seen.add(series).add(name);
    }
  }
  api.setScenario('steady');
  api.archive(api.environment(PROD)!);
  const archived = 'anthropic_work_environment_archived_timestamp_seconds';
  await exporter.waitUntil(async () => (await exporter.exposition()).includes(`${archived}{`));
  seen.add(archived);
  const probe = await fetch(`${exporter.url}/probe?environment_id=${environments[0]!.id}`);
  for (const { name } of parseExposition(await probe.text(), 'prometheus')) seen.add(name);
  return seen;
}

const WANTED = describeSeries().map(({ series }) => series);

/** Every series of the catalogue that a file names. */
function namedIn(path: string): readonly string[] {
  const text = readFileSync(join(ROOT, path), 'utf8');
  return [...new Set(text.match(/(?<![\w:])anthropic_work_[a-z_]*[a-z]\b(?![*_:])/g) ?? [])];
}

const files = (folder: string, ending: string) =>
  readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith(ending))
    .map((name) => join(folder, name));

let seen: ReadonlySet<string>;

beforeAll(async () => {
  seen = await seriesOfALiveExporter();
});

describe('a live exporter', () => {
  it('shows every metric of the catalogue', () => {
    expect(METRIC_NAMES.length).toBeGreaterThan(60);
    expect(WANTED.filter((name) => !seen.has(name))).toEqual([]);
  });

  it('shows no series of its own that the catalogue does not have', () => {
    const known = new Set<string>([...WANTED, ...METRIC_NAMES]);
    expect([...seen].filter((name) => name.startsWith('anthropic_work_') && !known.has(name))).toEqual([]);
  });

  it.each([...files('alerts', '.rules.yaml'), ...files('grafana', '.json'), ...files('alerts/runbooks', '.md')])(
    'shows every metric that %s names',
    (path) => {
      expect(namedIn(path).filter((name) => !seen.has(name))).toEqual([]);
    },
  );
});
