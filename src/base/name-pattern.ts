/** A part of a pattern: maps positions of the text to the positions that it leads to. */
type Part = (text: readonly string[], from: ReadonlySet<number>) => Set<number>;

/**
 * A matcher of whole names and ids: `*` is anything, `?` one character, `[a-c]` and `[!a-c]` one character in or
 * outside a set, `{a,b}` one of several patterns; `\` takes the next character literally. A name is not a path: `/` and
 * `.` are ordinary characters. A bracket that is not closed is literal. The time depends only on the lengths of pattern
 * and name.
 */
export function namePattern(pattern: string): (name: string) => boolean {
  const { parts } = sequence(readingOf(pattern), 0, false);
  return (name) => {
    const text = Array.from(name);
    return run(parts, text, new Set([0])).has(text.length);
  };
}

/** What in a pattern is probably a mistake, and what to do about it; null if nothing is. */
export function namePatternFault(pattern: string): PatternFault | null {
  const reading = readingOf(pattern);
  sequence(reading, 0, false);
  return reading.faults[0] ?? null;
}

export interface PatternFault {
  readonly what: string;
  readonly remedy: string;
}

interface Reading {
  readonly pattern: readonly string[];
  /** Parsed choices by their start. Without this memory, each open brace would double the time. */
  readonly choices: Map<number, Parsed | null>;
  readonly faults: PatternFault[];
}

function readingOf(pattern: string): Reading {
  return { pattern: Array.from(pattern), choices: new Map(), faults: [] };
}

function notClosed(sign: '[' | '{', closer: ']' | '}'): PatternFault {
  return {
    what: `has a ${sign} that no ${closer} closes`,
    remedy: `close it, or write \\${sign} for the character itself`,
  };
}

/** Only visible characters are quoted: others could change what a terminal shows. */
function emptyRange(low: string, high: string): PatternFault {
  if (!/^[!-~]{2}$/.test(low + high)) return { what: 'has an empty range', remedy: 'swap its two ends' };
  return { what: `has the empty range ${low}-${high}`, remedy: `write ${high}-${low}` };
}

function run(parts: readonly Part[], text: readonly string[], from: ReadonlySet<number>): Set<number> {
  return parts.reduce((positions, part) => part(text, positions), new Set(from));
}

const anything: Part = (text, from) => {
  const first = Math.min(...from);
  const positions = new Set<number>();
  for (let at = first; at <= text.length; at++) positions.add(at);
  return positions;
};

function oneCharacter(fits: (character: string) => boolean): Part {
  return (text, from) => new Set([...from].filter((at) => at < text.length && fits(text[at]!)).map((at) => at + 1));
}

interface Parsed {
  readonly parts: readonly Part[];
  /** The position at which the pattern continues. */
  readonly next: number;
}

/** The parts from `start` to the end or, inside braces, to the comma or brace that ends an alternative. */
function sequence(reading: Reading, start: number, insideBraces: boolean): Parsed {
  const { pattern } = reading;
  const parts: Part[] = [];
  let at = start;
  while (at < pattern.length && !(insideBraces && (pattern[at] === ',' || pattern[at] === '}'))) {
    const part = bracketed(reading, at) ?? single(pattern, at);
    parts.push(...part.parts);
    at = part.next;
  }
  return { parts, next: at };
}

function single(pattern: readonly string[], at: number): Parsed {
  const character = pattern[at]!;
  if (character === '*') return { parts: [anything], next: at + 1 };
  if (character === '?') return { parts: [oneCharacter(() => true)], next: at + 1 };
  const escaped = character === '\\' ? pattern[at + 1] : undefined;
  const literal = escaped ?? character;
  return { parts: [oneCharacter((other) => other === literal)], next: at + (escaped === undefined ? 1 : 2) };
}

/** The closed set or choice that begins at this position; null if there is none. */
function bracketed(reading: Reading, at: number): Parsed | null {
  const character = reading.pattern[at];
  if (character === '[') return characterSet(reading, at);
  if (character !== '{') return null;
  const known = reading.choices.get(at);
  if (known !== undefined) return known;
  const found = choice(reading, at);
  reading.choices.set(at, found);
  return found;
}

function characterSet({ pattern, faults }: Reading, at: number): Parsed | null {
  const negated = pattern[at + 1] === '!' || pattern[at + 1] === '^';
  const start = at + (negated ? 2 : 1);
  // A bracket at the start is part of the set.
  const end = pattern.indexOf(']', start + 1);
  if (end === -1) {
    faults.push(notClosed('[', ']'));
    return null;
  }
  const ranges: (readonly [string, string])[] = [];
  for (let place = start; place < end; place++) {
    const isRange = pattern[place + 1] === '-' && place + 2 < end;
    const [low, high] = [pattern[place]!, pattern[isRange ? place + 2 : place]!];
    if (low > high) faults.push(emptyRange(low, high));
    ranges.push([low, high]);
    if (isRange) place += 2;
  }
  const has = (character: string) => ranges.some(([low, high]) => low <= character && character <= high);
  return { parts: [oneCharacter((character) => has(character) !== negated)], next: end + 1 };
}

function choice(reading: Reading, at: number): Parsed | null {
  const { pattern } = reading;
  const alternatives: (readonly Part[])[] = [];
  let next = at;
  while (next === at || pattern[next] === ',') {
    const alternative = sequence(reading, next + 1, true);
    alternatives.push(alternative.parts);
    next = alternative.next;
  }
  if (pattern[next] !== '}') reading.faults.push(notClosed('{', '}'));
  if (pattern[next] !== '}' || alternatives.length === 1) return null;
  const either: Part = (text, from) => new Set(alternatives.flatMap((parts) => [...run(parts, text, from)]));
  return { parts: [either], next: next + 1 };
}
