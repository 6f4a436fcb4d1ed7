import type { LabelSet } from './store/label-set.ts';
import type { AggregateOperator } from './syntax/expression.ts';
import type { LabelNames } from './syntax/label-names.ts';
import type { Vector } from './vector.ts';

/** Adds one more value to the result of a group so far. */
type Step = (sofar: number, value: number) => number;

const STEPS: Readonly<Record<Exclude<AggregateOperator, 'topk' | 'count' | 'group' | 'avg'>, Step>> = {
  sum: (sofar, value) => sofar + value,
  max: Math.max,
  min: Math.min,
};

/** The sample of a group, so far. */
interface Group {
  readonly labels: LabelSet;
  value: number;
}

interface Grouping {
  readonly by: LabelNames;
  /** How many, for `topk`. */
  readonly count: number | null;
}

/** One sample for each group of samples that share the labels `by`. */
export function aggregate(operator: AggregateOperator, vector: Vector, { by, count }: Grouping): Vector {
  switch (operator) {
    case 'topk':
      return [...Map.groupBy(vector, ({ labels }) => labels.only(by)).values()].flatMap((group) =>
        group.toSorted((a, b) => b.value - a.value).slice(0, count ?? 0),
      );
    case 'count':
      return fold(vector, by, { start: () => 1, step: (sofar) => sofar + 1 });
    case 'group':
      return fold(vector, by, { start: () => 1, step: () => 1 });
    case 'avg': {
      const counts = fold(vector, by, { start: () => 1, step: (sofar) => sofar + 1 });
      return fold(vector, by, { start: Number, step: STEPS.sum }).map(({ labels, value }, index) => ({
        labels,
        value: value / counts[index]!.value,
      }));
    }
    default:
      return fold(vector, by, { start: Number, step: STEPS[operator] });
  }
}

function fold(
  vector: Vector,
  by: LabelNames,
  { start, step }: { start: (value: number) => number; step: Step },
): Vector {
  const groups = new Map<LabelSet, Group>();
  const folded: Group[] = [];
  for (let index = 0; index < vector.length; index++) {
    const { labels, value } = vector[index]!;
    const key = labels.only(by);
    const known = groups.get(key);
    if (known !== undefined) {
      known.value = step(known.value, value);
      continue;
    }
    const group = { labels: key, value: start(value) };
    groups.set(key, group);
    folded.push(group);
  }
  return folded;
}
