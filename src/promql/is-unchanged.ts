import type { EpochMs } from '../base/clock.ts';
import { RANGE_FUNCTIONS } from './range-functions.ts';
import type { SeriesStore } from './store/series-store.ts';
import type { Expr, SelectExpr } from './syntax/expression.ts';

/** A store at the present time, and the earlier time at which the expression was evaluated. */
export interface Since {
  readonly store: Pick<SeriesStore, 'isUnchanged'>;
  readonly before: EpochMs;
  readonly at: EpochMs;
}

/** A selector, and the function over its range. */
export interface ExpressionRead {
  readonly selector: SelectExpr;
  readonly over: string | null;
}

/** What an expression reads, each once; null when its result also depends on the time. */
export function readsOf(expr: Expr): readonly ExpressionRead[] | null {
  const reads = new Map<string, ExpressionRead>();
  if (!collect(expr, reads)) return null;
  return [...reads.values()];
}

function collect(expr: Expr, reads: Map<string, ExpressionRead>): boolean {
  const add = (selector: SelectExpr, over: string | null) => {
    // The matchers do not matter here: changes are tracked for a family as a whole.
    reads.set([selector.name, selector.rangeMs, selector.offsetMs, over].join(' '), { selector, over });
    return true;
  };
  switch (expr.kind) {
    case 'number':
    case 'string':
      return true;
    case 'select':
      return add(expr, null);
    case 'aggregate':
      return collect(expr.of, reads);
    case 'binary':
      return collect(expr.left, reads) && collect(expr.right, reads);
    case 'call': {
      const [first] = expr.args;
      if (expr.name in RANGE_FUNCTIONS) return first?.kind === 'select' && add(first, expr.name);
      return expr.name !== 'time' && expr.args.every((arg) => collect(arg, reads));
    }
  }
}

/**
 * Whether an expression that reads this certainly has the same result as at `before`, because nothing that it reads has
 * changed. False also if that is not known.
 */
export function isUnchanged(reads: readonly ExpressionRead[] | null, since: Since): boolean {
  if (reads === null) return false;
  // A counting loop, as in `vectorFrom`: there are hundreds of reads, and nearly all are unchanged.
  for (let index = 0; index < reads.length; index++) {
    const { selector, over } = reads[index]!;
    if (!since.store.isUnchanged(selector, over, since)) return false;
  }
  return true;
}
