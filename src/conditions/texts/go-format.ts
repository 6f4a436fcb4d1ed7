/** Numbers as the templates of Prometheus write them. */

/** `%.4g` and the like: this many significant digits, with an exponent for a very large or small number. */
export function significant(value: number, digits: number): string {
  if (!Number.isFinite(value)) return Number.isNaN(value) ? 'NaN' : value > 0 ? '+Inf' : '-Inf';
  if (value === 0) return '0';
  const exponent = Number(value.toExponential(digits - 1).split('e')[1]);
  if (exponent >= -4 && exponent < digits) return String(Number(value.toPrecision(digits)));
  const [mantissa, power] = value.toExponential(digits - 1).split('e') as [string, string];
  return `${Number(mantissa)}e${power.replace(/^([+-])(\d)$/, '$10$2')}`;
}

/** `printf` with the verbs of the rules: `%q`, `%s`, `%.1f`, `%.2g`. */
export function printf(format: string, args: readonly unknown[]): string {
  let next = 0;
  return format.replace(/%(?:\.(\d+))?([qsfg])/g, (_, digits: string | undefined, verb: string) => {
    const arg = args[next++];
    if (verb === 'q') return JSON.stringify(String(arg));
    if (verb === 's') return String(arg);
    return verb === 'f' ? Number(arg).toFixed(Number(digits ?? 6)) : significant(Number(arg), Number(digits ?? 6));
  });
}

/** `1h 2m 3s`, as `humanizeDuration` writes it. */
export function humanizeDuration(seconds: number): string {
  if (!Number.isFinite(seconds)) return significant(seconds, 4);
  const whole = Math.trunc(Math.abs(seconds));
  if (whole < 60) return `${significant(seconds, 4)}s`;
  const [days, hours, minutes] = [
    Math.floor(whole / 86_400),
    Math.floor(whole / 3600) % 24,
    Math.floor(whole / 60) % 60,
  ];
  const parts = [...(days > 0 ? [`${days}d`] : []), ...(days + hours > 0 ? [`${hours}h`] : []), `${minutes}m`];
  return `${seconds < 0 ? '-' : ''}${parts.join(' ')} ${whole % 60}s`;
}

export function humanizePercentage(ratio: number): string {
  return `${significant(ratio * 100, 4)}%`;
}

/** `1970-01-01 00:10:00 +0000 UTC`, with a fraction of a second where there is one. */
export function humanizeTimestamp(seconds: number): string {
  const [day, time] = new Date(Math.round(seconds * 1000)).toISOString().slice(0, -1).split('T') as [string, string];
  return `${day} ${time.replace(/\.?0*$/, '')} +0000 UTC`;
}
