import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parser } from '@prometheus-io/lezer-promql';
import { describe, expect, it } from 'vitest';
import { ruleGroups } from '../../src/rules/render.ts';
import { DEFAULT_RULE_OPTIONS, isAlert } from '../../src/rules/rule.ts';
import { ALERT_NAMES } from '../support/rule-texts.ts';
import { describeSeries } from '../support/series.ts';
import { placeholdersIn, stepsOf } from './runbooks/runbook-steps.ts';

const FOLDER = fileURLToPath(new URL('../../alerts/runbooks/', import.meta.url));
const rules = ruleGroups(DEFAULT_RULE_OPTIONS).flatMap((group) => group.rules);
const page = (name: string) => readFileSync(`${FOLDER}${name}.md`, 'utf8');

/** Series of Prometheus, Alertmanager and prom-client that a runbook may look at. */
const FOREIGN_SERIES = [
  'up',
  'ALERTS',
  'process_start_time_seconds',
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

it('there is a runbook for each alert, and none besides', () => {
  expect(readdirSync(FOLDER).toSorted()).toEqual([...ALERT_NAMES.map((name) => `${name}.md`), 'README.md'].toSorted());
});

describe.each(ALERT_NAMES)('%s', (name) => {
  const text = page(name);
  const steps = [...stepsOf(text, 'Diagnosis'), ...stepsOf(text, 'Mitigation')];

  it('asks only what PromQL understands, of series that exist', () => {
    for (const query of steps.flatMap(({ language, lines }) => (language === 'promql' ? lines : []))) {
      parser.parse(query).iterate({
        enter: (node) => {
          expect(node.type.isError, query).toBe(false);
          if (node.name !== 'VectorSelector') return;
          expect(series, query).toContain(/^[\w:]+/.exec(query.slice(node.from, node.to))?.[0]);
        },
      });
    }
  });

  it('says what to look at, what to do, and when it is over', () => {
    const headings = text.match(/^## .*$/gm)?.filter((heading) => heading !== '## Tuning');
    expect(headings).toEqual(['## Diagnosis', '## Mitigation', '## When it is over']);
  });

  it('does not take an error for an answer', () => {
    const asks = steps.flatMap(({ lines: [command] }) => {
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

  it('has only words in capitals that the index explains', () => {
    const [, table = ''] = page('README').split('Replace the words in capitals');
    const used = placeholdersIn(steps.flatMap(({ lines }) => lines).join('\n'));
    expect(used.filter((word) => !table.includes(`\`${word}\``))).toEqual([]);
  });

  it('names only metrics and alerts that exist, and its links resolve', () => {
    const metrics = text.match(/(?<!:)\banthropic_work_[a-z_]+[a-z]\b(?!:)/g) ?? [];
    expect(metrics.filter((metric) => !series.has(metric))).toEqual([]);
    const alerts = text.match(/\bAnthropicWork[A-Za-z]+/g) ?? [];
    expect(alerts.filter((alert) => !ALERT_NAMES.includes(alert))).toEqual([]);
    for (const [, target] of text.matchAll(/\]\((?!https?:)([^)#]+)\)/g))
      expect(existsSync(resolve(FOLDER, target!)), target).toBe(true);
  });
});
