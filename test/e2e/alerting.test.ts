import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DEFAULT_RULE_OPTIONS } from '../../src/rules/options.ts';
import { simulatedApi, type TestSimulator } from '../support/simulated-api.ts';
import { waitUntil } from '../support/wait-until.ts';
import { AlertingRig, type Notification } from './alerting-rig.ts';

/** For each half of the test; the slowest alert outlives its cause by ten minutes, scaled, and waits for its group. */
const PATIENCE_MS = 75_000;

const DESERTED = { id: 'env_deserted', name: 'deserted' };
const SILENT = { id: 'env_silent', name: 'silent' };
const UNREACHABLE = ['env_one', 'env_two', 'env_three'].map((id) => ({ id, name: id }));

const rig = new AlertingRig();
const simulators = new Map<string, TestSimulator>();
afterAll(() => rig[Symbol.asyncDispose]());

/** One connection per simulator. */
function configuration() {
  const all = [...simulators];
  return {
    connections: Object.fromEntries(
      all.map(([name, { url, apiKey }]) => [name, { base_url: url, api_key: apiKey, requests_per_minute: 10_000 }]),
    ),
    environments: all.flatMap(([connection, simulator]) =>
      simulator.environments.map(({ id, name, environmentKey }) => ({
        id,
        name,
        connection,
        environment_key: environmentKey,
      })),
    ),
    // Not scaled: these are about what the simulated workers do in real time, who heartbeat every half minute.
    thresholds: { queue_age: { warning: '90s', critical: 'never' }, stale_heartbeat: '45s' },
    slo: { queue_wait_target: 'never' },
  };
}

beforeAll(async () => {
  const simulate = async (name: string, scenario: string, environments: readonly { id: string; name: string }[]) =>
    simulators.set(name, rig.resources.use(await simulatedApi({ scenario, environments })));
  await simulate('deserted', 'no-workers', [DESERTED]);
  await simulate('silent', 'stale-heartbeats', [SILENT]);
  await simulate('unreachable', 'api-down', UNREACHABLE);
  await rig.start(configuration());
});

const job = DEFAULT_RULE_OPTIONS.job;
const EXPECTED: readonly Omit<Notification, 'status'>[] = [
  { receiver: 'chat', group: { job, environment_id: SILENT.id }, alerts: ['AnthropicWorkStaleHeartbeats warning'] },
  { receiver: 'pager', group: { job, environment_id: DESERTED.id }, alerts: ['AnthropicWorkNoWorkers critical'] },
  {
    receiver: 'pager',
    group: { job, connection: 'unreachable' },
    alerts: ['AnthropicWorkApiUnreachable critical'],
  },
];

const deadMansSwitch = () => rig.received.filter(({ receiver }) => receiver === 'dead-mans-switch').length;
const keyOf = ({ receiver, status, group, alerts }: Notification) => JSON.stringify([receiver, status, group, alerts]);
const sorted = (notifications: readonly Notification[]) =>
  notifications.toSorted((a, b) => keyOf(a).localeCompare(keyOf(b)));

describe('simulator, exporter, Prometheus, Alertmanager, webhook', () => {
  it('deliver one notification per cause, and one when it is over', { timeout: 2 * PATIENCE_MS + 10_000 }, async () => {
    await waitUntil(() => rig.seen('firing').length >= EXPECTED.length, {
      what: 'three notifications',
      timeoutMs: PATIENCE_MS,
    });
    // The pages that the outage mutes are due a minute, scaled, after it; the dead-man's switch is told once a minute.
    const before = deadMansSwitch();
    await waitUntil(() => deadMansSwitch() >= before + 4, { what: 'three minutes to pass', timeoutMs: PATIENCE_MS });
    const firing = EXPECTED.map((one) => ({ ...one, status: 'firing' }));
    expect(sorted(rig.pages())).toEqual(sorted(firing));

    for (const simulator of simulators.values()) simulator.setScenario('steady');
    await waitUntil(() => rig.seen('resolved').length >= EXPECTED.length, {
      what: 'the ends of all',
      timeoutMs: PATIENCE_MS,
    });
    const resolved = EXPECTED.map((one) => ({ ...one, status: 'resolved' }));
    expect(sorted(rig.pages())).toEqual(sorted([...firing, ...resolved]));

    // All the while the dead-man's switch was told that everything works.
    expect(deadMansSwitch()).toBeGreaterThan(3);
  });
});
