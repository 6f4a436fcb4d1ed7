import type { EpochMs } from '../../base/clock.ts';
import type { Operation } from '../../domain/environment.ts';
import { isWithinStaleAfter } from '../../state/changes.ts';
import type { EnvironmentState } from '../../state/environment-state.ts';
import { areSessionsKnown } from '../../state/sessions.ts';

/** What may be shown of an environment at one moment: docs/design/freshness.md. */
export interface Freshness {
  /** Operations that have series, whether or not their reads succeed. */
  readonly shown: Readonly<Record<Operation, boolean>>;
  /** Operations whose last good read is recent enough to show. */
  readonly data: Readonly<Record<Operation, boolean>>;
  /** It is known what the sessions of long runs do, even if there is no long run. */
  readonly sessions: boolean;
}

const BOTH = [false, true] as const;
/** All thirty-two, created once: equal freshness is the same object, so comparing identity is enough. */
const ALL: readonly Freshness[] = BOTH.flatMap((sessions) =>
  BOTH.flatMap((dataList) =>
    BOTH.flatMap((dataStats) =>
      BOTH.flatMap((list) =>
        BOTH.map((stats) => ({ shown: { stats, list }, data: { stats: dataStats, list: dataList }, sessions })),
      ),
    ),
  ),
);

/** Judges one state at one moment of the exporter's own clock; equal results are the same object. */
export function freshness(state: EnvironmentState, now: EpochMs): Freshness {
  const stats = state.operations.stats.attempted;
  const list = state.operations.list.attempted;
  const statsFresh = stats && isWithinStaleAfter(state, 'stats', now);
  const listFresh = list && isWithinStaleAfter(state, 'list', now);
  const sessionsFresh = listFresh && areSessionsKnown(state, now);
  const flags = [stats, list, statsFresh, listFresh, sessionsFresh];
  return ALL[flags.reduce((index, flag, bit) => index + (flag ? 2 ** bit : 0), 0)]!;
}
