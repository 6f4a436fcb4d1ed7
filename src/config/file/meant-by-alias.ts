import { KEY_OF_API, type Meant, OPTION_ALIASES } from './option-aliases.ts';
import type { Path } from './option-tree.ts';

/** What is meant by a name that is unknown at its place; null if this table does not have it. */
export function meantByAlias(path: Path): Meant | null {
  const names = OPTION_ALIASES[sectionOf(path.slice(0, -1))] ?? {};
  const written = String(path.at(-1)).toLowerCase().replaceAll(/[_-]/g, '');
  return Object.hasOwn(names, written) ? names[written]! : null;
}

/** Whether a name beside the sections stands for a key that belongs under `api`. */
export function isKeyOfApi(path: Path): boolean {
  return meantByAlias(path) === KEY_OF_API;
}

function sectionOf(parent: Path): string {
  const [section = 'top', name] = parent;
  if (parent.length <= 1) return section === 'api' ? 'connection' : String(section);
  if (parent.length > 2) return '';
  if (section === 'connections') return 'connection';
  return section === 'environments' && typeof name === 'number' ? 'environment' : '';
}
