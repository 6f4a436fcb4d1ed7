import { Command, InvalidArgumentError, Option } from 'commander';
import { RULE_FORMATS, type RuleFormat, renderRules } from '../rules/render.ts';
import { DEFAULT_RULE_OPTIONS, RULE_SETS, type RuleSet } from '../rules/rule.ts';
import type { CliIo } from './command/io.ts';
import { linkBase } from './command/link-base.ts';

interface RulesFlags {
  readonly job: string;
  readonly format: RuleFormat;
  readonly set: RuleSet;
  readonly runbookBaseUrl?: string;
  readonly dashboardBaseUrl?: string;
}

/** `rules`: prints the alert and recording rules, for a scrape job named by the user. */
export function rulesCommand(io: CliIo): Command {
  return new Command('rules')
    .description('print the alert and recording rules')
    .option('--job <name>', 'the scrape job of the exporter in Prometheus', jobName, DEFAULT_RULE_OPTIONS.job)
    .addOption(
      new Option('--format <format>', 'a rule file, a PrometheusRule object, or a mixin in jsonnet')
        .choices(RULE_FORMATS)
        .default('prometheus'),
    )
    .addOption(
      new Option('--set <set>', 'all alerts, or a small set to start with')
        .choices(RULE_SETS)
        .default(DEFAULT_RULE_OPTIONS.set),
    )
    .option(
      '--runbook-base-url <url>',
      'where the runbook pages are served; /NAME.md is appended; without it there are no links',
      linkBase,
    )
    .option(
      '--dashboard-base-url <url>',
      'the address of Grafana; /d/UID is appended; without it there are no links',
      linkBase,
    )
    .action(({ format, ...options }: RulesFlags) => {
      io.stdout(renderRules(format, { ...DEFAULT_RULE_OPTIONS, ...options }));
    });
}

function jobName(text: string): string {
  if (text.trim() === '') throw new InvalidArgumentError('It is empty; name the scrape job as in scrape_configs.');
  // It becomes a label of two alerts.
  if (text.includes('{{')) throw new InvalidArgumentError('It has two braces, which Prometheus reads as a template.');
  return text;
}
