import { DEFAULT_RULE_OPTIONS } from '../rules/parts/options.ts';
import { meaningOf } from '../rules/parts/recorded-meanings.ts';
import { isAlert, type RuleGroup } from '../rules/parts/rule.ts';
import { ruleGroups } from '../rules/rule-groups.ts';

const INTRODUCTION = `<!-- Generated from src/rules by \`npm run generate\`: change it there. -->

# Recorded series

What the alert rules record for each other, in the order in which they do. An alert whose expression names such a series
is explained here; the rule files say the same above each rule. These series are no interface: any version may change them.

The name of a series begins with what it is about, which tells its labels:

| part of the name | labels |
| --- | --- |
| \`environment\` | \`environment_id\`, \`environment_name\` |
| \`instance\`, \`operation\`, \`state\` | the label of that name: one exporter process; \`stats\` or \`list\`; the state of the items |
| \`connection\` | \`connection\` |
| \`page\` | \`alertname\`, and what the page is about: an environment, a connection or both |

All have \`job\`. Some have labels that their text names, such as *by severity*, and some of an environment have its \`connection\`.
Most exist only while they have something to say. Where the text gives no value, only their being there matters.`;

/** docs/recorded-series.md: what the recording rules record, for people. */
export function recordedSeriesPage(): string {
  const sections = ruleGroups(DEFAULT_RULE_OPTIONS).flatMap((group) => section(group) ?? []);
  return `${[INTRODUCTION, ...sections].join('\n\n')}\n`;
}

function section({ name, interval, rules }: RuleGroup): string | null {
  const rows = rules.flatMap((rule) => (isAlert(rule) ? [] : [`| \`${rule.record}\` | ${meaningOf(rule.record)} |`]));
  if (rows.length === 0) return null;
  return `## ${name}

Every ${interval}.

| series | what it says |
| --- | --- |
${rows.join('\n')}`;
}
