import type { Condition, DiagnosisReport } from '../../src/diagnosis/report.ts';
import { type PageFilter, statusPage } from '../../src/server/status-page.ts';
import { environmentView, type Notice } from '../../src/server/view.ts';
import type { EnvironmentState } from '../../src/state/environment-state.ts';
import { serverDeps } from '../support/http-server.ts';
import { reportOf, withClear } from '../support/reports.ts';
import { buildEnvironment, buildState, NOW } from '../support/states.ts';

/** An environment `env_NAME` as it is read. */
export function stateOf(name: string, change: Partial<EnvironmentState> = {}): EnvironmentState {
  const environment = buildEnvironment(`env_${name}`, { name, ...change.environment });
  return buildState(environment.id, { ...change, environment });
}

/** The status page over these environments, all of them judged, with this wrong. */
export function pageOf(
  states: readonly EnvironmentState[],
  conditions: readonly Condition[] = [],
  change: PageChange = {},
): string {
  const all = withClear(
    reportOf(...conditions),
    states.map(({ environment }) => environment.id.slice('env_'.length)),
  );
  const report = change.report ?? all;
  const context = { now: NOW, skewMs: () => 0, report, dashboardBaseUrl: null };
  const views = states.map((state) => environmentView(state, context));
  const { filter = { text: '', level: null }, startedAt = 0, problems = [], shard = '0/1' } = change;
  const exporterProblems = () => problems.map(({ text, remedy }) => ({ text, remedy: remedy ?? '' }));
  return statusPage(serverDeps(states, { exporterProblems, shard }), { views, filter, report, startedAt, now: NOW });
}

interface PageChange {
  readonly report?: DiagnosisReport;
  readonly filter?: PageFilter;
  readonly startedAt?: number;
  readonly problems?: readonly Notice[];
  readonly shard?: string;
}

/** What a reader sees: the text without markup, style and script. */
export function textOf(markup: string): string {
  return markup
    .replace(/<(style|script)>.*?<\/\1>/gs, '')
    .replaceAll(/<\/?bdi>/g, '')
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
