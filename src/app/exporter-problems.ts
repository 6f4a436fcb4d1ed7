import { counted } from '../base/counted.ts';
import type { ExporterProblem } from '../server/http/server-deps.ts';

export interface ExporterFacts {
  /** The last reload failed: the configuration in force is not the one last written. */
  readonly configurationRejected: boolean;
  /** Whether the last write of the state file succeeded; null without one. */
  readonly stateFileOk: boolean | null;
  /** Environments that were found but exceed the limits. */
  readonly environmentsDropped: number;
}

/**
 * What is wrong with the exporter itself. Names no file: the page may be
 * public.
 */
export function exporterProblems({ configurationRejected, stateFileOk, environmentsDropped }: ExporterFacts) {
  const problems: ExporterProblem[] = [];
  if (configurationRejected) {
    problems.push({
      text: 'the exporter runs an old configuration: the new one is rejected',
      remedy: 'The log says why (config.rejected), and check says the same.',
    });
  }
  if (environmentsDropped > 0) {
    const what = counted(environmentsDropped, ['environment is', 'environments are']);
    problems.push({
      text: `${what} not watched: the limits leave no room`,
      remedy: 'Raise discovery.max_environments or the budget, or narrow discovery.include and discovery.exclude.',
    });
  }
  if (stateFileOk === false) {
    problems.push({
      text: 'the state file cannot be written: a restart would lose what was counted since',
      remedy: 'The log says why (state_file.failing): look at the disk and at who may write there.',
    });
  }
  return problems;
}
