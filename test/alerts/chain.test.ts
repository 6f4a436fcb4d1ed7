import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it } from 'vitest';
import { CONDITION_NAMES, CONDITIONS, subjectOf } from '../../src/diagnosis/conditions.ts';
import { SEVERITIES } from '../../src/domain/environment.ts';
import { ruleGroups } from '../../src/rules/render.ts';
import { DEFAULT_RULE_OPTIONS, isAlert, type RuleSet } from '../../src/rules/rule.ts';
import { LivePrometheus } from '../support/prometheus.ts';
import { quickRules } from '../support/rule-texts.ts';
import { waitUntil } from '../support/wait-until.ts';
import { exampleWith, startAlertmanager } from './alertmanager-process.ts';
import { type NotifiedAlert, Receiver } from './webhook.ts';

/** A minute of the rules. Scrapes and evaluations are each second. */
const MINUTE_MS = 1500;
const PATIENCE = { timeoutMs: 120_000, everyMs: 200 } as const;

type Phase = 'healthy' | 'in trouble' | 'one more fleet' | 'over';

const rulesOf = (job: string, set: RuleSet = 'all') => quickRules({ ...DEFAULT_RULE_OPTIONS, job, set }, MINUTE_MS);

/** The metrics of each target, `JOB/INSTANCE`; null is one that is down. */
function exposition(target: string, phase: Phase): string | null {
  const isTrouble = phase === 'in trouble' || phase === 'one more fleet';
  const [wrong, right] = isTrouble ? [1, 0] : [0, 1];
  const lines = [`anthropic_work_exporter_time_seconds ${Date.now() / 1000}`];
  switch (target) {
    case 'one/a':
      lines.push(
        ...conditionLines(phase),
        ...waitLines(isTrouble),
        'anthropic_work_exporter_shard_info{shard="0/1"} 1',
      );
      lines.push(
        'anthropic_work_exporter_config_hash 1001',
        'anthropic_work_up{environment_id="e",operation="stats"} 1',
      );
      break;
    case 'one/b':
      lines.push(...conditionLines(phase), `anthropic_work_exporter_config_hash ${1001 + wrong}`);
      lines.push(
        'anthropic_work_exporter_shards 1',
        // As every replica says: without it, two would say what one is expected to.
        'anthropic_work_exporter_shard_info{shard="0/1"} 1',
        `anthropic_work_up{environment_id="e",operation="stats"} ${right}`,
      );
      break;
    case 'two/a':
      lines.push('anthropic_work_exporter_shards 2', 'anthropic_work_exporter_shard_info{shard="0/2"} 1');
      lines.push(`anthropic_work_exporter_config_last_reload_successful ${right}`);
      lines.push(`anthropic_work_state_file_ok ${right}`);
      break;
    case 'two/b':
      lines.push('anthropic_work_exporter_shards 2');
      if (!isTrouble) lines.push('anthropic_work_exporter_shard_info{shard="1/2"} 1');
      break;
    default:
      if (isTrouble) return null;
  }
  return lines.map((line) => `${line}\n`).join('');
}

function conditionLines(phase: Phase): readonly string[] {
  const isTrouble = phase === 'in trouble' || phase === 'one more fleet';
  const all = CONDITION_NAMES.flatMap((name) => {
    const { severities } = CONDITIONS[name];
    const [metric, labels] =
      subjectOf(name) === 'environment'
        ? ['anthropic_work_condition', 'environment_id="e",environment_name="prod"']
        : ['anthropic_work_connection_condition', 'connection="c"'];
    return SEVERITIES.filter((severity) => severity in severities).map((severity) => ({
      metric: metric!,
      labels: `${labels},condition="${name}",severity="${severity}"`,
      holds: isTrouble,
    }));
  });
  const second = {
    metric: 'anthropic_work_condition',
    labels: 'environment_id="f",environment_name="second",condition="no_workers",severity="critical"',
    holds: phase === 'one more fleet',
  };
  return [...all, second].flatMap(({ metric, labels, holds }) => [
    `${metric}{${labels}} ${Number(holds)}`,
    `${metric}_recent{${labels}} ${Number(holds)}`,
  ]);
}

