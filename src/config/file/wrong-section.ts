import type { Group } from '../options/option.ts';
import { options } from '../options/options.ts';
import { type Path, shownPath } from './option-tree.ts';

/** The top-level keys of a web configuration file, which other exporters read, too. */
const WEB_FILE_KEYS: readonly string[] = ['tls_server_config', 'http_server_config', 'basic_auth_users', 'rate_limit'];

const WEB_FILE = 'it belongs in the file that server.web_config_file names';

/** An option that more groups have could be meant in any of them. */
const MOST_GROUPS = 2;

/**
 * What to do about a name that is no option where it stands, if other groups have it: the nearest of them. Null if
 * no group has it, or many do.
 */
export function remedyForWrongSection(path: Path): string | null {
  const parent = path.slice(0, -1);
  const isOfServer = parent.length === 0 || parent[0] === 'server';
  if (isOfServer && WEB_FILE_KEYS.includes(String(path.at(-1)))) return WEB_FILE;
  const groups = groupsWith(String(path.at(-1))).map((group) => ({ group, shared: sharedSteps(group, parent) }));
  const most = Math.max(...groups.map(({ shared }) => shared));
  const near = groups.filter(({ shared }) => shared === most).map(({ group }) => group);
  const shortest = Math.min(...near.map(({ length }) => length));
  const best = near.filter(({ length }) => length === shortest);
  if (best.length === 0 || best.length > MOST_GROUPS) return null;
  return `it belongs ${best.map((group) => where(group, parent.slice(0, most))).join(' or ')}`;
}

/** The paths of all groups that have an option or a group of this name: `*` for any name, `[]` for any entry. */
function groupsWith(name: string, group: Group = options, at: readonly string[] = []): readonly (readonly string[])[] {
  const below = Object.entries(group).flatMap(([key, node]) => {
    if (node.kind === 'option') return [];
    if (node.kind === 'section') return groupsWith(name, node.options, [...at, key]);
    return groupsWith(name, node.item, [...at, key, node.kind === 'map' ? '*' : '[]']);
  });
  return Object.hasOwn(group, name) ? [at, ...below] : below;
}

function sharedSteps(group: readonly string[], path: Path): number {
  const differs = group.findIndex((step, index) => !fits(step, path[index]));
  return differs < 0 ? group.length : differs;
}

function fits(step: string, written: string | number | undefined): boolean {
  if (written === undefined) return false;
  return step === '[]' ? typeof written === 'number' : step === '*' || step === written;
}

function where(group: readonly string[], shared: Path): string {
  if (group.length === 0) return 'at the top of the file';
  const rest = group.slice(shared.length);
  if (rest.at(-1) === '[]') return `to an entry of ${shownPath([...shared, ...rest.slice(0, -1)])}`;
  return `under ${shownPath([...shared, ...rest.map((step) => (step === '*' ? 'NAME' : step))])}`;
}
