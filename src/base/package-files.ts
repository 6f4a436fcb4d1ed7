import { existsSync } from 'node:fs';

/**
 * A file or folder of the package, by its path from there: of a checkout, or of where the package is installed. The
 * code itself may stand anywhere below: the build puts it into few files of one folder.
 * @throws when no folder above holds a package.json
 */
export function packageFile(path: string): URL {
  let folder = new URL('.', import.meta.url);
  while (!existsSync(new URL('package.json', folder))) {
    if (folder.pathname === '/') throw new Error(`no package.json above ${import.meta.url}`);
    folder = new URL('..', folder);
  }
  return new URL(path, folder);
}

/** A committed file; a check generates it again and compares. */
export interface GeneratedFile {
  /** Relative to the root of the repository. */
  readonly path: string;
  readonly text: string;
}

/**
 * An option of fastify. Its routes have no schemas here: each route checks its own input. Without the option, each
 * start would load two schema compilers, which the bundle does not contain.
 */
export const NO_SCHEMAS = { compilersFactory: { buildValidator: noSchema, buildSerializer: noSchema } } as const;

function noSchema(): never {
  throw new Error('a route has a schema, and nothing compiles it');
}
