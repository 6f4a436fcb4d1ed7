import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { DEFAULT_RULE_OPTIONS } from '../../src/rules/parts/options.ts';
import { RECORDED } from '../../src/rules/parts/recorded.ts';
import { type AlertingRule, isAlert } from '../../src/rules/parts/rule.ts';
import { ruleGroups } from '../../src/rules/rule-groups.ts';
import { runTool } from './support/promtool.ts';
import { JOB } from './support/series.ts';

const OPTIONS = { ...DEFAULT_RULE_OPTIONS, runbookBaseUrl: 'https://wiki.test/rb', dashboardBaseUrl: 'https://g.test' };
const ALERTS = ruleGroups(OPTIONS).flatMap(({ rules }) => rules.filter(isAlert));

/** Values that an alert may have, by what its text makes of them: none is as round as one would like. */
function valuesOf({ annotations }: AlertingRule): readonly number[] {
  const text = `${annotations.summary} ${annotations.description}`;
  if (text.includes('$value') && text.includes('humanizePercentage')) return [0.123_456, 1];
  if (/\$value [^}]*humanizeDuration/.test(text)) return [95.678, 1800, 93_784.21];
  return [1, 28.437, 1352.718];
}

/** The labels of an alert: those of the first aggregation or recorded series in its expression, and its own. */
function labelsOf({ expr, labels }: AlertingRule): Readonly<Record<string, string>> {
  const [, list, recorded] = /by \(([^)]*)\)|([a-z]+(?:_[a-z]+)*:[\w:]+)\{/.exec(expr) ?? [];
  const environment = ['job', 'environment_id', 'environment_name'];
  const withConnection: readonly string[] = [RECORDED.environmentInfo, RECORDED.notVisible];
  const ofRecorded = (record: string) => {
    if (record.startsWith('connection:')) return ['job', 'connection'];
    return withConnection.includes(record) ? [...environment, 'connection'] : environment;
  };
  const names = list?.split(', ') ?? (recorded === undefined ? ['job', 'instance'] : ofRecorded(recorded));
  return { ...Object.fromEntries(names.map((name) => [name, EXAMPLES[name] ?? 'x'])), ...labels };
}

const EXAMPLES: Readonly<Record<string, string>> = {
  job: JOB,
  environment_id: 'env_01ABCDEFGHJKMNPQRSTV',
  environment_name: 'production-eu',
  connection: 'default',
  credential: 'api_key',
  instance: 'exporter.internal:9877',
  kind: 'state',
};

const E = `job="${JOB}",environment_id="${EXAMPLES.environment_id}",environment_name="production-eu"`;
/** What the texts ask Prometheus for, an hour after midnight. */
const ASKED = [
  [`${RECORDED.oldestAge}{${E}}`, '342.719x150'],
  [`${RECORDED.ageThreshold}{${E},severity="warning"}`, '300x150'],
  [`${RECORDED.ageThreshold}{${E},severity="critical"}`, '900x150'],
  [`anthropic_work_queue_oldest_timestamp_seconds{${E}}`, '3257.281x150'],
  [`anthropic_work_up{${E},operation="stats"}`, '0x150'],
  ...['a', 'b', 'c'].flatMap((id) =>
    [RECORDED.workersLost, RECORDED.someRunsLost, RECORDED.notVisible].map((record) => [
      `${record}{job="${JOB}",environment_id="${id}",environment_name="name-${id}",connection="default"}`,
      '1x150',
    ]),
  ),
  [`${RECORDED.notVisible}{job="${JOB}",environment_id="d",environment_name="elsewhere",connection="other"}`, '1x150'],
] as const;
const QUEUES = { shrinks: '300.5-1.7x150', grows: '10.5+0.3x150', stands: '28x150', unknown: null } as const;

interface Rendered {
  readonly alert: string;
  readonly value: number;
  readonly queue: string;
  readonly summary: string;
  readonly description: string;
  readonly runbook: string;
  readonly dashboard: string;
}

