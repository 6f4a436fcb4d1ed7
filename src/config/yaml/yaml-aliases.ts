import { type Alias, type Document, isAlias, type Node, visit } from 'yaml';
import type { Tree } from '../file/sources.ts';

/** How often one anchor may be used: by each environment of the largest fleets, or by several of their options. */
const MOST_USES = 100_000;
/** How many values a file may have with its aliases written out. */
const MOST_VALUES = 1_000_000;

/** What each alias of a document stands for, found in one pass: the parser would search the whole document for each. */
export class YamlAliases {
  /** Offsets of the aliases whose anchor does not exist: the parser reports them only when the values are read. */
  readonly dangling: readonly number[];
  readonly #targets = new Map<unknown, Node>();

  constructor(document: Document.Parsed) {
    const anchors = new Map<string, Node>();
    const dangling: number[] = [];
    visit(document, {
      Alias: (_, node: Alias) => {
        const target = anchors.get(node.source);
        if (target === undefined) dangling.push(node.range?.[0] ?? 0);
        else this.#targets.set(node, target);
      },
      Value: (_, node) => {
        if (node.anchor !== undefined) anchors.set(node.anchor, node);
      },
    });
    this.dangling = dangling;
  }

  /** The node itself unless it is an alias; undefined for an alias whose anchor does not exist. */
  resolved(node: unknown): unknown {
    return isAlias(node) ? this.#targets.get(node) : node;
  }
}

/**
 * The plain values; null when aliases cannot be resolved to a finite tree of a bearable size. An alias is the same value
 * as its anchor, so a few lines may stand for a tree too large to be read through.
 */
export function plainTree(document: Document.Parsed): Tree | null {
  try {
    const tree: unknown = document.toJS({ maxAliasCount: MOST_USES });
    return sizeOf(tree, new Map()) <= MOST_VALUES ? (tree as Tree) : null;
  } catch {
    return null;
  }
}

/** How many values a tree has; infinite for one that contains itself. */
function sizeOf(value: unknown, known: Map<object, number>): number {
  if (typeof value !== 'object' || value === null) return 1;
  const before = known.get(value);
  if (before !== undefined) return before;
  // Whoever meets it again before its size is known is within it.
  known.set(value, Number.POSITIVE_INFINITY);
  const size = Object.values(value).reduce((sum: number, each) => sum + sizeOf(each, known), 1);
  known.set(value, size);
  return size;
}
