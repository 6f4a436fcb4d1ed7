export type MatchOperator = '=' | '!=' | '=~' | '!~';

/** What a selector wants of one label. */
export interface LabelMatcher {
  /** As it could be written: two of the same text match the same. */
  readonly text: string;
  readonly label: string;
  readonly operator: MatchOperator;
  /** A text, or a pattern. */
  readonly value: string;
  /** The only value that matches; null when several may. */
  readonly equals: string | null;
  readonly matches: (value: string) => boolean;
}

/** @throws SyntaxError for what is no pattern */
export function labelMatcher(label: string, operator: MatchOperator, value: string): LabelMatcher {
  const fits = operator.endsWith('~') ? patternTest(value) : (text: string) => text === value;
  return {
    text: `${label}${operator}${JSON.stringify(value)}`,
    label,
    operator,
    value,
    equals: operator === '=' ? value : null,
    matches: operator.startsWith('!') ? (text) => !fits(text) : fits,
  };
}

/** Prometheus anchors regular expressions. */
function patternTest(value: string): (text: string) => boolean {
  const pattern = new RegExp(`^(?:${value})$`, 's');
  return (text) => pattern.test(text);
}