/** Every text with every value and every queue, in the words of the real template engine. */
async function renderAll(): Promise<readonly Rendered[]> {
  const variants = ALERTS.flatMap((rule) => valuesOf(rule).map((value) => ({ rule, value })));
  const folder = await mkdtemp(join(tmpdir(), 'every-text-'));
  try {
    const rules = variants.map(({ rule: { annotations } }, index) => ({
      alert: `A${index}`,
      expr: `value_${index}`,
      annotations,
    }));
    await writeFile(join(folder, 'rules.yaml'), stringify({ groups: [{ name: 'texts', interval: '10m', rules }] }));
    const tests = Object.entries(QUEUES).map(([name, queue]) => ({
      name,
      interval: '30s',
      input_series: [
        ...variants.map(({ rule, value }, index) => ({
          series: `value_${index}{${Object.entries(labelsOf(rule)).map(([label, one]) => `${label}=${JSON.stringify(one)}`)}}`,
          values: `${value}x150`,
        })),
        ...ASKED.map(([series, values]) => ({ series, values })),
        ...(queue === null ? [] : [{ series: `${RECORDED.waiting}{${E}}`, values: queue }]),
      ],
      alert_rule_test: variants.map((_, index) => ({ eval_time: '1h', alertname: `A${index}`, exp_alerts: [] })),
    }));
    const file = join(folder, 'texts.json');
    await writeFile(file, JSON.stringify({ rule_files: ['rules.yaml'], evaluation_interval: '10m', tests }));
    const { output } = await runTool('promtool', ['test', 'rules', file]);
    return parseRendered(output, variants);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function parseRendered(
  output: string,
  variants: readonly { readonly rule: AlertingRule; readonly value: number }[],
): readonly Rendered[] {
  const blocks = output.split(/^ +(?:name: (\w+),\s+)?alertname: A/m).slice(1);
  let queue = '';
  const found: Rendered[] = [];
  for (let at = 0; at < blocks.length; at += 2) {
    queue = blocks[at] ?? queue;
    const block = blocks[at + 1]!;
    const { rule, value } = variants[Number.parseInt(block, 10)]!;
    const [, annotations = ''] = /Annotations:(\{.*\})/.exec(block) ?? [];
    const text = Object.fromEntries(
      [...annotations.matchAll(/(\w+)=("(?:[^"\\]|\\.)*")/g)].map(([, name, quoted]) => [name, JSON.parse(quoted!)]),
    );
    const { summary = '', description = '', runbook_url: runbook = '', dashboard_url: dashboard = '' } = text;
    found.push({
      alert: `${rule.alert} ${rule.labels.severity}`,
      value,
      queue,
      summary,
      description,
      runbook,
      dashboard,
    });
  }
  return found;
}

/** What a person at night stumbles over. */
const STUMBLES: readonly (readonly [what: string, pattern: RegExp])[] = [
  ['an unrounded number', /\d\.\d{3}/],
  ['a number in the notation of computers', /\de[+-]\d/],
  ['more than two minutes in seconds', /\b(?:1[2-9]\d|[2-9]\d\d|\d{4,})s\b/],
  ['a value that is none', /NaN|[+-]Inf|<no value>|<error|%!|\bnull\b/],
  ['a hole', / {2}|\(\)|\( | [,.;:)]|: *$|: \.|, ,|\{\{/],
  ['one of several', /\b1 (?:live |running )?(?!is\b|was\b)[a-z]+s\b/],
  ['a sentence that begins small', /[.!?] [a-z]/],
  ['a line break', /\n/],
];

describe('every text, as Prometheus renders it', () => {
  let rendered: readonly Rendered[];
  beforeAll(async () => {
    rendered = await renderAll();
  }, 600_000);

  it('is there for every alert, every value and every state of the queue', () => {
    const variants = ALERTS.flatMap((rule) => valuesOf(rule));
    expect(rendered).toHaveLength(variants.length * Object.keys(QUEUES).length);
  });

  it.each(STUMBLES)('has nowhere %s', (_what, pattern) => {
    const found = rendered.flatMap(({ alert, summary, description }) =>
      [summary, description].filter((text) => pattern.test(text)).map((text) => `${alert}: ${text}`),
    );
    expect(found).toEqual([]);
  });

  it('names its environment first, and in full with its id', () => {
    for (const { alert, summary, description } of rendered.filter(({ dashboard }) => dashboard.includes('env_01'))) {
      expect(summary, alert).toMatch(/^production-eu: /);
      expect(description, alert).toContain('production-eu (env_01ABCDEFGHJKMNPQRSTV)');
    }
  });

  it('names the environments of its own connection only', () => {
    const naming = rendered.filter(({ description }) => description.includes('name-a, name-b, name-c'));
    const alerts = naming.map(({ alert }) => alert.replace(/^AnthropicWork(\w+) critical$/, '$1'));
    expect([...new Set(alerts)].toSorted()).toEqual([
      'ApiRateLimited',
      'ApiUnreachable',
      'CredentialRejected',
      'LeasesLapsingAnywhere',
      'NoWorkersAnywhere',
    ]);
    for (const { alert, summary, description } of rendered)
      expect(summary + description, alert).not.toContain('elsewhere');
  });

  it('links to its runbook and a board', () => {
    for (const { alert, runbook, dashboard } of rendered) {
      expect(runbook.split('?')[0]).toBe(`https://wiki.test/rb/${alert.split(' ')[0]}.md`);
      expect(runbook).toMatch(/\.md(?:\?environment=env_01\w+)?$/);
      expect(dashboard).toMatch(/^https:\/\/g\.test\/d\/anthropic-work-\w+(?:\?var-environment=env_01\w+)?$/);
    }
  });

  it('says of every queue that waits since when, and whether it shrinks, with the time until it is empty, or grows', () => {
    const ofQueue = /NoWorkers |OldestItemTooOld|Saturated|PendingStuck|HeadOfLineBlocked|WaitBudgetBurn critical/;
    const stories = { shrinks: /shrinks and is empty in about \d/, grows: /queue grows/, stands: /does not shrink/ };
    for (const { alert, queue, description } of rendered.filter((one) => ofQueue.test(one.alert))) {
      expect(description, alert).toContain('has waited since 00:54 UTC.');
      const story = stories[queue as keyof typeof stories];
      if (story !== undefined) expect(description, alert).toMatch(story);
    }
  });
});
