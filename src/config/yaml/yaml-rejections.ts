import { type Document, isMap, isNode, isScalar, isSeq, visit } from 'yaml';
import type { YamlAliases } from './yaml-aliases.ts';
import { startOffset } from './yaml-offset.ts';

/** Something that YAML allows and a configuration does not. */
export interface YamlRejection {
  readonly offset: number;
  readonly what: string;
  readonly remedy: string;
}

/**
 * Tags and keys that are not text: a YAML set, ordered map or date would become a value that no option knows, and an
 * option under it would be silently ignored. `!!str` alone is harmless: it says that the value is text.
 */
export function yamlRejections(document: Document.Parsed, text: string, aliases: YamlAliases): YamlRejection[] {
  const rejections: YamlRejection[] = [];
  visit(document, {
    Node(_, node) {
      if (!isNode(node) || node.tag === undefined || node.tag === 'tag:yaml.org,2002:str') return;
      rejections.push({
        offset: tagStart(text, startOffset(node) ?? 0),
        what: 'the file has a tag here, which no option takes',
        remedy: 'leave out what begins with !, and put text in quotes',
      });
    },
    Pair(_, { key, value }) {
      // The parser makes a symbol of a `<<` without quotes.
      if (isScalar(key) && typeof key.value === 'symbol' && !isMerged(value, aliases)) {
        rejections.push({
          offset: startOffset(key) ?? 0,
          what: 'the file merges something with << that is no map',
          remedy: 'name an anchor of a map there, or a list of such',
        });
      }
      if (key === null || isScalar(key) || !isNode(key)) return;
      const offset = startOffset(key) ?? 0;
      if (text.startsWith('{{', offset - 1)) {
        rejections.push({
          offset: offset - 1,
          what: 'the file has {{ here, as in a template that nothing was filled into',
          remedy: 'let the program that fills it in make this file, or put a text with {{ in quotes',
        });
        return;
      }
      const what = isMap(key) ? 'a map' : 'a list';
      rejections.push({
        offset,
        what: `the file has ${what} where the name of an option belongs`,
        remedy: 'write `name: value`; put names with brackets in quotes',
      });
    },
  });
  return rejections;
}

/** Whether a value is a map or a list of maps, directly or through aliases. A dangling alias is reported elsewhere. */
function isMerged(value: unknown, aliases: YamlAliases): boolean {
  const isMapping = (node: unknown) => node === undefined || isMap(node);
  const node = aliases.resolved(value);
  return isMapping(node) || (isSeq(node) && node.items.every((item) => isMapping(aliases.resolved(item))));
}

/** Where the tag before a value begins; the parser only says where the value does. */
function tagStart(text: string, valueAt: number): number {
  const from = Math.max(0, valueAt - 200);
  const tag = /!\S*\s*$/.exec(text.slice(from, valueAt));
  return tag === null ? valueAt : from + tag.index;
}

/** Where a key stands that its map already has, in characters from the start of the file, in the order of the file. */
export function duplicateKeys(document: Document.Parsed): number[] {
  const offsets: number[] = [];
  visit(document, {
    Map(_, { items }) {
      const seen = new Set<unknown>();
      for (const { key } of items) {
        if (!isScalar(key)) continue;
        if (seen.has(key.value)) offsets.push(startOffset(key) ?? 0);
        seen.add(key.value);
      }
    },
  });
  return offsets.toSorted((a, b) => a - b);
}
