import type { Condition, ConditionReport } from '../../../src/conditions/condition.ts';
import { type StatusPageFacts, statusPage } from '../../../src/server/page/status-page.ts';
import { environmentView } from '../../../src/server/page/view/environment-view.ts';
import type { EnvironmentState } from '../../../src/state/environment-state.ts';
import { buildEnvironment, buildState, NOW } from '../../support/states.ts';

export type View = ReturnType<typeof environmentView>;

/** An environment of this name as the page sees it. */
export function viewOf(
  name: string,
  change: Partial<EnvironmentState> = {},
  conditions: readonly Condition[] = [],
): View {
  const environment = buildEnvironment(`env_${name}`, { name, ...change.environment });
  return environmentView(
    buildState(environment.id, { ...change, environment }),
    { now: NOW, skewMs: 0 },
    { conditions },
  );
}

/** A critical page about missing workers of `name` that has been out for four minutes, but for `change`. */
export function condition(name: string | null, change: Partial<Condition> = {}): Condition {
  return {
    alert: 'AnthropicWorkNoWorkers',
    severity: 'critical',
    phase: 'firing',
    subject: name === null ? { kind: 'exporter' } : { kind: 'environment', id: `env_${name}`, name },
    environments: name === null ? [] : [`env_${name}`],
    since: NOW - 300_000,
    firesAt: NOW - 240_000,
    value: 312,
    summary: `${name}: no workers, 3 waiting, oldest 5m 12s (limit 5m 0s)`,
    description: 'Start the workers of this environment.',
    labels: {},
    ...change,
  };
}

export function reportOf(...conditions: readonly Condition[]): ConditionReport {
  return { evaluatedAt: NOW, conditions };
}

export function pageOf(views: readonly View[], change: Partial<StatusPageFacts> = {}): string {
  const report = reportOf(...views.flatMap(({ conditions }) => conditions));
  return statusPage({ views, report, now: NOW, shard: '0/1', version: '1.2.3', ...change });
}

/** What a reader sees: the text without markup, style and script. */
export function textOf(markup: string): string {
  return markup
    .replace(/<(style|script)>.*?<\/\1>/gs, '')
    .replace(/<[^>]*>/g, ' ')
    .replaceAll('&nbsp;', ' ')
    .replace(/\s+/g, ' ');
}

export function headlineIn(markup: string): string {
  return textOf(/<h1[^>]*>(.*?)<\/h1>/s.exec(markup)![1]!).trim();
}

/** The names of the environments of a page's rows, in their order. */
export function orderIn(markup: string): string[] {
  return [...markup.matchAll(/<tbody[^>]*data-key="env_(\w+)"/g)].map(([, name]) => name!);
}