/** An environment whose page is about its wait alone. */
function waitLines(isLate: boolean): readonly string[] {
  return [
    `anthropic_work_queue_oldest_age_seconds{environment_id="w",environment_name="slow"} ${isLate ? 400 : 10}`,
    'anthropic_work_slo_queue_wait_target_seconds{environment_id="w",environment_name="slow"} 300',
    'anthropic_work_slo_objective_ratio{environment_id="w",environment_name="slow"} 0.999',
  ];
}

const ALL = ruleGroups(DEFAULT_RULE_OPTIONS)
  .flatMap(({ rules }) => rules.filter(isAlert))
  .map(({ alert, labels }) => `${alert} ${labels.severity}`)
  // What fires always does not begin.
  .filter((name) => !name.includes('Watchdog'));
const ONE_MORE = 'AnthropicWorkNoWorkers critical';

describe('every alert, from the metrics of the exporter to a receiver', () => {
  it('is told once when it begins, and once when it ends', async () => {
    await using stack = new AsyncDisposableStack();
    let phase: Phase = 'healthy';
    const server = createServer((request, response) => {
      const text = exposition(request.url!.slice(1), phase);
      response.statusCode = text === null ? 503 : 200;
      response.setHeader('content-type', 'text/plain; version=0.0.4');
      response.end(text ?? '');
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    stack.defer(() => {
      server.closeAllConnections();
      server.close();
    });
    const address = `127.0.0.1:${(server.address() as AddressInfo).port}`;
    const receiver = stack.use(new Receiver());
    const webhook = await receiver.listen();
    const alertmanager = stack.use(
      await startAlertmanager(
        await exampleWith(({ route, receivers }) => {
          for (const one of route.routes) Object.assign(one, { group_wait: '1s', group_interval: '1s' });
          for (const { webhook_configs: hooks = [] } of receivers) for (const hook of hooks) hook.url = webhook;
        }),
      ),
    );
    // A missing shard tells of an instance that is down: they are in different jobs.
    const targets = ['one/a', 'one/b', 'one/down', 'two/a', 'two/b', 'three/a'].map((target) => {
      const [job, instance] = target.split('/');
      return { targets: [address], labels: { job, instance, __metrics_path__: `/${target}` } };
    });
    const prometheus = stack.use(
      await LivePrometheus.start({
        scrapeConfigs: [{ job_name: 'all', static_configs: targets }],
        rules: {
          'one.yaml': rulesOf('one'),
          'two.yaml': rulesOf('two'),
          'three.yaml': rulesOf('three', 'starter'),
        },
        alertmanager: alertmanager.url,
      }),
    );
    let start = 0;
    const states = () => statesOf(receiver.told.slice(start));
    const isOver = () => [...states().values()].every((told) => told.at(-1) === 'resolved');
    const enter = async (next: Phase, what: string, isDone: () => boolean) => {
      phase = next;
      await waitUntil(isDone, { what, ...PATIENCE });
    };

    const isHealthy = async () => {
      const scraped = await prometheus.query('count_over_time(anthropic_work_exporter_time_seconds[1m]) > 3');
      const alerts = await prometheus.alerts();
      return scraped.length === 6 && alerts.every(({ labels }) => labels.severity === 'none') && isOver();
    };
    await waitUntil(isHealthy, { what: 'nothing but the watchdog', ...PATIENCE });
    // Before its first scrape, a Prometheus knows of no exporter, which so short minutes tell.
    start = receiver.told.length;
    await enter('in trouble', `all of ${ALL}`, () => ALL.every((name) => states().has(name)));
    const before = receiver.told.length;
    await enter('one more fleet', 'the page of the second fleet', () => {
      return receiver.told
        .slice(before)
        .some((alerts) => alerts.length === 1 && alerts[0]!.summary.startsWith('second: '));
    });
    await enter('over', 'all to end', isOver);

    const expected = new Map(ALL.map((name) => [name, ['firing', 'resolved']]));
    expected.set(`${ONE_MORE} f`, ['firing', 'resolved']);
    expect(states()).toEqual(expected);
  });
});

/** What was told of each alert, in order; what is told again with others of its group is no news. */
function statesOf(told: readonly (readonly NotifiedAlert[])[]): Map<string, string[]> {
  const states = new Map<string, string[]>();
  for (const { name, summary, firing } of told.flat()) {
    const key = summary.startsWith('second: ') ? `${name} f` : name;
    const state = firing ? 'firing' : 'resolved';
    const before = states.get(key) ?? [];
    if (before.at(-1) !== state) states.set(key, [...before, state]);
  }
  return states;
}
