import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { packageFile } from '../../base/package-file.ts';
import { alertsOf } from './promql.ts';

/** One rule of Alertmanager: while a source fires, targets with equal labels are silent. */
interface InhibitRule {
  readonly source_matchers: readonly string[];
  readonly target_matchers: readonly string[];
  readonly equal: readonly string[];
}

const EXAMPLE = 'alerts/alertmanager.example.yml';

/**
 * Pages that Alertmanager does not mute, because they may have been sent before, and that follow from another one all
 * the same.
 */
const FOLLOWING: readonly InhibitRule[] = [
  {
    source_matchers: ['alertname = AnthropicWorkExporterAbsent'],
    target_matchers: [
      'alertname =~ "AnthropicWork(ApiUnreachable|EnvironmentNotVisible|ApiAuthFailing|CredentialRejected|ApiRateLimited|DiscoveryFailing)"',
    ],
    equal: ['job', 'cluster'],
  },
  {
    source_matchers: ['alertname = AnthropicWorkCredentialRejected', 'severity = critical', 'connection =~ ".+"'],
    target_matchers: ['alertname = AnthropicWorkApiAuthFailing', 'connection =~ ".+"'],
    equal: ['job', 'cluster', 'connection'],
  },
  {
    source_matchers: [
      'alertname =~ "AnthropicWork(ApiUnreachable|ApiRateLimited)"',
      'severity = critical',
      'connection =~ ".+"',
    ],
    target_matchers: ['alertname =~ "AnthropicWork(EnvironmentNotVisible|ApiAuthFailing)"', 'connection =~ ".+"'],
    equal: ['job', 'cluster', 'connection'],
  },
];

const readRules = () => [
  ...FOLLOWING,
  ...(parse(readFileSync(packageFile(EXAMPLE), 'utf8')) as { readonly inhibit_rules: readonly InhibitRule[] })
    .inhibit_rules,
];

/** `name =~ "value"`, quoted or not, in PromQL's form. */
function promMatcher(text: string): string {
  const [, label, operator, value] = /^(\w+)\s*(=~|!~|!=|=)\s*"?(.*?)"?$/.exec(text)!;
  return `${label}${operator}"${value}"`;
}

/** Of any environment: an alert follows from another whether that one is shown or not. */
const firing = (matchers: readonly string[]) =>
  `ALERTS{${['job=~"$job"', 'alertstate="firing"', ...matchers.map(promMatcher)].join(', ')}}`;

/**
 * Firing alerts that no other alert explains: those of which Alertmanager notifies people with our example rules, but for
 * pages that follow from another one. As there, an alert that is itself a source of a rule is not silenced by it.
 */
export function causes(matchers: string): string {
  const explained = readRules().map(({ source_matchers, target_matchers, equal }) => {
    const source = firing(source_matchers);
    return `((${firing(target_matchers)} unless ${source}) and on (${equal.join(', ')}) ${source})`;
  });
  return [alertsOf(`alertstate="firing", ${matchers}`, true), ...explained].join(' unless ');
}
