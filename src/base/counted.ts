/** The singular and plural of a word. */
export type Counted = readonly [one: string, several: string];

/** `1 item`, `3 items`. */
export function counted(count: number, [one, several]: Counted = ['environment', 'environments']): string {
  return `${count} ${count === 1 ? one : several}`;
}
