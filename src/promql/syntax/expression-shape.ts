/** What expressions share that differ only in the values of labels. */
export interface ExpressionShape {
  /** The expression without what stands between its double quotes. */
  readonly shape: string;
  /** What stood there, in turn. */
  readonly values: readonly string[];
}

const QUOTED = /"(?:\\.|[^"\\])*"/g;

/** @throws SyntaxError for a string with an escape that JSON does not know */
export function shapeOf(text: string): ExpressionShape {
  const values: string[] = [];
  const shape = text.replace(QUOTED, (quoted) => {
    values.push(JSON.parse(quoted) as string);
    return '""';
  });
  return { shape, values };
}
