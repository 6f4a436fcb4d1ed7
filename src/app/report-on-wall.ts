import type { EpochMs } from '../base/clock.ts';
import type { Condition, DiagnosisReport } from '../diagnosis/report.ts';

/** Clocks that drift apart by less are left alone: otherwise each stamp would move a little with each look. */
const SAME_MS = 1000;

/** The report with times of the wall clock. @param aheadMs wall clock − own clock: 0 until the wall clock is set */
export function reportOnWall(report: DiagnosisReport, aheadMs: number): DiagnosisReport {
  if (Math.abs(aheadMs) < SAME_MS) return report;
  const shift = (at: EpochMs | null) => (at === null ? null : at + aheadMs);
  const shifted = (condition: Condition): Condition =>
    condition.since === null && condition.holdsFrom === null
      ? condition
      : { ...condition, since: shift(condition.since), holdsFrom: shift(condition.holdsFrom) };
  const all = (subjects: ReadonlyMap<string, readonly Condition[]>) =>
    new Map([...subjects].map(([name, conditions]) => [name, conditions.map(shifted)]));
  return {
    ...report,
    at: shift(report.at),
    environments: all(report.environments),
    connections: all(report.connections),
  };
}
