import type { Variables } from '../file/interpolate.ts';
import { nearest } from '../file/nearest.ts';
import { eachOption } from '../file/option-tree.ts';
import { outsideFiles, type Problem } from '../file/problem.ts';

const PREFIX = 'ANTHROPIC_WORK_EXPORTER_';
const OWN = new RegExp(`^${PREFIX}[A-Z0-9_]{1,40}$`);
/** Read elsewhere: the path of the file, and the commit of an image. */
const ELSEWHERE = [`${PREFIX}CONFIG`, `${PREFIX}REVISION`];
/** Kubernetes tells each pod of a namespace about a Service of this name. */
const OF_A_SERVICE = /_(?:SERVICE_HOST|(?:SERVICE_)?PORT(?:_[A-Z0-9_]+)?)$/;

/**
 * A notice for each variable that has the exporter's own prefix and that nothing reads: a misspelt one would otherwise
 * do nothing without a word.
 * @param used variables that the configuration file names
 */
export function unknownVariables(env: Variables, used: Iterable<string>): Problem[] {
  const known = [...ELSEWHERE];
  eachOption((_, { env: variable }) => {
    if (variable?.counts === 'always') known.push(variable.name);
  });
  const taken = new Set([...known, ...used]);
  const unknown = Object.keys(env).filter((name) => OWN.test(name) && !taken.has(name) && !OF_A_SERVICE.test(name));
  return unknown.toSorted().map((name) => {
    // Without the common prefix, which would make all names similar.
    const near = nearest(withoutPrefix(name), known.map(withoutPrefix));
    const remedy = near === null ? `the exporter reads ${known.join(', ')}` : `did you mean ${PREFIX}${near}?`;
    return { ...outsideFiles(name), what: 'is set, and the exporter reads no variable of this name', remedy };
  });
}

const withoutPrefix = (name: string) => name.slice(PREFIX.length);
