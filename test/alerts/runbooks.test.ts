import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parser } from '@prometheus-io/lezer-promql';
import { describe, expect, it } from 'vitest';
import { FAILURE_REASONS } from '../../src/domain/failure.ts';
import { WORK_STATES } from '../../src/domain/work.ts';
import { CATALOGUE, METRIC_NAMES, type MetricName } from '../../src/metrics/catalogue/catalogue.ts';
import { ALERT_NAMES, ALERTS, type AlertName } from '../../src/rules/parts/alert-names.ts';
import { DEFAULT_RULE_OPTIONS } from '../../src/rules/parts/options.ts';
import { isAlert } from '../../src/rules/parts/rule.ts';
import { ruleGroups } from '../../src/rules/rule-groups.ts';
import { blocksOf, pageOf } from '../docs/pages.ts';
import { describeSeries } from '../support/series-descriptions.ts';
import { PLACEHOLDERS, placeholdersIn, stepsOf } from './runbooks/runbook-steps.ts';

const FOLDER = fileURLToPath(new URL('../../alerts/runbooks/', import.meta.url));
const HEADINGS = [
  'Meaning',
  'Impact',
  'Severity and response',
  'Diagnosis',
  'Mitigation',
  'When it is over',
  'False alarms and tuning',
  'Related alerts',
  'Escalation',
];
const rules = ruleGroups(DEFAULT_RULE_OPTIONS).flatMap((group) => group.rules);
const page = (name: string) => readFileSync(`${FOLDER}${name}.md`, 'utf8');

/** Series of Prometheus, Alertmanager and prom-client that a runbook may look at. */
const FOREIGN_SERIES = [
  'up',
  'ALERTS',
  'scrape_duration_seconds',
  'process_start_time_seconds',
  'process_resident_memory_bytes',
  'prometheus_notifications_alertmanagers_discovered',
  'prometheus_notifications_errors_total',
  'alertmanager_notifications_failed_total',
];
const series = new Set<string>([
  ...describeSeries().map((one) => one.series),
  ...rules.flatMap((rule) => (isAlert(rule) ? [] : [rule.record])),
  ...FOREIGN_SERIES,
]);

const schema: unknown = JSON.parse(
  readFileSync(new URL('../../docs/configuration.schema.json', import.meta.url), 'utf8'),
);

/** Every option path of the schema, and every tail of one: `queue_age.warning` inside of an environment is one too. */
function optionPaths(node: unknown, path: readonly string[] = []): readonly string[] {
  if (typeof node !== 'object' || node === null) return [];
  if (Array.isArray(node)) return node.flatMap((one) => optionPaths(one, path));
  return Object.entries(node).flatMap(([key, value]) => {
    if (key !== 'properties' || typeof value !== 'object' || value === null) return optionPaths(value, path);
    return Object.entries(value).flatMap(([name, option]) => [
      ...[...path, name].map((_one, from, all) => all.slice(from).join('.')),
      ...optionPaths(option, [...path, name]),
    ]);
  });
}

/** What the API answers to a request that it does not take. */
const REFUSAL = JSON.stringify({ type: 'error', error: { type: 'authentication_error', message: 'refused' } });

const NUMBERS = ['none', 'one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine', 'ten'];

/** A `keep_firing_for` as the runbooks write it. */
function inWords(duration: string): string {
  const [, number, unit] = /^(\d+)([mh])$/.exec(duration)!;
  const one = unit === 'h' ? 'an hour' : 'a minute';
  return number === '1' ? one : `${NUMBERS[Number(number)]} minutes`;
}

/** The events that the source logs. */
function logEvents(): string[] {
  const source = fileURLToPath(new URL('../../src/', import.meta.url));
  const files = readdirSync(source, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'));
  return files.flatMap((file) =>
    [...readFileSync(`${source}${file}`, 'utf8').matchAll(/\bevent: '([a-z_.]+)'/g)].map((match) => match[1]!),
  );
}

/** All keys of a JSON document. docs/reference.md shows an environment, held to what the server answers. */
function keysOf(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => [key, ...keysOf(inner)]);
}

