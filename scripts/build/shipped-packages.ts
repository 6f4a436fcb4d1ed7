import { readFileSync } from 'node:fs';
import { join, relative } from 'node:path';

/** A package whose code is shipped. */
export interface ShippedPackage {
  readonly name: string;
  readonly version: string;
  /** As an SPDX expression. */
  readonly licence: string;
  /** As in package-lock.json. */
  readonly integrity: string;
  /** Where it is installed. */
  readonly folder: string;
}

interface LockedPackage {
  readonly version?: string;
  readonly license?: string;
  readonly integrity?: string;
  readonly dev?: boolean;
  readonly devOptional?: boolean;
  readonly link?: boolean;
}

/** Of the path of a file: up to the innermost package. */
const PACKAGE = /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+(?=\/)/;

/**
 * The packages of these files, and those that are installed beside the program, sorted by name.
 * @param files - paths of what is in the bundle
 */
export function shippedPackages(root: string, files: readonly string[]): readonly ShippedPackage[] {
  const { packages } = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as {
    readonly packages: Readonly<Record<string, LockedPackage>>;
  };
  const bundled = files.flatMap((file) => PACKAGE.exec(relative(root, file))?.[0] ?? []);
  const installed = Object.entries(packages)
    .filter(([path, { dev, devOptional, link }]) => path !== '' && !(dev || devOptional || link))
    .map(([path]) => path);
  return [...new Set([...bundled, ...installed])]
    .map((path) => {
      const { version, license, integrity } = packages[path] ?? {};
      if (version === undefined || license === undefined || integrity === undefined)
        throw new Error(`package-lock.json does not say version, license and integrity of ${path}`);
      const name = path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length);
      return { name, version, licence: license, integrity, folder: join(root, path) };
    })
    .toSorted((one, other) => one.name.localeCompare(other.name, 'en') || one.version.localeCompare(other.version));
}
