import { eachOption, findOption, knownKeys, type Path } from './option-tree.ts';

const plain = (name: string) => name.toLowerCase().replaceAll(/[._-]/g, '');

/**
 * The remedy for a name that is the path of an option written as one word, as in variables and other programs:
 * `log_level`, `log.level` and `loglevel` for `level` under `log`. Null for any other name.
 */
export function remedyForJoinedName(path: Path): string | null {
  const found = optionOf(String(path.at(-1)));
  return found === null ? null : `did you mean ${optionText(found, path.slice(0, -1))}?`;
}

/** The remedy for the name of a section joined with a word that several of its options have: `poll_interval`. */
export function remedyForSectionPrefix(path: Path): string | null {
  const [, section, rest] = /^([a-z]+)[._-](\w+)$/.exec(String(path.at(-1))) ?? [];
  if (section === undefined) return null;
  const keys = knownKeys([section]).filter((key) => `_${key}_`.includes(`_${rest}_`));
  if (keys.length === 0) return null;
  return `did you mean ${keys.length > 1 ? 'one of ' : ''}${keys.join(', ')} under ${section}?`;
}

/** The path of the only option that ends like this; null if there is none or there are several. */
function optionOf(name: string): readonly string[] | null {
  endings ??= endingsOfPaths();
  const found = endings.get(plain(name)) ?? [];
  return found.length === 1 ? found[0]! : null;
}

/** Built once, for the first unknown name: a file may have thousands of them. */
let endings: ReadonlyMap<string, (readonly string[])[]> | null = null;

/** The paths of the options by each ending that has two steps or more, joined into one plain word. */
function endingsOfPaths(): ReadonlyMap<string, (readonly string[])[]> {
  const paths = new Map<string, (readonly string[])[]>();
  eachOption((option) => {
    if (!/^[a-z_.]+$/.test(option)) return;
    const steps = option.split('.');
    const words = new Set(steps.slice(0, -1).map((_, from) => plain(steps.slice(from).join(''))));
    for (const word of words) paths.set(word, [...(paths.get(word) ?? []), steps]);
  });
  return paths;
}

function optionText(steps: readonly string[], parent: Path): string {
  const last = steps.at(-1)!;
  if (findOption([...parent, last]) !== null) return last;
  const isHere = findOption([...parent, ...steps]) !== null;
  return `${last} under ${steps.slice(0, -1).join('.')}${isHere ? '' : ', at the top of the file'}`;
}
