import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { waitUntil } from '../support/wait-until.ts';
import { EXAMPLE, exampleWith, type Program, startAlertmanager } from './alertmanager-process.ts';

type Labels = Readonly<Record<string, string>>;

/** An alert as `NAME severity label=value …`; the job is the same for all. */
function labelsOf(text: string): Labels {
  const [name, severity, ...rest] = text.split(' ');
  return {
    alertname: `AnthropicWork${name}`,
    severity: severity!,
    ...Object.fromEntries(rest.map((pair) => pair.split('=') as [string, string])),
  };
}

const E = 'environment_id=e connection=c';
const F = 'environment_id=f connection=c';

/** The firing alerts, and which of them stay silent. Every case has a job of its own, so that one Alertmanager serves all. */
const CASES: readonly {
  readonly name: string;
  readonly heard: readonly string[];
  readonly muted: readonly string[];
}[] = [
  {
    name: 'nobody works: one page instead of its symptoms, and only for that environment',
    heard: [`NoWorkers critical ${E}`, `OldestItemTooOld warning ${F}`, `ListNotConfigured info ${E}`],
    muted: [
      `NoWorkers warning ${E}`,
      `OldestItemTooOld critical ${E}`,
      `OldestItemTooOld warning ${E}`,
      `Saturated critical ${E}`,
      `Saturated warning ${E}`,
      `PendingStuck warning ${E}`,
      `HeadOfLineBlocked warning ${E}`,
      `WaitBudgetBurn critical ${E}`,
      `StaleHeartbeats critical ${E}`,
      `LeasesLapsing warning ${E}`,
      `ItemStuck warning ${E} state=active`,
      `WorkersBelowMinimum warning ${E}`,
      `CoverageReduced warning ${E} coverage=ages`,
    ],
  },
  {
    name: 'many lost their workers: one page, but for those that were told before it',
    heard: ['NoWorkersAnywhere critical', `NoWorkers critical ${F}`],
    muted: [
      `NoWorkers critical ${E} told_by=AnthropicWorkNoWorkersAnywhere`,
      `NoWorkers warning ${E}`,
      `Saturated warning ${E}`,
    ],
  },
  {
    name: 'many lose all of their runs: one page, but for those that were told before it',
    heard: ['LeasesLapsingAnywhere critical', `LeasesLapsing critical ${F}`],
    muted: [
      `LeasesLapsing critical ${E} told_by=AnthropicWorkLeasesLapsingAnywhere`,
      `LeasesLapsing warning ${E}`,
      `StaleHeartbeats warning ${E}`,
    ],
  },
  {
    name: 'an unproven NoWorkers mutes nothing',
    heard: [`NoWorkers warning ${E}`, `OldestItemTooOld critical ${E}`],
    muted: [`WaitBudgetBurn critical ${E}`, `Saturated warning ${E}`],
  },
  {
    name: 'runs that never finish explain what their workers leave behind',
    heard: [`LeasesLapsing critical ${E}`, `StaleHeartbeats warning ${F}`],
    muted: [
      `LeasesLapsing warning ${E}`,
      `StaleHeartbeats warning ${E}`,
      `OldestItemTooOld critical ${E}`,
      `Saturated warning ${E}`,
      `WaitBudgetBurn warning ${E}`,
      `WorkersBelowMinimum warning ${E}`,
    ],
  },
  {
    name: 'the milder form is muted in its own environment only',
    heard: [`StaleHeartbeats critical ${E}`, `StaleHeartbeats warning ${F}`],
    muted: [`StaleHeartbeats warning ${E}`],
  },
  {
    name: 'an outage of the API mutes the tickets about its connection, and no page that may have been sent before it',
    heard: [
      'ApiUnreachable critical connection=c',
      `EnvironmentNotVisible critical ${E}`,
      `ApiAuthFailing critical ${F}`,
      'EnvironmentNotVisible critical environment_id=g connection=other',
    ],
    muted: [
      `ItemsNotVisible warning ${E}`,
      'CredentialRejected warning connection=c credential=api_key',
      'DiscoveryFailing warning connection=c',
    ],
  },
  {
    name: 'a refused API key mutes the tickets about it, and no page',
    heard: [
      `ApiAuthFailing critical ${E}`,
      'CredentialRejected critical connection=c',
      `EnvironmentNotVisible critical ${F}`,
      'CredentialRejected critical connection=other',
      'ApiUnreachable critical connection=other',
      'ApiRateLimited critical connection=other',
    ],
    muted: ['CredentialRejected warning connection=c credential=api_key', 'DiscoveryFailing warning connection=c'],
  },
  {
    name: 'a rate limit that hides everything is named as such',
    heard: ['ApiRateLimited critical connection=c', `EnvironmentNotVisible critical ${E}`],
    muted: ['ApiRateLimited warning connection=c'],
  },
  {
    name: 'nothing is watched: one page',
    heard: ['DiscoveryFailing critical connection=c', 'DiscoveryFailing warning connection=other'],
    muted: ['DiscoveryFailing warning connection=c', 'CredentialRejected warning connection=c credential=api_key'],
  },
  {
    name: 'a refused key explains an environment that cannot be seen',
    heard: [
      `ApiAuthFailing critical ${E}`,
      `EnvironmentMisconfigured warning ${E} reason=not_found`,
      'CredentialRejected warning connection=c credential=f',
    ],
    muted: [`ItemsNotVisible warning ${E}`],
  },
  {
    name: 'a key that is refused needs no reminder that it expires',
    heard: [
      'CredentialRejected warning connection=c credential=k',
      'CredentialExpiring warning connection=c credential=other',
    ],
    muted: ['CredentialExpiring warning connection=c credential=k'],
  },
  {
    name: 'an environment that cannot be seen: old knowledge is muted, causes are not',
    heard: [`EnvironmentNotVisible critical ${E}`, `EnvironmentMisconfigured warning ${E}`, `ItemStuck warning ${F}`],
    muted: [`ItemStuck warning ${E}`, `WorkersUnknown info ${E}`, `ItemsNotVisible warning ${E}`],
  },
  {
    name: 'a page about a dead fleet stays heard in an outage',
    heard: [`NoWorkers critical ${E}`, `EnvironmentNotVisible critical ${E}`],
    muted: [],
  },
  {
    name: 'no exporter: no ticket about its processes, but pages that go on',
    heard: [
      'ExporterAbsent critical',
      'CoverageReduced warning coverage=environments',
      'Watchdog none',
      'ApiUnreachable critical connection=c',
      'DiscoveryFailing critical connection=c',
      `EnvironmentNotVisible critical ${E}`,
    ],
    muted: [
      'ExporterInstanceDown warning instance=a',
      'ExporterRestarting warning instance=a',
      'ReplicaBlind warning instance=a',
    ],
  },
  {
    name: 'a failed reload explains what disagrees',
    heard: ['ExporterConfigReloadFailed warning instance=a'],
    muted: ['ConfigDisagrees warning'],
  },
  {
    name: 'an instance that restarts is down now and then',
    heard: ['ExporterRestarting warning instance=a', 'ExporterInstanceDown warning instance=b'],
    muted: ['ExporterInstanceDown warning instance=a'],
  },
  {
    name: 'a missing shard is a process that is down',
    heard: ['ExporterShardMissing critical', 'ExporterRestarting warning instance=b'],
    muted: ['ExporterInstanceDown warning instance=a'],
  },
  {
    name: 'a fleet-wide page mutes no other fleet-wide alert',
    heard: [
      'ApiUnreachable critical connection=c',
      'ClockSkew info connection=c',
      'ApiRateLimited warning connection=c',
    ],
    muted: [],
  },
];

