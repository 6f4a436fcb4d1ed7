/** The labels that Prometheus gives to all series of a scrape. */
export interface Target {
  readonly job: string;
  readonly instance: string;
}

/** The samples of an exposition as Prometheus stores them: with the labels of the target, without the comments. */
export function withTarget(exposition: string, { job, instance }: Target): string[] {
  const target = `job="${job}",instance="${instance}"`;
  return exposition
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => {
      const brace = line.indexOf('{');
      const space = line.indexOf(' ');
      return brace !== -1 && brace < space
        ? `${line.slice(0, brace)}{${target},${line.slice(brace + 1)}`
        : `${line.slice(0, space)}{${target}}${line.slice(space)}`;
    });
}
