import { afterAll, beforeAll, expect, it } from 'vitest';
import { DEFAULT_RULE_OPTIONS } from '../../src/rules/options.ts';
import { simulatedApi, type TestSimulator } from '../support/simulated-api.ts';
import { waitUntil } from '../support/wait-until.ts';
import { AlertingRig } from './alerting-rig.ts';

const PATIENCE_MS = 150_000;
const SESSION_ALERTS = /SessionWaiting|SessionEndedItemLive|RedeliveryLoop|RunsTooShort/;

/** What each scenario must come to: one warning of the right name, or nothing. */
const EXPECTED: Readonly<Record<string, string | null>> = {
  'wedged-session': 'AnthropicWorkSessionWaiting warning',
  'awaiting-approval': 'AnthropicWorkSessionWaiting warning',
  'terminated-session': 'AnthropicWorkSessionEndedItemLive warning',
  stillborn: 'AnthropicWorkRunsTooShort warning',
  steady: null,
  deploy: null,
  saturated: null,
};

const rig = new AlertingRig();
const simulators = new Map<string, TestSimulator>();
afterAll(() => rig[Symbol.asyncDispose]());

const idOf = (scenario: string) => `env_${scenario.replaceAll('-', '_')}`;

beforeAll(async () => {
  for (const scenario of Object.keys(EXPECTED)) {
    const environments = [{ id: idOf(scenario), name: scenario }];
    simulators.set(scenario, rig.resources.use(await simulatedApi({ scenario, environments })));
  }
  await rig.start({
    connections: Object.fromEntries(
      [...simulators].map(([name, { url, apiKey }]) => [name, { base_url: url, api_key: apiKey }]),
    ),
    environments: [...simulators].flatMap(([connection, { environments }]) =>
      environments.map(({ id, name, environmentKey }) => ({ id, name, connection, environment_key: environmentKey })),
    ),
    // Real time, as the sessions of the simulator are: the wedged ones have waited for an hour.
    sessions: { after: '1m', interval: '10s' },
  });
});

it('one warning of the right name for each scenario, nothing critical, and nothing where sessions get on', {
  timeout: PATIENCE_MS + 30_000,
}, async () => {
  const told = (scenario: string) =>
    rig
      .seen('firing')
      .filter(({ group }) => group.environment_id === idOf(scenario))
      .flatMap(({ receiver, alerts }) => alerts.map((alert) => `${receiver}: ${alert}`));
  const wanted = Object.entries(EXPECTED).filter(([, alert]) => alert !== null);
  await waitUntil(() => wanted.every(([scenario]) => told(scenario).length > 0), {
    what: 'a warning for each scenario',
    timeoutMs: PATIENCE_MS,
  });
  for (const [scenario, alert] of wanted) expect([...new Set(told(scenario))], scenario).toEqual([`chat: ${alert}`]);
  for (const scenario of ['steady', 'deploy', 'saturated']) {
    expect(
      told(scenario).filter((one) => SESSION_ALERTS.test(one)),
      scenario,
    ).toEqual([]);
  }
  expect(rig.seen('firing').filter(({ group }) => group.job === DEFAULT_RULE_OPTIONS.job).length).toBeGreaterThan(0);
});
