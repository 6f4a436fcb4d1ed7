import { looksLikeKey } from '../../base/key-shape.ts';
import { holdsAny } from './holds-any.ts';
import { isKeyOfApi, meantByAlias } from './meant-by-alias.ts';
import { optionAt, type Path } from './option-tree.ts';
import type { Report } from './report.ts';
import type { Tree } from './sources.ts';

const REMEDY = 'remove it; a key belongs in api_key or environment_key, or in a file that they name';
const REMEDY_OF_NO_SPACE = 'put a colon and a space between the name of the option and the key';
const REMEDY_OF_PATH = 'name a file here; the key itself belongs in that file';

/** Shorter keys are not looked for: they may occur in a word by chance. */
const SHORTEST_KEY = 8;

/**
 * The tree without the values that contain a key where none belongs; each of them is a problem that does not show it.
 * Names of options and labels are checked too. Such values would be published or logged.
 */
export function withoutMisplacedKeys(tree: Tree, report: Report): Tree {
  const clean = (value: unknown, path: Path): unknown => {
    const option = optionAt(path);
    if (option?.secret) return value;
    if (option !== null || typeof value !== 'object' || value === null) {
      const keyPath = pathOfKey(value, path, looksLikeKey);
      // A key under its own name, misspelt or in the wrong section, is reported as an unknown option.
      if (keyPath === null || (option === null && isKeyName(path))) return value;
      report.problem(keyPath, 'seems to contain a key', remedyFor(value, option));
      report.markInvalid(path);
      return undefined;
    }
    if (Array.isArray(value)) return value.map((item, index) => clean(item, [...path, index]) ?? {});
    const entries = Object.entries(value).flatMap(([key, item]) => {
      const at = [...path, key];
      if (looksLikeKey(key)) {
        report.invalidate(at, 'is a name that looks like a key', REMEDY, 'key');
        return [];
      }
      const kept = clean(item, at);
      return kept === undefined && item !== undefined ? [] : [[key, kept]];
    });
    return Object.fromEntries(entries);
  };
  return clean(tree, []) as Tree;
}

function remedyFor(value: unknown, option: ReturnType<typeof optionAt>): string {
  if (option?.type.name === 'path') return REMEDY_OF_PATH;
  return option === null && typeof value === 'string' && KEY_WITHOUT_SPACE.test(value) ? REMEDY_OF_NO_SPACE : REMEDY;
}

/** A whole section that is one text, because its `name: value` has no space or no colon. */
const KEY_WITHOUT_SPACE = /^(?:api|environment)_key\s*[:=]/;

/** Whatever else is wrong with it: `apiKey`, `api-key`, a space that is none, `token`. */
function isKeyName(path: Path): boolean {
  const letters = String(path.at(-1))
    .toLowerCase()
    .replaceAll(/[^a-z]/g, '');
  const meant = meantByAlias(path);
  const option = meant !== null && 'option' in meant ? meant.option : null;
  return KEY_NAMES.includes(letters) || isKeyOfApi(path) || option === 'api_key' || option === 'environment_key';
}

const KEY_NAMES = ['apikey', 'environmentkey'];

/** The same for the configured keys themselves, whatever they look like. */
export function reportCopiesOfKeys(tree: Tree, keys: readonly string[], report: Report): void {
  const holds = holdsAny(keys, { shortest: SHORTEST_KEY });
  const look = (value: unknown, path: Path): void => {
    const option = optionAt(path);
    if (option !== null) {
      const keyPath = option.secret ? null : pathOfKey(value, path, holds);
      // The same text in both places is more likely an id that was also given as the key.
      if (typeof value === 'string' && keyPath !== null && keys.includes(value))
        report.problem(
          keyPath,
          'is also one of the configured keys',
          'if it is the key, remove it here; if it is an id, give the real key there',
        );
      else if (keyPath !== null) report.problem(keyPath, 'has one of the configured keys in it', REMEDY);
    } else if (typeof value === 'object' && value !== null) {
      for (const [key, item] of Object.entries(value)) {
        const at = [...path, Array.isArray(value) ? Number(key) : key];
        // Reported at the parent, because the path of the place would show the key.
        if (holds(key)) report.problem(path, 'has a name below it that is one of the configured keys', REMEDY, 'key');
        else look(item, at);
      }
    }
  };
  look(tree, []);
}

/** Reports keys in the headers of the web configuration file: every answer carries these headers. */
export function reportKeysInHeaders(
  headers: Readonly<Record<string, string>>,
  keys: readonly string[],
  report: Report,
): void {
  const holds = holdsAny(keys, { shortest: SHORTEST_KEY });
  for (const [name, value] of Object.entries(headers)) {
    if (!holds(value)) continue;
    report.problem(['server', 'web_config_file'], `has one of the configured keys in its header ${name}`, REMEDY);
  }
}

/** The path of a text or name below `path` that is such a key; null: none. */
function pathOfKey(value: unknown, path: Path, isKey: (text: string) => boolean): Path | null {
  if (typeof value === 'string') return isKey(value) ? path : null;
  if (typeof value !== 'object' || value === null) return null;
  for (const [key, item] of Object.entries(value)) {
    const at = [...path, Array.isArray(value) ? Number(key) : key];
    // The path that is reported must not contain the key.
    if (isKey(key)) return path;
    const keyPath = pathOfKey(item, at, isKey);
    if (keyPath !== null) return keyPath;
  }
  return null;
}
