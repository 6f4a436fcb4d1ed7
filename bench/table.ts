import type { Figure } from './figure.ts';
import { type BenchName, GOALS, type Goal } from './goals.ts';

interface TableLine {
  readonly line: string;
  readonly isMissed: boolean;
}

/** A line for each goal of a bench, whatever the order in which it measured. Fails when one was not measured. */
export function tableLines(name: BenchName, figures: readonly Figure[]): TableLine[] {
  const goals: readonly Goal[] = GOALS[name];
  const surplus = figures.filter(({ what }) => goals.every((goal) => goal.what !== what));
  if (surplus.length > 0) throw new Error(`${name} measured ${surplus[0]!.what}, which has no goal`);
  return goals.map(({ what, goal, unit }) => {
    const figure = figures.find((one) => one.what === what);
    if (figure === undefined) throw new Error(`${name} did not measure ${what}`);
    // What is printed is what is judged.
    const result = rounded(figure.result);
    const isMissed = Number(result) > goal;
    const of = unit === undefined ? '' : ` ${unit}`;
    const cells = [name, what, `${rounded(goal)}${of}`, `${result}${of}${isMissed ? ' **missed**' : ''}`];
    return { line: `| ${[...cells, figure.from ?? ''].join(' | ')} |`, isMissed };
  });
}

/** With enough digits that 1/8 and a little more are told apart. */
function rounded(number: number): string {
  return number < 1 ? `${Number(number.toPrecision(3))}` : number.toFixed(2);
}
