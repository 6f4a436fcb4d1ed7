import { alertOf, CONDITION_NAMES, CONDITIONS } from '../diagnosis/conditions.ts';
import { SEVERITIES } from '../domain/environment.ts';
import { CATALOGUE, METRIC_NAMES, type MetricName } from '../metrics/catalogue.ts';
import { ANY, ENVIRONMENT_LABELS, METRIC_GROUPS, type MetricDefinition, PRESENCE } from '../metrics/metric.ts';
import { ALERTS, ruleGroups } from '../rules/render.ts';
import { DEFAULT_RULE_OPTIONS, isAlert } from '../rules/rule.ts';
import { BURN_ALERT } from '../rules/wait-objective.ts';

/** A table of Markdown. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

/** A page with its generated parts, by name, in place of what stood between their marks. Throws when a mark is missing. */
export function filled(page: string, parts: Readonly<Record<string, string>>): string {
  return Object.entries(parts).reduce((text, [name, part]) => {
    const begin = `<!-- generated: ${name} -->\n`;
    const end = '\n<!-- end -->';
    const from = text.indexOf(begin);
    const to = text.indexOf(end, from);
    if (from < 0 || to < 0) throw new Error(`the page has no place for its generated part ${name}`);
    return `${text.slice(0, from)}${begin}\n${part}\n${text.slice(to)}`;
  }, page);
}

/** The generated parts of docs/metrics.md: a list for each group, and the tables that it refers to. */
export function metricsParts(): Readonly<Record<string, string>> {
  const presence = Object.values(PRESENCE).map(({ word, exists }) => [word, exists]);
  const histograms = METRIC_NAMES.filter((name) => CATALOGUE[name].type === 'histogram');
  const buckets = histograms.map((name) => [`\`${name}\``, CATALOGUE[name].buckets!.join(', ')]);
  const groups = METRIC_GROUPS.map((group) => {
    const shown = new Set<string>();
    const entries = METRIC_NAMES.filter((name) => CATALOGUE[name].group === group).map((name) => entry(name, shown));
    return [group, entries.join('\n')];
  });
  return {
    presence: table(['word', 'the series exists'], presence),
    ...Object.fromEntries(groups),
    buckets: table(['metric', 'buckets'], buckets),
  };
}

/** A line of a list: name, labels, when it exists, and what it means. */
function entry(name: MetricName, shown: Set<string>): string {
  const { stability, absent, help, note, presence, ...metric } = CATALOGUE[name];
  const exists = `*${PRESENCE[presence].word}*${absent === undefined ? '' : `, absent if ${absent}`}`;
  const facts = [labelsText(metric, shown), exists, stability === 'experimental' ? '*experimental*' : ''];
  const known = facts.filter((fact) => fact !== '').join('; ');
  return `- \`${name}\` (${known}): ${help}${note === undefined ? '' : ` ${note}`}`;
}

/** The values of a label are listed once in a section; `shown` remembers which were. */
function labelsText(
  { labels, labelPrefix }: Pick<MetricDefinition, 'labels' | 'labelPrefix'>,
  shown: Set<string>,
): string {
  const own = Object.entries(labels).filter(([label]) => !Object.hasOwn(ENVIRONMENT_LABELS, label));
  const described = own.map(([label, closed]) => {
    const set = `${label}: ${closed}`;
    if (closed === ANY || shown.has(set)) return `\`${label}\``;
    shown.add(set);
    return `\`${label}\` (${closed.map((value) => `\`${value}\``).join(', ')})`;
  });
  const environment = own.length === Object.keys(labels).length ? [] : ['E'];
  const prefixed = labelPrefix === undefined ? [] : [`\`${labelPrefix}<key>\``];
  return [...environment, ...described, ...prefixed].join(', ');
}

/** Every alert. Three columns: a phone has no room for more. */
export function alertsTable(): string {
  return table(['alert', 'begins and ends after', 'says'], [...conditionRows(), ...exporterRows()]);
}

function conditionRows(): readonly string[][] {
  return CONDITION_NAMES.map((name) => {
    const { severities, tunedBy } = CONDITIONS[name];
    const times = SEVERITIES.toReversed().flatMap((severity) => {
      const timing = (severities as Readonly<Partial<Record<string, { lasts: number; ends: number }>>>)[severity];
      return timing === undefined ? [] : `${severity} ${duration(timing.lasts)}, ${duration(timing.ends)}`;
    });
    return row(alertOf(name), times, ALERTS[alertOf(name)]!, tunedBy);
  });
}

function exporterRows(): readonly string[][] {
  const alerts = ruleGroups(DEFAULT_RULE_OPTIONS).flatMap(({ rules }) => rules.filter(isAlert));
  const ofConditions = new Set(CONDITION_NAMES.map(alertOf));
  const others = Object.entries(ALERTS).filter(([name]) => !ofConditions.has(name));
  return others.map(([name, meaning]) => {
    const own = alerts.filter(({ alert }) => alert === name);
    const times = own.map(
      ({ labels, for: begins = '0s', keep_firing_for: ends = '0s' }) => `${labels.severity} ${begins}, ${ends}`,
    );
    return row(name, times, meaning, name === BURN_ALERT ? 'slo' : '');
  });
}

function row(alert: string, times: readonly string[], meaning: string, option = ''): string[] {
  const tuned = option === '' ? '' : ` Tune: \`${option}\`.`;
  return [`[${alert}](${alert}.md)`, times.join('; '), `${meaning}${tuned}`];
}

function duration(seconds: number): string {
  return seconds > 0 && seconds % 60 === 0 ? `${seconds / 60} min` : `${seconds} s`;
}