const labels = METRIC_NAMES.flatMap((name) => CATALOGUE[name].labels);
const words = new Set<string>([
  ...optionPaths(schema),
  ...series,
  ...labels,
  ...FAILURE_REASONS,
  ...WORK_STATES,
  ...[
    'never',
    'owner',
    'instance',
    'job',
    'coverage',
    'told_by',
    'environments',
    'items',
    'intervals',
    'ages',
    'reason',
    'no_key',
    'expires',
    'user.interrupt',
    'user.tool_confirmation',
    'agent.tool_use',
    'session.status_idle',
    'event_ids',
    'evaluated_permission',
    'ask',
    'allow',
    'self_hosted',
  ],
  // The API's and the exporter's own answers, and Prometheus' options.
  ...['wanted_workers', 'config.type', 'queue_pending', 'api_key'],
  ...keysOf(JSON.parse(blocksOf(pageOf('docs/reference.md')).find(({ language }) => language === 'json')!.text)),
  ...Object.values(CATALOGUE).flatMap(({ values }) => Object.values(values ?? {}).flat()),
  ...logEvents(),
  ...['scrape_timeout', 'metric_relabel_configs'],
]);

/** What every fault against every read leads to: the reason that the exporter shows, and the alerts. */
const FAULT_ROWS = pageOf('docs/reliability.md')
  .text.split('\n')
  .map((line) => line.split('|').map((cell) => cell.trim()))
  .filter((cells) => cells.length === 10);

