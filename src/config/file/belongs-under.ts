import type { Group } from '../options/option.ts';
import { options } from '../options/options.ts';
import { type Path, shownPath } from './option-tree.ts';

/** The top-level keys of a web configuration file, which other exporters read, too. */
const WEB_FILE_KEYS: readonly string[] = ['tls_server_config', 'http_server_config', 'basic_auth_users', 'rate_limit'];

const WEB_FILE = 'it belongs in the file that server.web_config_file names';

/** Where people put an option is rarely further from its place than that. */
const MOST_PLACES = 2;

/**
 * What to do about a name that is no option where it stands, if it is one elsewhere: the nearest place for it. Null if
 * it is an option nowhere, or in many places.
 */
export function belongsUnder(path: Path): string | null {
  const parent = path.slice(0, -1);
  const isOfServer = parent.length === 0 || parent[0] === 'server';
  if (isOfServer && WEB_FILE_KEYS.includes(String(path.at(-1)))) return WEB_FILE;
  const places = holders(String(path.at(-1))).map((place) => ({ place, shared: sharedSteps(place, parent) }));
  const most = Math.max(...places.map(({ shared }) => shared));
  const near = places.filter(({ shared }) => shared === most).map(({ place }) => place);
  const shortest = Math.min(...near.map(({ length }) => length));
  const best = near.filter(({ length }) => length === shortest);
  if (best.length === 0 || best.length > MOST_PLACES) return null;
  return `it belongs ${best.map((place) => where(place, parent.slice(0, most))).join(' or ')}`;
}

/** The paths of all groups that have an option or a group of this name: `*` for any name, `[]` for any entry. */
function holders(name: string, group: Group = options, at: readonly string[] = []): readonly (readonly string[])[] {
  const below = Object.entries(group).flatMap(([key, node]) => {
    if (node.kind === 'option') return [];
    if (node.kind === 'section') return holders(name, node.options, [...at, key]);
    return holders(name, node.item, [...at, key, node.kind === 'map' ? '*' : '[]']);
  });
  return Object.hasOwn(group, name) ? [at, ...below] : below;
}

function sharedSteps(place: readonly string[], path: Path): number {
  const differs = place.findIndex((step, index) => !fits(step, path[index]));
  return differs < 0 ? place.length : differs;
}

function fits(step: string, written: string | number | undefined): boolean {
  if (written === undefined) return false;
  return step === '[]' ? typeof written === 'number' : step === '*' || step === written;
}

function where(place: readonly string[], shared: Path): string {
  if (place.length === 0) return 'at the top of the file';
  const rest = place.slice(shared.length);
  if (rest.at(-1) === '[]') return `to an entry of ${shownPath([...shared, ...rest.slice(0, -1)])}`;
  return `under ${shownPath([...shared, ...rest.map((step) => (step === '*' ? 'NAME' : step))])}`;
}
