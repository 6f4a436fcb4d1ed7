import { Command, InvalidArgumentError, Option } from 'commander';
import { RULE_FORMATS, type RuleFormat, renderRules } from '../rules/generated-rules.ts';
import { DEFAULT_RULE_OPTIONS } from '../rules/options.ts';
import type { CliIo } from './command/io.ts';

interface RulesFlags {
  readonly job: string;
  readonly format: RuleFormat;
  readonly runbookBaseUrl: string;
  readonly dashboardBaseUrl: string;
}

/** `rules`: the alert and recording rules on stdout, for a scrape job of the user's own naming. */
export function rulesCommand(io: CliIo): Command {
  return new Command('rules')
    .description('print the alert and recording rules')
    .option('--job <name>', 'the scrape job of the exporter in Prometheus', jobName, DEFAULT_RULE_OPTIONS.job)
    .addOption(
      new Option('--format <format>', 'a rule file, or a PrometheusRule object')
        .choices(RULE_FORMATS)
        .default('prometheus'),
    )
    .option(
      '--runbook-base-url <url>',
      'where the runbook pages are served; /NAME.md is appended',
      baseUrl,
      DEFAULT_RULE_OPTIONS.runbookBaseUrl,
    )
    .option(
      '--dashboard-base-url <url>',
      'the address of Grafana; /d/UID is appended',
      baseUrl,
      DEFAULT_RULE_OPTIONS.dashboardBaseUrl,
    )
    .action(({ format, ...options }: RulesFlags) => {
      io.stdout(renderRules(format, { ...options, timeScale: 1 }));
    });
}

function jobName(text: string): string {
  if (text.trim() === '') throw new InvalidArgumentError('It is empty; name the scrape job as in scrape_configs.');
  return text;
}

/** Without a trailing slash, so that `/NAME.md` can follow. */
function baseUrl(text: string): string {
  if (!/^https?:$/.test(URL.parse(text)?.protocol ?? '')) {
    throw new InvalidArgumentError('It is not an http or https address.');
  }
  // Braces would be read as a template by Prometheus.
  if (/[{}]/.test(text)) throw new InvalidArgumentError('It contains a brace, which Prometheus reads as a template.');
  return text.replace(/\/+$/, '');
}
