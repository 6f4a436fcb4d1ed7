import { describe, expect, it } from 'vitest';
import { DURATION_BUCKETS, emptyHistogram, observe } from '../../src/domain/histogram.ts';
import { Exposition } from '../../src/metrics/exposition.ts';
import { MemoryStateStore } from '../../src/state/environment-state.ts';
import { parseExposition } from '../support/exposition-parser.ts';
import { countedTotals, expositionOf, samplesOf, selfMetrics } from '../support/expositions.ts';
import { buildEnvironment, buildOperation, buildState, buildStats, NOW, untriedOperation } from '../support/states.ts';

const exemplar = { labels: { work_id: 'work_1' }, value: 3.5, timestampSeconds: NOW / 1000 };
const wait = observe(emptyHistogram(DURATION_BUCKETS), 3.5, exemplar);
const withExemplars = buildState('env_1', {
  environment: buildEnvironment('env_1', { exemplars: true }),
  ledger: countedTotals({ wait }),
});

function withStore() {
  const states = new MemoryStateStore();
  const exposition = new Exposition({
    states,
    self: selfMetrics(),
    clock: { now: () => NOW },
    skewMs: () => 0,
    pausedUntil: () => null,
  });
  const text = async (format: 'prometheus' | 'openmetrics' = 'prometheus') =>
    Buffer.concat(await exposition.render(format)).toString();
  return { states, exposition, text };
}

describe('exact text', () => {
  const nasty = buildState('env_1', {
    environment: buildEnvironment('env_1', { name: 'a "b"\\\n', labels: { team: 'x' } }),
    operations: { stats: buildOperation(), list: untriedOperation({ attempted: false }) },
    queue: { observedAt: NOW - 5000, stats: buildStats({ workersPolling: null }) },
    items: null,
  });
  const plain = buildState('env_2', { queue: null, items: null });
  const E1 = 'environment_id="env_1",environment_name="a \\"b\\"\\\\\\n"';
  const E2 = 'environment_id="env_2",environment_name="2"';

  async function excerpt(format: 'prometheus' | 'openmetrics'): Promise<string> {
    const wanted = /environment_labels|queue_depth|oldest_age|workers_polling|_requests/;
    const lines = (await expositionOf([nasty, plain], { format })).split('\n');
    return lines.filter((line) => wanted.test(line) && !/threshold/.test(line)).join('\n');
  }

  it('the exact text of an exposition in the format 0.0.4', async () => {
    expect(await excerpt('prometheus')).toBe(
      `# HELP anthropic_work_environment_labels Info metric: the labels configured for an environment, for joins.
# TYPE anthropic_work_environment_labels gauge
anthropic_work_environment_labels{${E1},label_team="x"} 1
anthropic_work_environment_labels{${E2},label_team=""} 1
# HELP anthropic_work_queue_depth Items waiting to be claimed, as of the last poll.
# TYPE anthropic_work_queue_depth gauge
anthropic_work_queue_depth{${E1}} 3
# HELP anthropic_work_queue_oldest_age_seconds Age of the oldest waiting or pending item at the time of the scrape, 0 when the queue was empty at the last poll.
# TYPE anthropic_work_queue_oldest_age_seconds gauge
anthropic_work_queue_oldest_age_seconds{${E1}} 12.4
# HELP anthropic_work_api_requests_total Requests the exporter sent for this environment, retries, pages and single reads included.
# TYPE anthropic_work_api_requests_total counter
anthropic_work_api_requests_total{${E1},operation="stats"} 4
anthropic_work_api_requests_total{${E2},operation="stats"} 4
anthropic_work_api_requests_total{${E2},operation="list"} 4`,
    );
  });

  it('in OpenMetrics: other heads, the same series', async () => {
    expect(await excerpt('openmetrics')).toBe(
      `# TYPE anthropic_work_environment_labels gauge
# HELP anthropic_work_environment_labels Info metric: the labels configured for an environment, for joins.
anthropic_work_environment_labels{${E1},label_team="x"} 1
anthropic_work_environment_labels{${E2},label_team=""} 1
# TYPE anthropic_work_queue_depth gauge
# HELP anthropic_work_queue_depth Items waiting to be claimed, as of the last poll.
anthropic_work_queue_depth{${E1}} 3
# TYPE anthropic_work_queue_oldest_age_seconds gauge
# UNIT anthropic_work_queue_oldest_age_seconds seconds
# HELP anthropic_work_queue_oldest_age_seconds Age of the oldest waiting or pending item at the time of the scrape, 0 when the queue was empty at the last poll.
anthropic_work_queue_oldest_age_seconds{${E1}} 12.4
# TYPE anthropic_work_api_requests counter
# HELP anthropic_work_api_requests Requests the exporter sent for this environment, retries, pages and single reads included.
anthropic_work_api_requests_total{${E1},operation="stats"} 4
anthropic_work_api_requests_total{${E2},operation="stats"} 4
anthropic_work_api_requests_total{${E2},operation="list"} 4`,
    );
  });
});

