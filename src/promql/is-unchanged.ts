import type { EpochMs } from '../base/clock.ts';
import type { Expr } from './expression.ts';
import { RANGE_FUNCTIONS } from './range-functions.ts';
import type { SeriesStore } from './series-store.ts';

/** Two moments of a store: the present one, and an earlier one at which the expression was evaluated. */
export interface Since {
  readonly store: Pick<SeriesStore, 'isStill'>;
  readonly before: EpochMs;
  readonly at: EpochMs;
}

/**
 * Whether an expression is sure to have the result that it had at `before`, because nothing that it reads has moved.
 * False also where that is not known.
 */
export function isUnchanged(expr: Expr, since: Since): boolean {
  const { store, before, at } = since;
  switch (expr.kind) {
    case 'number':
      return true;
    case 'select':
      return store.isStill(expr, { before, at, over: null });
    case 'aggregate':
      return isUnchanged(expr.of, since);
    case 'binary':
      return isUnchanged(expr.left, since) && isUnchanged(expr.right, since);
    case 'call': {
      const [first] = expr.args;
      if (expr.name in RANGE_FUNCTIONS)
        return first?.kind === 'select' && store.isStill(first, { before, at, over: expr.name });
      return expr.name !== 'time' && expr.args.every((arg) => isUnchanged(arg, since));
    }
  }
}
