import { readFileSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { toolPath } from '../../support/tool-path.ts';
import { LIVE_SCENARIOS, QUIET_SCENARIOS, TOLD_SCENARIOS } from './all-live-scenarios.ts';
import type { LiveScenario } from './live-scenario.ts';
import { LiveStage } from './live-stage.ts';
import { pageWithTables } from './live-table.ts';
import type { Notification } from './receiver.ts';
import { judge, newsAbout, newsOf } from './verdict.ts';

const PROGRAMS = { oldest: 'prometheus', newest: toolPath('prometheus-3') } as const;
/** After the last repair: for whatever comes late. */
const AFTER_MINUTES = 10;

const stage = new LiveStage();
afterAll(() => stage[Symbol.asyncDispose]());

beforeAll(async () => {
  await stage.start(LIVE_SCENARIOS, Object.values(PROGRAMS));
  await stage.play(AFTER_MINUTES);
  const file = process.env.ALERTING_TIMES;
  if (file !== undefined) writeFileSync(file, JSON.stringify(measured(), null, 1));
}, 420_000);

const verdict = (scenario: LiveScenario, { told }: { readonly told: readonly Notification[] }) =>
  judge(scenario, stage.truths.get(scenario)!, told, (from, to) => stage.pauses.between(from, to));

function measured() {
  return LIVE_SCENARIOS.map((scenario) => ({
    cause: scenario.cause,
    versions: stage.chains.map((chain) => verdict(scenario, chain)),
  }));
}

describe.each(Object.keys(PROGRAMS).map((version, index) => ({ version, index })))(
  'with the $version Prometheus',
  ({ index }) => {
    it.each(LIVE_SCENARIOS)('$cause is told once, by its cause, and not after its end', (scenario) => {
      const { faults } = verdict(scenario, stage.chains[index]!);
      expect(faults).toEqual([]);
    });

    it('nothing is told that belongs to no scenario', () => {
      const { told } = stage.chains[index]!;
      const own = LIVE_SCENARIOS.flatMap((scenario) => newsAbout(scenario, told).begun);
      const isOwn = ({ name, at }: { name: string; at: number }) =>
        own.some((one) => one.name === name && one.at === at);
      expect(newsOf(told).begun.filter((one) => !isOwn(one))).toEqual([]);
    });
  },
);

it("the dead man's switch is told of every job every minute, also while its exporter is gone", () => {
  const minutes = (stage.playedTo - stage.playedFrom) / 60_000;
  for (const chain of stage.chains) {
    for (const job of new Set(LIVE_SCENARIOS.map(({ exporter }) => exporter))) {
      // A busy machine may lose some; with a `repeat_interval` of a minute it would be every second one.
      expect(chain.watchdogs(job), job).toBeGreaterThan(0.6 * minutes);
    }
  }
});

it('docs/alerting.md says what was tried and told', async () => {
  const path = '../../../docs/alerting.md';
  const counts = (scenario: LiveScenario) => {
    const told = stage.chains.map((chain) => newsAbout(scenario, chain.told).begun);
    const most = (severity: string) =>
      Math.max(...told.map((news) => news.filter(({ name }) => name.endsWith(severity)).length));
    return { pages: most('critical'), tickets: most('warning') };
  };
  const page = readFileSync(new URL(path, import.meta.url), 'utf8');
  await expect(pageWithTables(page, TOLD_SCENARIOS, QUIET_SCENARIOS, counts)).toMatchFileSnapshot(path);
});
