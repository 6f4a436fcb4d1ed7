import type { Complete, Group, Option, OptionNode, Values } from '../options/option.ts';
import { options } from '../options/options.ts';
import { quote } from './quote.ts';

export type Path = readonly (string | number)[];

/** `environments[0].poll.stats_interval`. */
export function pathText(path: Path): string {
  return path.reduce<string>(
    (text, step) => (typeof step === 'number' ? `${text}[${step}]` : text === '' ? step : `${text}.${step}`),
    '',
  );
}

/** The path as it may be shown: a step that may be a misplaced key is masked. */
export function shownPath(path: Path): string {
  return pathText(path.map((step) => (typeof step === 'number' ? step : quote(step).replace(/^"(.*)"$/, '$1'))));
}

/** What the table declares for a path: a group's children, or a node. */
export type Found = { readonly group: Group } | { readonly node: OptionNode } | null;

/** The declaration at a path of the file, or null. Inside a list or map option the option itself is found. */
export function findOption(path: Path): Found {
  let at: Found = { group: options };
  for (const step of path) {
    if (at === null) return null;
    if ('group' in at) at = child(at.group, step);
    else if (at.node.kind === 'option') return at;
    else if (at.node.kind === 'section') at = child(at.node.options, step);
    else at = { group: at.node.item };
  }
  return at;
}

/**
 * The option that a path of the file leads to or into; null for a group, a section, a list, a map, and what is not
 * declared.
 */
export function optionAt(path: Path): Option<unknown> | null {
  const found = findOption(path);
  return found !== null && 'node' in found && found.node.kind === 'option' ? found.node : null;
}

function child(group: Group, step: string | number): Found {
  const node = Object.hasOwn(group, step) ? group[step] : undefined;
  return node === undefined ? null : { node };
}

/** The names that may stand under a path. */
export function knownKeys(path: Path): readonly string[] {
  const found = findOption(path);
  if (found === null) return [];
  if ('group' in found) return Object.keys(found.group);
  return found.node.kind === 'section' ? Object.keys(found.node.options) : [];
}

/** Calls `visit` for every option, with `*` for a name of the user's choice and `[]` for a list. */
export function eachOption(
  visit: (path: string, option: Option<unknown>) => void,
  group: Group = options,
  prefix = '',
): void {
  for (const [key, node] of Object.entries(group)) {
    const path = `${prefix}${key}`;
    if (node.kind === 'option') visit(path, node);
    else if (node.kind === 'section') eachOption(visit, node.options, `${path}.`);
    else eachOption(visit, node.item, node.kind === 'map' ? `${path}.*.` : `${path}[].`);
  }
}

/**
 * Every option of a group, leaf by leaf: from the first layer that sets it, otherwise its default.
 *
 * An option without a default that nobody set is undefined.
 */
export function complete<G extends Group>(group: G, layers: readonly (Values<G> | undefined)[]): Complete<G> {
  const given = layers.filter((layer) => layer !== undefined) as readonly Readonly<Record<string, unknown>>[];
  const entries = Object.entries(group).map(([key, node]) => {
    const values = given.map((layer) => layer[key]).filter((value) => value !== undefined);
    if (node.kind === 'section') return [key, complete(node.options, values as Values<Group>[])];
    if (values.length > 0 || node.kind !== 'option') return [key, values[0]];
    return [key, node.default === undefined ? undefined : node.type.schema.parse(node.default)];
  });
  return Object.fromEntries(entries) as Complete<G>;
}
