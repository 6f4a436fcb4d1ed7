import type { Condition, DiagnosisReport } from '../../src/diagnosis/report.ts';
import type { ExporterProblem } from '../../src/server/server-deps.ts';
import type { EnvironmentState } from '../../src/state/environment-state.ts';
import { serverDeps, startServer } from '../support/http-server.ts';
import { reportOf, withClear } from '../support/reports.ts';
import { buildEnvironment, buildState } from '../support/states.ts';

/** An environment `env_NAME` as it is read. */
export function stateOf(name: string, change: Partial<EnvironmentState> = {}): EnvironmentState {
  const environment = buildEnvironment(`env_${name}`, { name, ...change.environment });
  return buildState(environment.id, { ...change, environment });
}

/** The status page over these environments, all of them judged, with this wrong. */
export async function pageOf(
  states: readonly EnvironmentState[],
  conditions: readonly Condition[] = [],
  { problems = [], ...change }: PageChange = {},
): Promise<string> {
  const names = states.map(({ environment }) => environment.id.slice('env_'.length));
  const { report = withClear(reportOf(...conditions), names), shard = '0/1' } = change;
  const deps = serverDeps(states, { diagnosis: () => report, exporterProblems: () => problems, shard });
  await using server = await startServer(deps);
  return (await fetch(server.url)).text();
}

interface PageChange {
  readonly report?: DiagnosisReport;
  readonly problems?: readonly ExporterProblem[];
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
