import { CST, Lexer } from 'yaml';

/** What is opened in a file of YAML: a bracket, a brace or a quote. */
export interface YamlOpening {
  /** In characters from the start of the file. */
  readonly offset: number;
  /** As it is written: `{`, `[`, `"` or `'`. */
  readonly sign: string;
  /** Where what it opens ends. */
  readonly end: number;
  /** False: nothing closes it, or something that closes another kind. */
  readonly closed: boolean;
  /** How many brackets and braces are open around it. */
  readonly depth: number;
}

const CLOSERS: Readonly<Record<string, string>> = { '{': '}', '[': ']' };

/** Tokens without a width, by which the lexer tells where a document, a list in brackets or a text begins or ends. */
const MARKS: ReadonlySet<string> = new Set([CST.BOM, CST.DOCUMENT, CST.FLOW_END, CST.SCALAR]);

/** All openings, from the tokens of a file: they are there also where it is no valid YAML. */
export function yamlOpenings(text: string): readonly YamlOpening[] {
  const done: YamlOpening[] = [];
  const open: (readonly [offset: number, sign: string])[] = [];
  const end = (at: number, closer: string | null) => {
    const [offset, sign] = open.pop()!;
    done.push({ offset, sign, end: at, closed: CLOSERS[sign] === closer, depth: open.length });
  };
  let at = 0;
  let previous = '';
  for (const token of new Lexer().lex(text)) {
    const isText = previous === CST.SCALAR;
    previous = token;
    if (!MARKS.has(token)) at += token.length;
    if (isText) continue;
    if (token === '{' || token === '[') open.push([at - 1, token]);
    else if (token === '}' || token === ']') {
      if (open.length > 0) end(at, token);
    } else if (token === CST.FLOW_END) {
      while (open.length > 0) end(at, null);
    } else if (isQuoted(token)) {
      const closed = isClosedQuote(token);
      done.push({ offset: at - token.length, sign: token[0]!, end: at, closed, depth: open.length });
    }
  }
  while (open.length > 0) end(at, null);
  return done.toSorted((one, other) => one.offset - other.offset);
}

function isQuoted(token: string): boolean {
  return token.startsWith('"') || token.startsWith("'");
}

/** Whether a quoted text ends in its quote, and not in an escaped one. */
function isClosedQuote(source: string): boolean {
  const [quote] = source;
  if (source.length < 2 || !source.endsWith(quote!)) return false;
  const before = source.slice(1, -1);
  const pattern = quote === '"' ? /(?<!\\)(?:\\\\)*\\$/ : /(?<!')(?:'')*'$/;
  return !pattern.test(before);
}
