import { remedyForJoinedName, remedyForSectionPrefix } from './joined-name.ts';
import { isKeyOfApi, meantByAlias } from './meant-by-alias.ts';
import { nearest, remedyForUnknown } from './nearest.ts';
import { knownKeys, type Path } from './option-tree.ts';
import { quote } from './quote.ts';
import type { Report } from './report.ts';
import type { Tree } from './sources.ts';
import { remedyForWrongSection } from './wrong-section.ts';

/** Reports a name that is no option where it stands, and marks what is missing only because of it. */
export function reportUnknown(path: Path, parent: unknown, report: Report): void {
  const key = String(path.at(-1));
  const above = path.slice(0, -1);
  const known = knownKeys(above);
  report.problem(
    path,
    `unknown option ${quote(key)}`,
    remedyFor(path, { key, known, value: valueIn(parent, key) }),
    'key',
  );
  const has = (name: string) => valueIn(parent, name) !== undefined;
  const alias = meantByAlias(path);
  const meant = alias === null ? nearest(key, known) : 'option' in alias ? alias.option : null;
  if (meant !== null && !has(meant)) report.markInvalid([...above, meant]);
  // What to watch is named, though not where it belongs.
  if (/^environment(?:s|_ids?|_key|_key_file)?$/.test(key)) report.markInvalid(['discovery', 'enabled']);
  if (above.length > 0) return;
  if (isWholeFile(valueIn(parent, key)) && !has('environments')) report.markInvalid(['environments']);
  // The only section for them that a file without connections may leave out.
  if (isKeyOfApi(path) && !has('api') && !has('connections')) report.markInvalid(['connections', 'default', 'api_key']);
}

interface Unknown {
  readonly key: string;
  readonly known: readonly string[];
  readonly value: unknown;
}

function remedyFor(path: Path, { key, known, value }: Unknown): string {
  if (LOOKALIKE.test(key))
    return 'type the line again: a character in it only looks like a space or a colon, or is not shown';
  if (path.length === 1 && nearest(key, known) === null && isWholeFile(value))
    return 'leave it out, and move what is under it to the top of the file';
  const alias = meantByAlias(path);
  if (alias !== null) return 'option' in alias ? `did you mean ${alias.option}?` : alias.remedy;
  return (
    remedyForJoinedName(path) ??
    remedyForUnknown(key, known, () => remedyForWrongSection(path) ?? remedyForSectionPrefix(path))
  );
}

/** What looks like white space or a colon, and separates nothing in YAML. */
const LOOKALIKE = /(?! )[\p{Z}\p{C}\uff1a]/u;

/** Whether somebody put a configuration below a name, as the values of the Helm chart have it below `config`. */
function isWholeFile(value: unknown): boolean {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  const top = knownKeys([]);
  return Object.keys(value).some((key) => top.includes(key));
}

function valueIn(parent: unknown, key: string): unknown {
  const isMap = typeof parent === 'object' && parent !== null && Object.hasOwn(parent, key);
  return isMap ? (parent as Tree)[key] : undefined;
}
