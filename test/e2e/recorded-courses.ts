import type { Moment } from './recorded-run.ts';

/**
 * A run as text: a line for each series, in the order of the expositions, with its values from moment to moment as promtool
 * writes them: `1x3` is 1 three times, and `_` is absent. Comments are left out but for types: docs/metrics.md has the rest.
 */
export function coursesOf(moments: readonly Moment[]): string {
  const samples = moments.map(({ exposition }) => samplesIn(exposition));
  const courses = inOrder(samples.map((one) => [...one.keys()])).map((series) => {
    const values = samples.map((one) => one.get(series) ?? '_');
    return series.startsWith('#') ? series : `${series} ${runLengths(values)}`;
  });
  return [...moments.map(({ name }, number) => `# ${number}: ${name}`), ...courses, ''].join('\n');
}

/** Series and types of an exposition, with their values. */
function samplesIn(exposition: string): ReadonlyMap<string, string> {
  const lines = exposition.split('\n').filter((line) => line !== '' && !/^# (?:HELP|UNIT|EOF)/.test(line));
  return new Map(
    lines.map((line) => {
      const [, series, value] = line.startsWith('#') ? [null, line, ''] : /^([^{ ]+(?:\{.*?\})?) (.*)$/.exec(line)!;
      return [series!, value!];
    }),
  );
}

/** Every name once, each after the one before it where it was first met. */
function inOrder(lists: readonly (readonly string[])[]): readonly string[] {
  const known = new Set<string>();
  const all: string[] = [];
  for (const list of lists)
    for (const [index, name] of list.entries()) {
      if (known.has(name)) continue;
      known.add(name);
      all.splice(index === 0 ? 0 : all.indexOf(list[index - 1]!) + 1, 0, name);
    }
  return all;
}

function runLengths(values: readonly string[]): string {
  const runs: { readonly value: string; times: number }[] = [];
  for (const value of values) {
    const last = runs.at(-1);
    if (last?.value === value) last.times++;
    else runs.push({ value, times: 1 });
  }
  return runs.map(({ value, times }) => (times === 1 ? value : `${value}x${times}`)).join(', ');
}