describe('runbooks', () => {
  it.each<AlertName>([
    'AnthropicWorkEnvironmentNotVisible',
    'AnthropicWorkApiUnreachable',
    'AnthropicWorkItemsNotVisible',
  ])('of %s says what to do about each reason with which the alert fires', (name) => {
    const short = new RegExp(`\\b${name.replace('AnthropicWork', '')}\\b`);
    const reasons = FAULT_ROWS.filter((cells) => short.test(cells[8]!)).flatMap(
      (cells) => cells[7]!.match(/\w+/g) ?? [],
    );
    expect(reasons).toEqual(expect.arrayContaining(['network', 'timeout', 'server_error']));
    const [, mitigation] = /^## Mitigation\n([\s\S]*?)^## /m.exec(page(name))!;
    const untold = reasons.filter((reason) => !mitigation!.includes(`\`${reason}\``));
    expect([...new Set(untold)]).toEqual([]);
  });

  it('are one page per alert, and an index of all', () => {
    expect(readdirSync(FOLDER).toSorted()).toEqual(
      [...ALERT_NAMES.map((name) => `${name}.md`), 'README.md'].toSorted(),
    );
    const index = page('README');
    for (const name of ALERT_NAMES) expect(index).toContain(`[${name}](${name}.md)`);
  });

  it('index them in the words of the alerts', () => {
    for (const name of ALERT_NAMES)
      expect(page('README')).toContain(`| [${name}](${name}.md) | ${ALERTS[name].meaning} |`);
  });

  describe.each(ALERT_NAMES)('%s', (name: AlertName) => {
    const text = page(name);
    const queries = stepsOf(text, 'Diagnosis').flatMap(({ language, lines }) => (language === 'promql' ? lines : []));

    it('has the title and the sections of the template, each with text', () => {
      expect(text.startsWith(`# ${name}\n\nCovers: `)).toBe(true);
      expect([...text.matchAll(/^## (.*)$/gm)].map((match) => match[1])).toEqual(HEADINGS);
      for (const section of text.split(/^## .*$/m).slice(1)) expect(section.trim()).not.toBe('');
    });

    it('covers every severity of the alert', () => {
      const covers = /^Covers: (.*)$/m.exec(text)?.[1];
      for (const rule of rules.filter(isAlert)) {
        if (rule.alert === name) expect(covers).toContain(rule.labels.severity);
      }
    });

    it('says when it is over: for how long it is kept after its cause, or that it is not', () => {
      const [over = ''] = text.split('\n## When it is over\n')[1]?.split('\n## ') ?? [];
      const kept = rules.flatMap((rule) => (isAlert(rule) && rule.alert === name ? (rule.keepFiringFor ?? []) : []));
      expect(over).not.toBe('');
      for (const duration of kept) expect(over).toContain(inWords(duration));
      if (kept.length === 0) expect(over).not.toMatch(/minutes? later/);
    });

    it('asks only what PromQL understands, of series that exist', () => {
      for (const query of queries) {
        parser.parse(query).iterate({
          enter: (node) => {
            expect(node.type.isError, query).toBe(false);
            if (node.name !== 'VectorSelector') return;
            const selector = query.slice(node.from, node.to);
            expect(series, query).toContain(/^[\w:]+/.exec(selector)?.[0]);
          },
        });
      }
    });

    it('counts an environment once, however many replicas watch it', () => {
      for (const query of queries) {
        const added = [...query.matchAll(/\bsum(?: by \([^)]*\))? \((anthropic_work_\w+)/g)].map(
          ([, metric]) => metric,
        );
        expect(
          added.filter((metric) => CATALOGUE[metric as MetricName].type === 'gauge'),
          query,
        ).toEqual([]);
      }
    });

    it('does not take an error for an answer', () => {
      const asks = [...stepsOf(text, 'Diagnosis'), ...stepsOf(text, 'Mitigation')].flatMap(({ lines: [command] }) => {
        const [, request, filter] = /^(curl .*?) *\| jq (.*)$/.exec(command!.replaceAll(/\\\n */g, '')) ?? [];
        return request === undefined || filter === '.' ? [] : [{ request, filter: filter!.replaceAll("'", '') }];
      });
      for (const { request, filter } of asks) {
        if (request.includes(' EXPORTER/')) expect(request).toMatch(/^curl -fsS /);
        else {
          const { stdout, status } = spawnSync('jq', [filter], { input: REFUSAL, encoding: 'utf8' });
          expect(status === 0 ? stdout : 'refused', filter).toContain('refused');
        }
      }
    });

    it('says what to put for each word in capitals of its commands, and for no other', () => {
      const steps = [...stepsOf(text, 'Diagnosis'), ...stepsOf(text, 'Mitigation')];
      const used = placeholdersIn(steps.flatMap(({ lines }) => lines).join('\n'));
      const [, told = ''] = /^Replace (.*)\.$/m.exec(text) ?? [];
      const said = told === '' ? [] : told.split(/, (?=`)| and (?=`)/);
      expect(said.toSorted()).toEqual(used.map((word) => `\`${word}\` ${PLACEHOLDERS[word]}`).toSorted());
    });

    it('looks for the job and the pod that the reader has, not for those of an example', () => {
      expect(text).not.toMatch(/job="(?!JOB")/);
      expect(text).not.toMatch(/kubectl (logs|exec|describe pod)(?!( --previous)? --namespace NAMESPACE POD)/);
    });

    it('sends whole commands: with a configuration where one is read, and as JSON that a person can read', () => {
      const commands = [...stepsOf(text, 'Diagnosis'), ...stepsOf(text, 'Mitigation')].flatMap((step) =>
        step.language === 'sh' ? step.lines : [],
      );
      for (const command of commands) {
        if (command.startsWith('anthropic-work-exporter')) expect(command).toContain('--config FILE');
        if (/EXPORTER\/api|API\/v1.*\bGET|API\/v1\/environments/.test(command)) expect(command).toContain('| jq ');
      }
      // No request in words only, such as POST /v1/environments.
      expect(text.replaceAll(/```[\s\S]*?```/g, '')).not.toMatch(/POST \/v1/);
    });

    it('shows times as durations or dates, never as seconds since 1970', () => {
      for (const query of queries) {
        const stamps = query.match(/\w+_timestamp_seconds|process_start_time_seconds/g) ?? [];
        const told = query.match(/changes\(|time\(\) - |- time\(\)/g) ?? [];
        expect(told.length, query).toBeGreaterThanOrEqual(stamps.length);
      }
    });

    it('names only metrics, options, states and log events that exist', () => {
      const prose = text.replaceAll(/```[\s\S]*?```/g, '');
      const named = [...prose.matchAll(/`([a-z][a-z_]*(?:\.[a-z_]+)*)`/g)].map((match) => match[1]!);
      expect(named.filter((word) => !word.endsWith('_') && !words.has(word))).toEqual([]);
      const metrics = text.match(/(?<!:)\banthropic_work_[a-z_]+[a-z]\b/g) ?? [];
      expect(metrics.filter((metric) => !series.has(metric) && metric !== 'anthropic_work_threshold')).toEqual([]);
    });

    it('names only alerts that exist, and its links resolve', () => {
      const alerts = text.match(/\bAnthropicWork[A-Za-z]+/g) ?? [];
      expect(alerts.filter((alert) => !(ALERT_NAMES as readonly string[]).includes(alert))).toEqual([]);
      for (const [, target] of text.matchAll(/\]\((?!https?:)([^)#]+)\)/g)) {
        expect(existsSync(resolve(FOLDER, target!)), target).toBe(true);
      }
    });
  });
});
