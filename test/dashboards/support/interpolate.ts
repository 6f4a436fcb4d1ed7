/** What the reader chose at the top of the board; `All` is the value that means everything. */
export interface Choice {
  readonly job: readonly string[] | 'All';
  readonly environment: readonly string[] | 'All';
  readonly connection?: readonly string[];
  readonly owner?: readonly string[];
}

export const EVERYTHING: Choice = { job: 'All', environment: 'All' };

/** As Grafana's Prometheus data source escapes a value of a multi-value variable (`prometheusSpecialRegexEscape`). */
const escaped = (value: string) =>
  value.replace(/\\/g, String.raw`\\\\`).replace(/[$^*{}[\]'+?.()|]/g, (special) => String.raw`\\${special}`);

function chosen(values: readonly string[] | 'All'): string {
  // A custom "All" value goes in as it is.
  if (values === 'All') return '.+';
  return values.length === 1 ? escaped(values[0]!) : `(${values.map(escaped).join('|')})`;
}

export interface Timing {
  readonly rangeSeconds: number;
  readonly stepSeconds: number;
  /** The minimum step of the query, else the scrape interval that the data source claims; that of the panel does not count. */
  readonly minStepSeconds: number;
}

export const TIMING: Timing = { rangeSeconds: 21_600, stepSeconds: 60, minStepSeconds: 15 };

/** An expression as Grafana sends it: chosen values as regular expressions, `$__rate_interval` as its documentation says. */
export function interpolate(expr: string, choice: Choice = EVERYTHING, timing: Timing = TIMING): string {
  const { rangeSeconds, stepSeconds, minStepSeconds } = timing;
  const values: Record<string, string> = {
    job: chosen(choice.job),
    environment: chosen(choice.environment),
    // What the variable's own query makes of the choice, which has a test of its own.
    'shown:pipe': choice.environment === 'All' ? '.+' : choice.environment.join('|'),
    connection: chosen(choice.connection ?? 'All'),
    owner: choice.owner === undefined ? '.*' : chosen(choice.owner),
    tier: '.*',
    datasource: 'prometheus',
    __interval: `${stepSeconds}s`,
    __rate_interval: `${Math.max(stepSeconds + minStepSeconds, 4 * minStepSeconds)}s`,
    __range: `${rangeSeconds}s`,
  };
  return expr.replace(/\$\{(\w+(?::pipe)?)\}|\$([a-z_]\w*)/g, (whole, braced: string, bare: string) => {
    const value = values[braced ?? bare];
    if (value === undefined) throw new Error(`${whole} is not a variable of the boards: ${expr}`);
    return value;
  });
}

const UNIT_SECONDS = { s: 1, m: 60, h: 3600, d: 86_400 } as const;

/** `30s`, `1m`, `1d` in seconds. */
export function seconds(interval: string | undefined, otherwise: number): number {
  const match = /^(\d+)([smhd])$/.exec(interval ?? '');
  return match === null ? otherwise : Number(match[1]) * UNIT_SECONDS[match[2] as keyof typeof UNIT_SECONDS];
}