describe('the two formats', () => {
  const samples = (text: string) => text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));

  it('have the same series and values; exemplars are in OpenMetrics only', async () => {
    const old = await expositionOf([withExemplars]);
    const open = await expositionOf([withExemplars], { format: 'openmetrics' });
    const stamp = ` # {work_id="work_1"} 3.5 ${NOW / 1000}`;
    expect(open.split(stamp)).toHaveLength(2);
    expect(samples(open.replace(stamp, ''))).toEqual(samples(old));
    expect(open.endsWith('\n# EOF\n')).toBe(true);
  });

  it('leave exemplars out where the environment did not ask for them', async () => {
    const state = { ...withExemplars, environment: buildEnvironment('env_1') };
    expect(await expositionOf([state], { format: 'openmetrics' })).not.toContain('work_id');
  });
});

describe('from scrape to scrape', () => {
  it('forgets a removed environment, and its label keys', async () => {
    const { states, text } = withStore();
    const labelled = buildEnvironment('env_2', { labels: { team: 'x' } });
    states.replaceAll([buildState('env_1'), buildState('env_2', { environment: labelled })]);
    expect(await text()).toContain('label_team=""');
    states.replaceAll([buildState('env_1')]);
    expect(await text()).not.toMatch(/env_2|label_team/);
    states.replaceAll([]);
    expect(await text()).not.toContain('environment_id');
  });
});

describe('a single environment', () => {
  const list = untriedOperation({ attempted: false });
  const state = buildState('env_1', { operations: { stats: buildOperation(), list }, items: null });

  it('has its own series and those of the probe', () => {
    const { states, exposition } = withStore();
    states.replaceAll([state, buildState('env_2')]);
    const result = { success: true, durationSeconds: 0.25 };
    const probed = Buffer.concat(exposition.renderProbe('env_1', result, 'openmetrics')!).toString();
    const families = parseExposition(probed, 'openmetrics');
    const shown = families.flatMap(({ samples }) => samples.map(({ labels }) => labels.environment_id ?? ''));
    expect(new Set(shown)).toEqual(new Set(['env_1', '']));
    expect(probed).toContain('anthropic_work_queue_depth{environment_id="env_1",environment_name="1"} 3\n');
    expect(probed).toContain('anthropic_work_list_attempted{environment_id="env_1",environment_name="1"} 0\n');
    expect(probed).toContain('\nprobe_success 1\n');
    expect(probed).toContain('\nprobe_duration_seconds 0.25\n# EOF\n');
  });

  it('is null when it is not watched', () => {
    const result = { success: true, durationSeconds: 0.25 };
    expect(withStore().exposition.renderProbe('env_9', result, 'prometheus')).toBeNull();
  });
});

it('never confuses a key that every object answers to with a label', async () => {
  const labels = { constructor: 'x' };
  const states = [buildState('env_1', { environment: buildEnvironment('env_1', { labels }) }), buildState('env_2')];
  const samples = await samplesOf('anthropic_work_environment_labels', states);
  expect(samples.map(({ labels }) => labels.label_constructor)).toEqual(['x', '']);
});
