import type { EpochMs } from '../../base/clock.ts';
import type { Operation } from '../../domain/environment.ts';
import type { EnvironmentState } from '../../state/environment-state.ts';
import { isRecent } from '../../state/is-recent.ts';

/** What of an environment may be shown at one moment: docs/design/freshness.md. */
export interface Freshness {
  /** Operations that have series of their own, whether their reads succeed or not. */
  readonly shown: Readonly<Record<Operation, boolean>>;
  /** Operations whose last good read is young enough to show what it said. */
  readonly data: Readonly<Record<Operation, boolean>>;
}

const BOTH = [false, true] as const;
/** All sixteen, made once: equal freshness is the same object, so comparing it is comparing identity. */
const ALL: readonly Freshness[] = BOTH.flatMap((dataList) =>
  BOTH.flatMap((dataStats) =>
    BOTH.flatMap((list) =>
      BOTH.map((stats) => ({ shown: { stats, list }, data: { stats: dataStats, list: dataList } })),
    ),
  ),
);

/** Judges one state at one moment of the exporter's own clock; equal answers are the same object. */
export function freshness(state: EnvironmentState, now: EpochMs): Freshness {
  const stats = state.operations.stats.attempted;
  const list = state.operations.list.attempted;
  const statsFresh = stats && isRecent(state, 'stats', now);
  const listFresh = list && isRecent(state, 'list', now);
  return ALL[Number(stats) + 2 * Number(list) + 4 * Number(statsFresh) + 8 * Number(listFresh)]!;
}
