/** A number with one decimal: more says nothing to a reader. */
export function toTenths(value: number): number {
  return Math.round(value * 10) / 10;
}
