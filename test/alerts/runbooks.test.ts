import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parser } from '@prometheus-io/lezer-promql';
import { describe, expect, it } from 'vitest';
import { CATALOGUE, type MetricName } from '../../src/metrics/catalogue/catalogue.ts';
import { ALERT_NAMES, type AlertName } from '../../src/rules/parts/alert-names.ts';
import { DEFAULT_RULE_OPTIONS } from '../../src/rules/parts/options.ts';
import { isAlert } from '../../src/rules/parts/rule.ts';
import { ruleGroups } from '../../src/rules/rule-groups.ts';
import { describeSeries } from '../support/series-descriptions.ts';
import { placeholdersIn, stepsOf } from './runbooks/runbook-steps.ts';

const FOLDER = fileURLToPath(new URL('../../alerts/runbooks/', import.meta.url));
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

/** What the API answers to a request that it does not take. */
const REFUSAL = JSON.stringify({ type: 'error', error: { type: 'authentication_error', message: 'refused' } });

describe('runbooks', () => {
  it('are one page per alert, and an index of all', () => {
    expect(readdirSync(FOLDER).toSorted()).toEqual(
      [...ALERT_NAMES.map((name) => `${name}.md`), 'README.md'].toSorted(),
    );
    const index = page('README');
    for (const name of ALERT_NAMES) expect(index).toContain(`[${name}](${name}.md)`);
  });

  describe.each(ALERT_NAMES)('%s', (name: AlertName) => {
    const text = page(name);
    const queries = stepsOf(text, 'Diagnosis').flatMap(({ language, lines }) => (language === 'promql' ? lines : []));

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

    it('looks for the job and the pod that the reader has, not for those of an example', () => {
      expect(text).not.toMatch(/job="(?!JOB")/);
      expect(text).not.toMatch(/kubectl (logs|exec|describe pod)(?!( --previous)? --namespace NAMESPACE POD)/);
    });

    it('explains each word in capitals of its commands', () => {
      const steps = [...stepsOf(text, 'Diagnosis'), ...stepsOf(text, 'Mitigation')];
      const used = placeholdersIn(steps.flatMap(({ lines }) => lines).join('\n'));
      const [, told = ''] = /^Replace (.*)\.$/m.exec(text) ?? [];
      expect(used.filter((word) => !told.includes(`\`${word}\``))).toEqual([]);
    });

    it('names only metrics that exist', () => {
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