/** The alerts that one side of an inhibition names; a pattern for all of them names none. */
function namesIn(matchers: readonly string[]): readonly string[] {
  const name = matchers.find((matcher) => /^alertname =~? /.test(matcher)) ?? '';
  return /AnthropicWork\(([^)]+)\)/.exec(name)?.[1]?.split('|') ?? /AnthropicWork(\w+)$/.exec(name)?.slice(1) ?? [];
}

describe('inhibition in a real Alertmanager', () => {
  let alertmanager: Program;
  const states = new Map<string, string>();
  const key = (labels: Labels) => JSON.stringify(Object.entries(labels).toSorted());

  beforeAll(async () => {
    // Receivers without addresses: nothing is to be sent.
    alertmanager = await startAlertmanager(
      await exampleWith(({ receivers }) => {
        for (const receiver of receivers) delete receiver.webhook_configs;
      }),
    );
    const alerts = CASES.flatMap(({ heard, muted }, job) =>
      [...heard, ...muted].map((text) => ({ labels: { ...labelsOf(text), job: `job-${job}` } })),
    );
    const posted = await fetch(`${alertmanager.url}/api/v2/alerts`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(alerts),
    });
    expect(posted.status).toBe(200);
    // An alert is `unprocessed` until its group is notified for the first time.
    const processed = async () => {
      const answer = await fetch(`${alertmanager.url}/api/v2/alerts`);
      const known = (await answer.json()) as { labels: Labels; status: { state: string } }[];
      states.clear();
      for (const { labels, status } of known) states.set(key(labels), status.state);
      return known.length === alerts.length && known.every(({ status }) => status.state !== 'unprocessed');
    };
    await waitUntil(processed, { what: 'every alert to be processed', everyMs: 50 });
    // The group of a muted alert may come before its source has reached the inhibitor: for a moment it is active.
    const isSettled = async () => {
      await processed();
      return CASES.every(({ muted }, job) =>
        muted.every((text) => states.get(key({ ...labelsOf(text), job: `job-${job}` })) === 'suppressed'),
      );
    };
    await waitUntil(isSettled, { what: 'every alert that a case calls muted to be suppressed', everyMs: 100 });
  });
  afterAll(async () => alertmanager?.[Symbol.asyncDispose]());

  it('has a case for every pair that the configuration names', async () => {
    const { inhibit_rules: rules } = parse(await readFile(EXAMPLE, 'utf8')) as {
      inhibit_rules: { source_matchers: string[]; target_matchers: string[] }[];
    };
    const missing = rules.flatMap(({ source_matchers, target_matchers }) =>
      namesIn(source_matchers).flatMap((source) =>
        namesIn(target_matchers).filter(
          (target) =>
            !CASES.some(
              ({ heard, muted }) =>
                [...heard, ...muted].some((text) => text.startsWith(`${source} `)) &&
                muted.some((text) => text.startsWith(`${target} `)),
            ),
        ),
      ),
    );
    expect(missing).toEqual([]);
  });

  it.each(CASES.map((one, job) => ({ ...one, job: `job-${job}` })))('$name', ({ heard, muted, job }) => {
    const stateOf = (text: string) => [text, states.get(key({ ...labelsOf(text), job }))];
    expect(heard.map(stateOf)).toEqual(heard.map((text) => [text, 'active']));
    expect(muted.map(stateOf)).toEqual(muted.map((text) => [text, 'suppressed']));
  });
});
