import type { EpochMs } from '../base/clock.ts';
import { SEVERITIES } from '../domain/environment.ts';
import type { ConditionKind } from './conditions.ts';

export type ConditionSubject =
  | { readonly kind: 'environment'; readonly id: string; readonly name: string; readonly connection: string }
  | { readonly kind: 'connection'; readonly name: string };

/**
 * - `holds`: has lasted: its alert fires.
 * - `ending`: found no more; it holds until that has lasted.
 * - `pending`: found, and has not lasted long enough.
 * - `explained`: found, and another one says why: its alert stays silent.
 * - `clear`: judged, and not so.
 */
const PHASES = ['holds', 'ending', 'pending', 'explained', 'clear'] as const;
export type ConditionPhase = (typeof PHASES)[number];

/** One severity of a condition of one subject. Times are on the wall clock. */
export interface Condition extends ConditionKind {
  readonly subject: ConditionSubject;
  readonly phase: ConditionPhase;
  /** On /metrics: 1 while it holds or ends, else 0. Null: not known yet, no series. */
  readonly value: 0 | 1 | null;
  /** It is 1, or has become 0 within the last minutes: what the rules read. */
  readonly isRecent: boolean;
  /** Since when it has been found; while it ends, since when it has not. Null while it is clear. */
  readonly since: EpochMs | null;
  /** Since when `value` is 1, or while pending, when it will be if nothing changes. Null otherwise. */
  readonly holdsFrom: EpochMs | null;
  /** The numbers that it was judged by, in words. Empty while it is clear. */
  readonly evidence: string;
  readonly explainedBy: ConditionKind | null;
  /** The ids of the environments that it is about, sorted: its own, or those that a condition of a connection explains. */
  readonly environments: readonly string[];
}

/** What one look at all subjects found: every kind that was ever judged, `clear` ones included. */
export interface DiagnosisReport {
  /** When, on the wall clock; null before the first look. */
  readonly at: EpochMs | null;
  /** By environment id. */
  readonly environments: ReadonlyMap<string, readonly Condition[]>;
  /** By name of the connection. */
  readonly connections: ReadonlyMap<string, readonly Condition[]>;
}

export const NO_REPORT: DiagnosisReport = { at: null, environments: new Map(), connections: new Map() };

/** After a minute without a look nothing may be said: a diagnosis that stopped must not look like health. */
const STOPPED_AFTER_MS = 60_000;

export function isCurrent({ at }: DiagnosisReport, now: EpochMs): boolean {
  return at !== null && now - at <= STOPPED_AFTER_MS;
}

/** Everything but `clear`, the gravest first, connections before environments. */
export function troubles({ environments, connections }: DiagnosisReport): readonly Condition[] {
  return gravestFirst([...connections.values(), ...environments.values()].flat());
}

/** Those of them that are not clear. */
export function gravestFirst(conditions: readonly Condition[]): readonly Condition[] {
  const rank = ({ severity, phase }: Condition) => PHASES.indexOf(phase) - 10 * SEVERITIES.indexOf(severity);
  return conditions.filter(({ phase }) => phase !== 'clear').toSorted((one, other) => rank(one) - rank(other));
}
