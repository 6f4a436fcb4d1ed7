import { expect, it } from 'vitest';
import { environmentView, summaryOf } from '../../../src/server/page/attention.ts';
import type { EnvironmentState } from '../../../src/state/environment-state.ts';
import { buildEnvironment, buildOperation, buildState, NOW, untriedOperation } from '../../support/states.ts';

function view(change: Partial<EnvironmentState>) {
  return environmentView(buildState('env_1', change), { now: NOW, skewMs: 0 });
}

const NO_KEY = {
  operations: { stats: buildOperation({ attempted: false }), list: buildOperation({ attempted: false }) },
  queue: null,
  items: null,
};

it.each([
  ['discovery', /file named env_1 in discovery.environment_keys_dir/],
  ['config', /environment_key_file of env_1, or api_key_file of connection default/],
] as const)('an environment of %s without a key is the headline, with what to do', (source, remedy) => {
  const { json, issues } = view({ ...NO_KEY, environment: buildEnvironment('env_1', { name: 'prod', source }) });
  expect(json.status).toBe('misconfigured');
  expect(issues).toMatchObject([{ text: 'no key: nothing is read of this environment', remedy: expect.anything() }]);
  expect(issues[0]!.remedy).toMatch(remedy);
});

it('a paused connection is the headline, and says until when', () => {
  const paused = view({ pausedUntil: NOW + 60_000 });
  const until = new Date(NOW + 60_000).toISOString();
  expect(paused.json.status).toBe('degraded');
  expect(paused.json.operations.stats.next_attempt_at).toBe(until);
  expect(summaryOf([paused])).toContain(`nothing is read until ${until}: the API answered 429 to its connection`);
});

it('a pause before the first read makes blind, and does not speak of old answers', () => {
  const operations = { stats: untriedOperation(), list: untriedOperation() };
  const { json, issues } = view({ pausedUntil: NOW + 60_000, operations, queue: null, items: null });
  expect(json.status).toBe('blind');
  expect(issues).toHaveLength(1);
});
