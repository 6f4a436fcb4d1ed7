import type { EpochMs } from '../base/clock.ts';
import { PAGE_WINDOW } from '../rules/alerts/slo-rules.ts';
import type { AlertName } from '../rules/parts/alert-names.ts';
import { durationMs } from '../rules/parts/durations.ts';
import type { AlertSeverity } from '../rules/parts/rule.ts';

/** What an alert is about; `exporter` also means all its environments together. */
export type ConditionSubject =
  | { readonly kind: 'environment'; readonly id: string; readonly name: string }
  | { readonly kind: 'connection'; readonly name: string }
  | { readonly kind: 'exporter' };

/**
 * - `pending`: the alert's expression holds, and its `for` is not over.
 * - `firing`: the alert is firing.
 * - `recovering`: the expression no longer holds, and `keep_firing_for` keeps the alert for a while.
 */
export type ConditionPhase = 'pending' | 'firing' | 'recovering';

/**
 * One alert that is pending, firing or recovering, as this exporter evaluates the shipped rules over its own metrics:
 * what Prometheus says of the same numbers.
 */
export interface Condition {
  readonly alert: AlertName;
  readonly severity: AlertSeverity;
  readonly phase: ConditionPhase;
  readonly subject: ConditionSubject;
  /** The ids of the environments that it is about: its own, or those that a shared cause has hit. Sorted. */
  readonly environments: readonly string[];
  /** Since when the alert's expression has held; while it recovers, since when it has not. Own clock. */
  readonly since: EpochMs;
  /** When it fires if nothing changes; once it has, since when it has been firing, as notifications say. Own clock. */
  readonly firesAt: EpochMs;
  /**
   * It has held since soon after the first evaluation, so it may have begun, and the alert may have fired, before this process
   * started.
   */
  readonly mayBeOlder?: boolean;
  /** The value of the expression, in the unit of the alert. */
  readonly value: number;
  /** The annotations of the alert: who and the fact; what it means and the first thing to do. */
  readonly summary: string;
  readonly description: string;
  /** All labels of the alert except its name and severity. */
  readonly labels: Readonly<Record<string, string>>;
}

export interface ConditionReport {
  /** Of the last evaluation, on the own clock; null before the first. */
  readonly evaluatedAt: EpochMs | null;
  /** Of the first one: rules that look back see nothing before it. Absent where there was none. */
  readonly evaluatedSince?: EpochMs;
  /** The most severe first. */
  readonly conditions: readonly Condition[];
}

/** The rules are evaluated every 30 s; twice as long without is more than a busy machine. */
const STOPPED_AFTER_MS = 60_000;

/** Whether what is said of the alerts still holds: without that nothing may be called fine. */
export function isEvaluated({ evaluatedAt }: ConditionReport, now: EpochMs): boolean {
  return evaluatedAt !== null && now - evaluatedAt <= STOPPED_AFTER_MS;
}

/** What a page needs to have seen: the longest is that about the wait objective. */
const WARM_UP_MS = durationMs(PAGE_WINDOW.visibleSince);

/**
 * Milliseconds since the rules were first evaluated, while that is too short to know of every alert that may fire
 * elsewhere; null afterwards.
 */
export function warmUpMs({ evaluatedSince }: ConditionReport, now: EpochMs): number | null {
  return evaluatedSince !== undefined && now - evaluatedSince < WARM_UP_MS ? now - evaluatedSince : null;
}

/** A condition that held before the start is seen again within this time: rules about pages look back for half an hour. */
const SEEN_AGAIN_MS = 30 * 60_000;

/**
 * Whether a condition may have begun before this process started.
 *
 * @param activeAt since when it has held
 * @param firstEvaluatedAt the first evaluation, on the same clock
 */
export function mayHaveBegunBefore(activeAt: EpochMs, firstEvaluatedAt: EpochMs): boolean {
  return activeAt - firstEvaluatedAt < SEEN_AGAIN_MS;
}

export const NO_CONDITIONS: ConditionReport = { evaluatedAt: null, conditions: [] };

/** Alerts that no exporter can have a condition for, and why: they depend on what only Prometheus sees. */
export const PROMETHEUS_ONLY = {
  AnthropicWorkExporterAbsent: 'An exporter that is gone shows nothing.',
  AnthropicWorkExporterInstanceDown: 'Whether Prometheus reaches an instance is known to Prometheus alone.',
  AnthropicWorkExporterShardMissing: 'Which other shards run is not known here.',
  AnthropicWorkExporterRestarting: 'A process does not know of those before it.',
  AnthropicWorkReplicaBlind: 'What another replica reads is not known here.',
  AnthropicWorkConfigDisagrees: 'Which configuration another replica runs is not known here.',
  AnthropicWorkWatchdog: 'It always fires, and proves Prometheus and Alertmanager alone.',
} as const satisfies Partial<Record<AlertName, string>>;

export function isEvaluatedHere(alert: AlertName): boolean {
  return !(alert in PROMETHEUS_ONLY);
}

/**
 * Alerts whose expression also holds while a read has not been tried yet, with that read: its `anthropic_work_up` is 0
 * until then. Without this table, every environment would have such a condition after a start.
 */
export const HOLD_BEFORE_FIRST_READ = {
  AnthropicWorkItemsNotVisible: 'list',
} as const satisfies Partial<Record<AlertName, string>>;

/** A read that an alert is about: an operation of one environment. */
export type ConditionRead = (typeof HOLD_BEFORE_FIRST_READ)[keyof typeof HOLD_BEFORE_FIRST_READ];

/** The read that must have been tried before the alert proves anything; undefined for all other alerts. */
export function requiredRead(alert: AlertName): ConditionRead | undefined {
  return (HOLD_BEFORE_FIRST_READ as Partial<Record<AlertName, ConditionRead>>)[alert];
}
