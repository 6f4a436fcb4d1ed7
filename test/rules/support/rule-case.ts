import { EXPECTED, type ShortName } from './expected-alerts.ts';
import { type Gap, valueAt } from './lines.ts';
import {
  type EnvironmentKey,
  type EnvironmentLines,
  environment,
  exporter,
  healthyLine,
  JOB,
  type Series,
} from './series.ts';

export interface Firing {
  readonly alert: ShortName;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
}

/** What fires at a minute: exactly these, and nothing else but the Watchdog. */
export type Check = readonly [minute: number, ...firing: Firing[]];

export interface RuleCase {
  readonly name: string;
  /** Alerts that this case is about beside those that fire in it: near misses. */
  readonly about: readonly ShortName[];
  readonly series: readonly Series[];
  readonly checks: readonly Check[];
  /** Prometheus itself is down. */
  readonly restart?: Gap;
  /** False where the exporter is down and the dead-man's switch is meant to notice. */
  readonly watchdog?: boolean;
  /** Evaluate every rule, and expect that nothing else fires; else only the rules this case is about. */
  readonly whole?: boolean;
  /** Minutes between samples and evaluations: for recordings over days, which need not be looked at twice a minute. */
  readonly every?: number;
  /** What recorded series say at a minute, where no alert tells it. */
  readonly recorded?: readonly { readonly minute: number; readonly record: string; readonly value: number }[];
}

const RUNBOOKS = 'https://github.com/anthropic-work-exporter/anthropic-work-exporter/blob/main/alerts/runbooks';

interface Facts {
  /** `$value` as the description shows it. */
  readonly value?: string;
  readonly id?: string;
  readonly name?: string;
  /** Labels that the alert carries beside its own environment's. */
  readonly with?: Readonly<Record<string, string>>;
}

/** An alert of the environment `e` with its exact labels and annotations. */
export function fires(alert: ShortName, severity: string, facts: Facts = {}): Firing {
  const { id = 'e', name = 'x' } = facts;
  return firing(alert, severity, { job: JOB, environment_id: id, environment_name: name, ...facts.with }, facts);
}

/** An alert that belongs to no single environment. */
export function fleet(alert: ShortName, severity: string, facts: Facts = {}): Firing {
  return firing(alert, severity, { job: JOB, ...facts.with }, facts);
}

function firing(alert: ShortName, severity: string, labels: Record<string, string>, facts: Facts): Firing {
  const text = EXPECTED[`${alert}/${severity}`] ?? EXPECTED[alert];
  if (text === undefined) throw new Error(`expected-alerts.ts has no ${alert}`);
  const fill = (template: string) =>
    template.replaceAll(/\{(\w+)\}/g, (_all, key: string) => {
      if (key === 'who') return `${labels.environment_name} (${labels.environment_id})`;
      const known = key === 'value' ? facts.value : labels[key];
      if (known === undefined) throw new Error(`${alert}: the case gives no ${key}`);
      return known;
    });
  return {
    alert,
    labels: { ...labels, severity },
    annotations: {
      summary: text.summary,
      description: fill(text.description),
      runbook_url: `${RUNBOOKS}/AnthropicWork${alert}.md`,
      dashboard_url: `https://grafana.example.com/d/anthropic-work-${fill(text.board)}`,
    },
  };
}

/** One exporter, the environment `e`, and a healthy one of the same name, which a careless join would mix up with it. */
export function alone(lines: EnvironmentLines): readonly Series[] {
  return [...exporter(), ...environment(lines), ...environment({}, { id: 'twin' })];
}

/** Two replicas that see two things. */
export function replicas(first: EnvironmentLines, second: EnvironmentLines): readonly Series[] {
  return [
    ...exporter(),
    ...exporter({}, { instance: 'b' }),
    ...environment(first),
    ...environment(second, { instance: 'b' }),
  ];
}

/** The four minutes around a page: not yet, now, still, no more. `off` is the first minute without cause. */
export function edges(
  firing: readonly Firing[],
  { on, off, keep = 0 }: { on: number; off: number; keep?: number },
): readonly Check[] {
  return [[on - 0.5], [on, ...firing], [off + keep - 0.5, ...firing], [off + keep]];
}

/** Scrapes that fail for a while: all series end, and `up` says so. */
export function lostScrapes(all: readonly Series[], [from, to]: Gap): readonly Series[] {
  return all.map((one) => ({
    ...one,
    line: (minute: number) => {
      if (minute < from || minute >= to) return valueAt(one.line, minute);
      return one.name === 'up' ? 0 : null;
    },
  }));
}

interface Endings {
  readonly alert: ShortName;
  readonly lines: EnvironmentLines;
  readonly at: number;
  /** By series: the last minute at which the alert fires when that series alone is gone, what fires then and after. */
  readonly gone: {
    readonly [K in EnvironmentKey]?: readonly [last: number, then: readonly Firing[], after?: readonly Firing[]];
  };
}

/**
 * One case per series: an alert outlives it by as long as its range reaches back, and no longer. This is what a lost
 * scrape looks like to a rule, and what an exporter that stops showing old values looks like.
 */
export function whenGone({ alert, lines, at, gone }: Endings): readonly RuleCase[] {
  return (Object.keys(gone) as EnvironmentKey[]).map((key) => {
    const [last, then, after = []] = gone[key]!;
    const before = lines[key] ?? healthyLine(key);
    return {
      name: `${alert}: ${key} is gone`,
      about: [alert],
      series: alone({ ...lines, [key]: (minute: number) => (minute < at ? valueAt(before, minute) : null) }),
      checks: [
        [last, ...then],
        [last + 0.5, ...after],
      ],
    };
  });
}

interface Crossing {
  readonly alert: ShortName;
  /** An environment in which the alert fires. */
  readonly sick: EnvironmentLines;
  /** What makes the first condition false. */
  readonly off: EnvironmentLines;
  /** What makes one of the others false, each by itself. */
  readonly spoilt: Readonly<Record<string, EnvironmentLines>>;
  readonly minute?: number;
  readonly firing?: readonly Firing[];
}

/** Two environments of one name, each with what the other one lacks: joined by name alone they would be one that fires. */
export function crossed({ alert, sick, off, spoilt, minute = 30, firing = [] }: Crossing): readonly RuleCase[] {
  return Object.entries(spoilt).map(([what, lines]) => ({
    name: `${alert}: ${what} is true of another environment of the same name`,
    about: [alert],
    series: [...exporter(), ...environment({ ...sick, ...lines }), ...environment({ ...sick, ...off }, { id: 'twin' })],
    checks: [[minute, ...firing]],
  }));
}
