import type { Condition } from '../../../src/diagnosis/report.ts';
import { type StatusPageFacts, statusPage } from '../../../src/server/page/status-page.ts';
import { environmentView } from '../../../src/server/page/view/environment-view.ts';
import type { EnvironmentState } from '../../../src/state/environment-state.ts';
import { reportOf, withClear } from '../../support/reports.ts';
import { buildEnvironment, buildState, NOW } from '../../support/states.ts';

/** An environment `env_NAME` as it is read. */
export function stateOf(name: string, change: Partial<EnvironmentState> = {}): EnvironmentState {
  const environment = buildEnvironment(`env_${name}`, { name, ...change.environment });
  return buildState(environment.id, { ...change, environment });
}

/** The status page over these environments, all of them judged, with this wrong. */
export function pageOf(
  states: readonly EnvironmentState[],
  conditions: readonly Condition[] = [],
  change: Partial<StatusPageFacts> = {},
): string {
  const all = withClear(
    reportOf(...conditions),
    states.map(({ environment }) => environment.id.slice('env_'.length)),
  );
  const report = change.report ?? all;
  const views = states.map((state) => environmentView(state, { now: NOW, skewMs: 0 }, report));
  return statusPage({ startedAt: 0, now: NOW, shard: '0/1', version: '1.2.3', ...change, views, report });
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
