import { alertOf, CONDITION_NAMES, CONDITIONS, type ConditionDefinition, subjectOf } from '../diagnosis/conditions.ts';

/** The dashboard that an alert links to: the part of its uid after `anthropic-work-`. */
export type Board = NonNullable<ConditionDefinition['board']> | 'environment' | 'slo';

/** What all severities of an alert share. */
export interface AlertFacts {
  /** One sentence without values, for the index of the runbooks. */
  readonly meaning: string;
  readonly board: Board;
  readonly subject: 'environment' | 'connection' | 'exporter';
}

/** What only Prometheus knows, since an exporter that is away cannot say so. */
export const EXPORTER_ALERTS = {
  AnthropicWorkWaitBudgetBurn: {
    meaning: 'The error budget of the wait objective burns too fast.',
    board: 'slo',
    subject: 'environment',
  },
  AnthropicWorkExporterAbsent: {
    meaning: 'No exporter answers, or it crashes again and again.',
    board: 'exporter',
    subject: 'exporter',
  },
  AnthropicWorkExporterShardMissing: {
    meaning: 'Part of the fleet is watched by no process.',
    board: 'exporter',
    subject: 'exporter',
  },
  AnthropicWorkExporterInstanceDown: {
    meaning: 'An exporter instance is down, or restarts again and again.',
    board: 'exporter',
    subject: 'exporter',
  },
  AnthropicWorkExporterConfigReloadFailed: {
    meaning: 'An exporter instance runs an old configuration.',
    board: 'exporter',
    subject: 'exporter',
  },
  AnthropicWorkConfigDisagrees: {
    meaning: 'Exporter instances run different configurations.',
    board: 'exporter',
    subject: 'exporter',
  },
  AnthropicWorkStateFileFailing: {
    meaning: 'An exporter instance cannot write its state file.',
    board: 'exporter',
    subject: 'exporter',
  },
  AnthropicWorkReplicaBlind: {
    meaning: 'An exporter instance cannot read what another one can.',
    board: 'exporter',
    subject: 'exporter',
  },
  AnthropicWorkWatchdog: {
    meaning: 'Fires always, while Prometheus and Alertmanager work.',
    board: 'exporter',
    subject: 'exporter',
  },
} as const satisfies Readonly<Record<string, AlertFacts>>;

export type ExporterAlertName = keyof typeof EXPORTER_ALERTS;

/** Every alert by name, in the order in which people look for them. Each has a runbook of the same name. */
export const ALERTS: Readonly<Record<string, AlertFacts>> = {
  ...Object.fromEntries(
    CONDITION_NAMES.map((name) => {
      const { board = 'environment', summary } = CONDITIONS[name];
      const meaning = `${summary[0]!.toUpperCase()}${summary.slice(1)}.`;
      return [alertOf(name), { meaning, board, subject: subjectOf(name) } satisfies AlertFacts];
    }),
  ),
  ...EXPORTER_ALERTS,
};
