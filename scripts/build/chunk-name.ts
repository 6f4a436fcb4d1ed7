import { statSync } from 'node:fs';

/** What rolldown tells of a file before it writes it. */
export interface ChunkContents {
  /** After one of its modules, whichever that is. */
  readonly name: string;
  /** Loaded when it is needed. */
  readonly isDynamicEntry: boolean;
  /** Paths of what is in it; what rolldown adds itself begins with a NUL. */
  readonly moduleIds: readonly string[];
}

/** A file is named after a package that makes up at least this fraction of it: fastify brings many small ones. */
const LEAST_OF_PACKAGE = 0.3;
const PACKAGE = /^.*\/node_modules\/((?:@[^/]+\/)?[^/]+)\//;
/** The module that puts the program together: everything that each run of the exporter needs is in the same file. */
const APP = /\/src\/app\/app\.ts$/;

/**
 * What a file of dist/ is called, without its ending. Traces of errors, profiles and lists of open files name these
 * files: one that holds fastify should not be called `random`, after some small module that is in it too.
 *
 * @param sizeOf - bytes of a module's source
 */
export function chunkName(
  { name, isDynamicEntry, moduleIds }: ChunkContents,
  sizeOf: (path: string) => number = (path) => statSync(path).size,
): string {
  if (isDynamicEntry) return name;
  if (moduleIds.some((id) => APP.test(id))) return 'exporter';
  const sizes = new Map<string, number>();
  let whole = 0;
  for (const id of moduleIds.filter((id) => !id.startsWith('\0'))) {
    const size = sizeOf(id);
    const owner = PACKAGE.exec(id)?.[1] ?? '';
    sizes.set(owner, (sizes.get(owner) ?? 0) + size);
    whole += size;
  }
  const [largest] = [...sizes].toSorted(([, a], [, b]) => b - a);
  const isOfPackage = largest !== undefined && largest[0] !== '' && largest[1] >= LEAST_OF_PACKAGE * whole;
  return isOfPackage ? largest[0].replace('@', '').replace('/', '-') : name;
}
