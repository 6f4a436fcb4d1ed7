/** A piece of a template: text, a value, or a block that depends on one. */
export type TemplateNode = string | { readonly pipe: Pipe } | Block;

export interface Block {
  readonly kind: 'if' | 'with' | 'range';
  /** `$index, $one`, for `range`. */
  readonly names: readonly string[];
  readonly pipe: Pipe;
  readonly then: readonly TemplateNode[];
  readonly otherwise: readonly TemplateNode[];
}

/** Commands whose results are passed on, each as the last argument of the next. */
export type Pipe = readonly Command[];
export type Command = readonly Operand[];
export type Operand =
  | { readonly literal: string | number }
  | { readonly pipe: Pipe }
  /** `$labels.job`, `.`, or the name of a function. */
  | { readonly word: string };

const ACTION = /\{\{(.*?)\}\}/gs;
const TOKEN = /`[^`]*`|"(?:\\.|[^"])*"|[()|]|:=|[^\s()|,]+|,/g;

/** Parses the part of Go's template language that the annotations of the rules use. */
export function parseTemplate(text: string): readonly TemplateNode[] {
  const pieces: (string | string[])[] = [];
  let end = 0;
  for (const match of text.matchAll(ACTION)) {
    pieces.push(text.slice(end, match.index), match[1]!.match(TOKEN) ?? []);
    end = match.index + match[0].length;
  }
  pieces.push(text.slice(end));
  return new TemplateReader(pieces).nodes();
}

class TemplateReader {
  readonly #pieces: readonly (string | string[])[];
  #next = 0;

  constructor(pieces: readonly (string | string[])[]) {
    this.#pieces = pieces;
  }

  /** Up to the `else` or `end` of the enclosing block, which is left to the caller. */
  nodes(): TemplateNode[] {
    const nodes: TemplateNode[] = [];
    for (; this.#next < this.#pieces.length; this.#next++) {
      const piece = this.#pieces[this.#next]!;
      if (typeof piece === 'string') {
        if (piece !== '') nodes.push(piece);
        continue;
      }
      const [word, ...rest] = piece;
      if (word === 'else' || word === 'end') return nodes;
      if (word === 'if' || word === 'with' || word === 'range') nodes.push(this.#block(word, rest));
      else nodes.push({ pipe: pipeOf(piece) });
    }
    return nodes;
  }

  /** Leaves the reader at the `end` of the block. */
  #block(kind: Block['kind'], tokens: readonly string[]): Block {
    const assigned = tokens.indexOf(':=');
    const names = tokens.slice(0, Math.max(0, assigned)).filter((token) => token !== ',');
    const pipe = pipeOf(tokens.slice(assigned + 1));
    this.#next++;
    const then = this.nodes();
    const [word, again, ...rest] = this.#pieces[this.#next] ?? [];
    if (word === 'end') return { kind, names, pipe, then, otherwise: [] };
    if (word !== 'else') throw new TypeError('a block of a template has no end');
    if (again === 'if') return { kind, names, pipe, then, otherwise: [this.#block('if', rest)] };
    this.#next++;
    return { kind, names, pipe, then, otherwise: this.nodes() };
  }
}

function pipeOf(tokens: readonly string[]): Pipe {
  const commands: Operand[][] = [[]];
  for (let index = 0; index < tokens.length; index++) {
    const token = tokens[index]!;
    if (token === '|') commands.push([]);
    else if (token === '(') {
      const end = closing(tokens, index);
      commands.at(-1)!.push({ pipe: pipeOf(tokens.slice(index + 1, end)) });
      index = end;
    } else commands.at(-1)!.push(operandOf(token));
  }
  return commands;
}

function closing(tokens: readonly string[], opening: number): number {
  let depth = 0;
  for (let index = opening; index < tokens.length; index++) {
    if (tokens[index] === '(') depth++;
    if (tokens[index] === ')' && --depth === 0) return index;
  }
  throw new TypeError('a parenthesis of a template is not closed');
}

function operandOf(token: string): Operand {
  if (token.startsWith('`')) return { literal: token.slice(1, -1) };
  if (token.startsWith('"')) return { literal: JSON.parse(token) as string };
  return /^-?\d/.test(token) ? { literal: Number(token) } : { word: token };
}
