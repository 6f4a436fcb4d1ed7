import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parser } from '@prometheus-io/lezer-promql';
import { describe, expect, it } from 'vitest';
import { FAILURE_REASONS } from '../../src/domain/failure.ts';
import { WORK_STATES } from '../../src/domain/work.ts';
import { CATALOGUE, METRIC_NAMES } from '../../src/metrics/catalogue/catalogue.ts';
import { ALERT_NAMES, ALERTS, type AlertName } from '../../src/rules/alert-names.ts';
import { DEFAULT_RULE_OPTIONS } from '../../src/rules/options.ts';
import { isAlert } from '../../src/rules/rule.ts';
import { ruleGroups } from '../../src/rules/rule-groups.ts';
import { describeSeries } from '../support/series-descriptions.ts';

const FOLDER = fileURLToPath(new URL('../../alerts/runbooks/', import.meta.url));
const HEADINGS = [
  'Meaning',
  'Impact',
  'Severity and response',
  'Diagnosis',
  'Mitigation',
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

/** The events that the source logs. */
function logEvents(): string[] {
  const source = fileURLToPath(new URL('../../src/', import.meta.url));
  const files = readdirSync(source, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'));
  return files.flatMap((file) =>
    [...readFileSync(`${source}${file}`, 'utf8').matchAll(/\bevent: '([a-z_.]+)'/g)].map((match) => match[1]!),
  );
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
    'worst_items',
    'event_ids',
    'evaluated_permission',
    'ask',
    'allow',
    'session_status',
    'session_since',
    'deliveries',
  ],
  // The API's and the exporter's own answers, and Prometheus' options.
  ...['workers_polling', 'request_id', 'recent_failures', 'wanted_workers', 'config.type', 'queue_pending', 'api_key'],
  ...Object.values(CATALOGUE).flatMap(({ values }) => Object.values(values ?? {}).flat()),
  ...logEvents(),
  'scrape_timeout',
]);

describe('runbooks', () => {
  it('are one page per alert, and an index of all', () => {
    expect(readdirSync(FOLDER).toSorted()).toEqual(
      [...ALERT_NAMES.map((name) => `${name}.md`), 'README.md'].toSorted(),
    );
    const index = page('README');
    for (const name of ALERT_NAMES) expect(index).toContain(`[${name}](${name}.md)`);
  });

  it('index them in the words of the alerts', () => {
    for (const name of ALERT_NAMES)
      expect(page('README')).toContain(`| [${name}](${name}.md) | ${ALERTS[name].says} |`);
  });

  describe.each(ALERT_NAMES)('%s', (name: AlertName) => {
    const text = page(name);
    const queries = [...text.matchAll(/```promql\n([\s\S]*?)```/g)].flatMap((match) =>
      match[1]!.split('\n').filter((line) => line.trim() !== ''),
    );

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
