import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { alertOf, CONDITION_NAMES } from '../../src/diagnosis/conditions.ts';
import { ALERT_NAMES } from '../support/alert-names.ts';
import { ROOT } from '../support/processes.ts';
import { FIRST_SIGHTS } from './runbooks/first-sights.ts';
import { RunbookReader } from './runbooks/reader.ts';
import { placeholdersIn, type Replacements, runbookText, type Step, stepsOf } from './runbooks/runbook-steps.ts';
import { MAIN, REPLICA, TroubledExporters } from './runbooks/troubled-exporters.ts';
import { idOf } from './runbooks/troubled-world.ts';
import { WORKER_LOG_LINES } from './runbooks/worker-log-lines.ts';

let exporters: TroubledExporters;
let reader: RunbookReader;

beforeAll(async () => {
  exporters = await TroubledExporters.start();
  reader = await RunbookReader.start(exporters);
}, 600_000);
afterAll(async () => {
  await reader?.[Symbol.asyncDispose]();
  await exporters?.[Symbol.asyncDispose]();
});

/** Exit codes that say what the step was about: a refused key, a bad configuration, nobody there, no such folder, no cluster. */
const TELLING: readonly (readonly [RegExp, readonly number[]])[] = [
  [/^anthropic-work-exporter check /, [2, 4]],
  [/^curl .*\/-\/healthy$/, [7]],
  [/^df /, [1, 2]],
  [/^kubectl /, [1]],
];

/** What the reader of this runbook puts in the place of the words in capitals. */
async function replacementsOf(alert: string): Promise<Replacements> {
  const { environment } = FIRST_SIGHTS[alert]!;
  const rest: Replacements = {
    ...reader.common,
    ...(alert === 'AnthropicWorkExporterAbsent' ? { EXPORTER: exporters.nowhere } : {}),
    ...(alert === 'AnthropicWorkReplicaBlind' ? { EXPORTER: exporters.urls[REPLICA] } : {}),
    FILE: exporters.file(
      { AnthropicWorkExporterConfigReloadFailed: `${REPLICA}.yaml`, AnthropicWorkCoverageReduced: `${MAIN}.yaml` }[
        alert
      ] ?? 'checked.yaml',
    ),
    STATE_FILE: exporters.file('state/exporter.json'),
  };
  if (environment === undefined) return rest;
  const [worst] = await worstItems(idOf(environment));
  return { ENV: idOf(environment), ...rest, WORK_ID: worst?.id ?? 'sesn_none', SESSION: worst?.id ?? 'sesn_none' };
}

interface Conditions {
  readonly conditions: readonly {
    readonly alert: string;
    readonly state: string;
    readonly connection: string | null;
  }[];
}

async function worstItems(id: string): Promise<readonly { readonly id: string }[]> {
  return (await ask<{ worst_items: { id: string }[] }>(`/${id}`)).worst_items;
}

async function ask<T>(path: string): Promise<T> {
  return (await (await fetch(`${exporters.urls[MAIN]}/api/v1/environments${path}`)).json()) as T;
}

async function mustRun(step: Step): Promise<string> {
  expect(placeholdersIn(step.lines.join('\n')), 'a word that the alert does not fill').toEqual([]);
  const { code, text } = await reader.run(step);
  const [, telling = []] = TELLING.find(([pattern]) => pattern.test(step.lines[0]!)) ?? [];
  expect([0, ...telling], `${step.lines.join('\n')}\n${text}`).toContain(code);
  return text;
}

it.each(CONDITION_NAMES.map(alertOf))('there is what %s is about', async (alert) => {
  const { environment, connection = null } = FIRST_SIGHTS[alert]!;
  const { conditions } = await ask<Conditions>(environment === undefined ? '' : `/${idOf(environment)}`);
  const firing = conditions.filter((one) => one.state === 'firing' && one.connection === connection);
  expect(firing.map((one) => one.alert)).toContain(alert);
});

describe.each(ALERT_NAMES)('%s', (alert) => {
  it('shows the trouble in its first step, and every further step runs', async () => {
    const [first, ...others] = stepsOf(runbookText(alert), 'Diagnosis', await replacementsOf(alert));
    expect(await mustRun(first!)).toMatch(FIRST_SIGHTS[alert]!.shows);
    for (const step of others) await mustRun(step);
  });
});

/** After all that only looks. */
describe.each(ALERT_NAMES.filter((alert) => stepsOf(runbookText(alert), 'Mitigation').length > 0))('%s', (alert) => {
  it('has remedies that the API takes', async () => {
    for (const step of stepsOf(runbookText(alert), 'Mitigation', await replacementsOf(alert))) {
      const text = await mustRun(step);
      expect(text, step.lines[0]).not.toMatch(/error/);
      if (step.lines[0]!.includes('/stop')) expect(text, step.lines[0]).toMatch(/"(stopped|stopping)"/);
    }
  });
});

describe('the logs of the official workers', () => {
  const searches = ALERT_NAMES.flatMap((alert) =>
    stepsOf(runbookText(alert), 'Diagnosis').flatMap(({ lines: [command] }) => {
      const pattern = /^grep -hE '(.*)' WORKER_LOG$/.exec(command!)?.[1];
      return pattern === undefined ? [] : [{ alert, pattern }];
    }),
  );

  it('are searched by most runbooks about workers', () => {
    expect(searches.length).toBeGreaterThan(12);
  });

  it.each(searches)('are searched for an event in all languages: $alert', ({ pattern }) => {
    const search = new RegExp(pattern);
    for (const line of WORKER_LOG_LINES) {
      const found = Object.values(line).map((text) => search.test(text));
      expect(new Set(found).size, `${pattern}: ${JSON.stringify(line)}`).toBe(1);
    }
    for (const part of pattern.split('|'))
      expect(WORKER_LOG_LINES.flatMap((line) => Object.values(line)).join('\n')).toContain(part);
  });

  it('have the lines of the table: those of JavaScript as they are installed', () => {
    const sdk = join(ROOT, 'node_modules/@anthropic-ai/sdk');
    const javascript = ['lib/environments/poller.mjs', 'lib/environments/worker.mjs', 'lib/tools/SessionToolRunner.mjs']
      .map((file) => readFileSync(join(sdk, file), 'utf8'))
      .join('\n');
    for (const line of WORKER_LOG_LINES) expect(javascript).toContain(line.javascript);
  });
});
